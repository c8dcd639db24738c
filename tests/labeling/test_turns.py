"""One's turn: saying what it is, ruling, flagging, and one after another in the labeling room."""

from uuid import uuid4

import pytest
from django.urls import reverse

from labeling.actions import identifications
from labeling.models import Flag, Identification, Ruling
from species.models import Occurrence, Status
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, get, guess, links, queries, read


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


class TestSayingWhatItIs:
    def post(self, client, occurrence, **data):
        data = {"confidence": "likely"} | data
        return client.post(reverse("identify", args=[occurrence.pk]), data)

    def test_by_a_typed_name(self, client, occurrence, tree, bob):
        answer = self.post(as_person(client, bob), occurrence, name="brown TROUT", note="Spots.")
        assert answer.status_code == 302
        assert answer["Location"] == f"{occurrence.observation.get_absolute_url()}#o-{occurrence.pk}"
        said = Identification.objects.get()
        assert (said.person, said.taxon, said.note) == (bob, tree["brown_trout"], "Spots.")
        assert (
            "You said brown trout. Still think so?"
            in get(client, "observation", occurrence.observation_id).text
        )

    def test_by_a_radio_and_what_is_typed_goes_first(self, client, occurrence, tree, bob):
        as_person(client, bob)
        self.post(client, occurrence, likely="chub", confidence="sure")
        self.post(client, occurrence, likely="chub", name="Abramis brama")
        standing = Identification.objects.get(withdrawn_at=None)
        assert standing.taxon == tree["bream"] and Identification.objects.count() == 2

    def test_the_verdict_follows_at_once(self, client, occurrence, tree, alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        self.post(as_person(client, bob), occurrence, likely="chub")
        page = get(client, "observation", occurrence.observation_id)
        assert "Both say chub." in page.text and page.all("span", class_="is-verified")

    def test_a_group_and_surely_not_one_in_it(self, client, occurrence, tree, alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        rejected = str(tree["brown_trout"].pk)
        self.post(
            as_person(client, bob),
            occurrence,
            name="Salmonidae",
            disagrees_with=rejected,
            cannot_improve="on",
        )
        said = Identification.objects.get(person=bob)
        assert said.disagrees_with == tree["brown_trout"] and said.cannot_improve
        page = get(client, "observation", occurrence.observation_id)
        assert "It is not brown trout." in page.text and "can’t be named more closely" in page.text

    def test_what_was_on_screen_is_recorded(self, client, occurrence, photo, tree, bob):
        suggestion = guess(photo, tree, ("chub", 0.9))
        page = get(as_person(client, bob), "observation", occurrence.observation_id)
        [hidden] = page.all("input", name="suggestion")
        assert hidden["value"] == str(suggestion.pk)
        self.post(client, occurrence, likely="chub", suggestion=hidden["value"])
        assert Identification.objects.get().suggestion_on_screen == suggestion
        page = get(client, "observation", occurrence.observation_id)
        assert "The model’s opinion was on screen." in page.text

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            ({}, "Choose a name, or type one."),
            (
                {"name": "unicorn"},
                "No taxon here is called “unicorn”. Check the spelling, or name a group it belongs to.",
            ),
            ({"name": "chub", "confidence": "very"}, "Select a valid choice"),
            ({"name": "chub", "suggestion": str(uuid4())}, "The model’s opinion has changed meanwhile."),
            ({"name": "chub", "suggestion": "7"}, "Enter a valid UUID"),
            ({"name": "chub", "suggestion": "another photo's"}, "This guess is about another photo."),
            (
                {"name": "Salmo trutta", "disagrees_with": "brown"},
                "This would reject the very name you give.",
            ),
        ],
    )
    def test_bad_input_loses_nothing(self, client, occurrence, tree, alice, bob, data, why):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        if data.get("suggestion") == "another photo's":
            other = universe.sighting(alice, seed="other").photos.get()
            data = data | {"suggestion": str(guess(other, tree, ("chub", 0.9)).pk)}
        if data.get("disagrees_with"):
            data = data | {"disagrees_with": str(tree["brown_trout"].pk)}
        answer = self.post(as_person(client, bob), occurrence, **({"note": "A long note."} | data))
        assert answer.status_code == 400
        page = read(answer)
        assert why in page.text and "A long note." in page.text
        assert not Identification.objects.filter(person=bob).exists()

    def test_htmx_gets_the_page_with_what_is_wrong(self, client, occurrence, tree, bob):
        as_person(client, bob)
        address = reverse("identify", args=[occurrence.pk])
        answer = client.post(address, {"note": "Kept."}, headers={"HX-Request": "true"})
        assert answer.status_code == 200, "htmx swaps nothing in that is not a 200"
        page = read(answer)
        assert f"o-{occurrence.pk}" in page.ids and "Choose a name, or type one." in page.text

    @pytest.mark.parametrize("who", PEOPLE)
    @pytest.mark.parametrize("state", ["published", "draft"])
    def test_who_may(self, client, occurrence, tree, people, who, state):
        if state == "draft":
            universe.take_everything_back()
        answer = self.post(as_person(client, people[who]), occurrence, likely="chub")
        if who == "anonymous":
            assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
        elif state == "draft" and who != "owner":
            assert answer.status_code == 404
        else:
            assert answer.status_code == 302
        assert Identification.objects.count() == (
            who != "anonymous" and (state == "published" or who == "owner")
        )

    def test_who_logs_in_comes_back_to_the_page(self, client, occurrence, tree):
        page = f"http://testserver{occurrence.observation.get_absolute_url()}"
        address = reverse("identify", args=[occurrence.pk])
        answer = client.post(address, {"likely": "chub"}, headers={"referer": page})
        assert occurrence.observation.get_absolute_url() in answer["Location"]
        answer = client.post(address, {"next": "https://elsewhere.example/"})
        assert "elsewhere" not in answer["Location"]

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may_take_back_what_the_owner_said(self, client, occurrence, tree, people, who):
        said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=people["owner"])
        answer = as_person(client, people[who]).post(reverse("withdraw_identification", args=[said.pk]))
        assert answer.status_code == (302 if who in ("owner", "anonymous") else 403)
        said.refresh_from_db()
        assert (said.withdrawn_at is not None) == (who == "owner")


class TestRuling:
    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may(self, client, occurrence, tree, people, who):
        data = {"name": "Huchen", "reason": "The head."}
        answer = as_person(client, people[who]).post(reverse("rule", args=[occurrence.pk]), data)
        rules = who in ("reviewer", "admin")
        assert answer.status_code == (302 if rules or who == "anonymous" else 403)
        assert Ruling.objects.count() == rules
        if rules:
            ruling = Ruling.objects.get()
            page = get(client, "observation", occurrence.observation_id)
            assert "A reviewer ruled: huchen." in page.text
            assert client.post(reverse("withdraw_ruling", args=[ruling.pk])).status_code == 302
            occurrence.refresh_from_db()
            assert occurrence.status == Status.NEEDS_ID

    def test_never_on_ones_own_upload(self, client, rita, tree):
        own = universe.sighting(rita, seed="hers").occurrences.get()
        page = get(as_person(client, rita), "observation", own.observation_id)
        assert reverse("rule", args=[own.pk]) not in [each.get("action") for each in page.all("form")]
        answer = client.post(reverse("rule", args=[own.pk]), {"name": "chub", "reason": "Mine."})
        assert answer.status_code == 403 and not Ruling.objects.exists()

    def test_that_it_cannot_be_settled(self, client, occurrence, rita):
        data = {"unsettled": "on", "reason": "Too murky."}
        as_person(client, rita).post(reverse("rule", args=[occurrence.pk]), data)
        assert "ruled that it can’t be settled" in get(client, "observation", occurrence.observation_id).text

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            ({"name": "chub"}, "Say why; others will read it."),
            ({"reason": "The head."}, "Give a name, or say that it can’t be settled"),
            ({"reason": "The head.", "name": "chub", "unsettled": "on"}, "one of the two"),
            ({"reason": "The head.", "name": "unicorn"}, "No taxon here is called"),
        ],
    )
    def test_bad_input_loses_nothing(self, client, occurrence, tree, rita, data, why):
        answer = as_person(client, rita).post(reverse("rule", args=[occurrence.pk]), data)
        assert answer.status_code == 400
        page = read(answer)
        assert why in page.text and data.get("reason", "") in page.text
        assert not Ruling.objects.exists()


class TestFlags:
    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may(self, client, photo, people, who):
        address = reverse("flag", args=[photo.pk])
        answer = as_person(client, people[who]).post(address, {"kind": "person", "reason": "A face."})
        assert answer.status_code == 302
        assert Flag.objects.count() == (who != "anonymous")

    def test_not_on_what_one_does_not_see(self, client, photo, charlie):
        universe.take_everything_back()
        answer = as_person(client, charlie).post(reverse("flag", args=[photo.pk]), {"kind": "person"})
        assert answer.status_code == 404 and not Flag.objects.exists()

    def test_something_else_needs_words(self, client, photo, charlie):
        answer = as_person(client, charlie).post(reverse("flag", args=[photo.pk]), {"kind": "other"})
        assert answer.status_code == 400 and "Say what is wrong." in read(answer).text


class TestTheLabelingRoom:
    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_is_asked(self, client, occurrence, people, who):
        client = as_person(client, people[who])
        if who == "anonymous":
            assert client.get(reverse("label"))["Location"].startswith(reverse("account_login"))
            return
        page = get(client, "label")
        asked = bool(page.all("input", name="occurrence"))
        assert asked == (who != "owner"), "nobody is asked about their own"
        assert ("Nothing waits for you" in page.text) == (who == "owner")

    def test_a_name_is_saved_and_the_next_one_asked(self, client, occurrence, tree, alice, bob):
        universe.sighting(alice, seed="second")
        as_person(client, bob)
        first = get(client, "label").all("input", name="occurrence")[0]["value"]
        answer = client.post(
            reverse("label"), {"occurrence": first, "likely": "chub", "confidence": "likely"}
        )
        said = Identification.objects.get()
        assert answer.status_code == 302 and str(said.occurrence_id) == first
        page = read(client.get(answer["Location"]))
        assert page.all("input", name="occurrence")[-1]["value"] != first
        assert "Chub, saved." in page.text and "1 today. 1 left." in page.text

    def test_the_identification_is_covered_until_it_is_asked_for(self, client, occurrence, photo, tree, bob):
        suggestion = guess(photo, tree, ("chub", 0.9), ("bream", 0.1))
        page = get(as_person(client, bob), "label")
        assert "is covered until you answer" in page.text and "0.900" not in page.text
        assert not page.all("input", name="suggestion")[0].get("value")
        [show] = [each for each in links(page) if "show=1" in each]
        page = read(client.get(show))
        assert "0.900" in page.text
        assert page.all("input", name="suggestion")[0]["value"] == str(suggestion.pk)
        data = {
            "occurrence": occurrence.pk,
            "name": "chub",
            "confidence": "likely",
            "suggestion": suggestion.pk,
        }
        client.post(reverse("label"), data)
        assert Identification.objects.get().model_on_screen == "resnet34-v7"

    def test_what_models_doubt_most_comes_first(self, client, alice, bob, tree):
        sure, unsure, unseen = (universe.sighting(alice, seed=each) for each in ("sure", "unsure", "unseen"))
        guess(sure.photos.get(), tree, ("chub", 0.99))
        guess(unsure.photos.get(), tree, ("chub", 0.4))
        as_person(client, bob)
        order = []
        for _ in range(3):
            asked = get(client, "label").all("input", name="occurrence")[0]["value"]
            order.append(Occurrence.objects.get(pk=asked).observation_id)
            client.post(reverse("label"), {"occurrence": asked, "then": "skip"})
        assert order == [unseen.pk, unsure.pk, sure.pk]
        page = get(client, "label")
        assert "You skipped 3." in page.text
        client.post(reverse("label"), {"then": "again"})
        assert get(client, "label").all("input", name="occurrence")

    def test_settled_ones_are_asked_of_nobody(self, client, occurrence, tree, alice, charlie, bob):
        for person in (alice, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
        assert "Nothing waits for you" in get(as_person(client, bob), "label").text

    def test_not_what_the_site_is_about(self, client, occurrence, photo, bob):
        as_person(client, bob).post(reverse("label"), {"occurrence": occurrence.pk, "then": "not_subject"})
        flag = Flag.objects.get()
        assert (flag.kind, flag.by, flag.photo.observation_id) == (
            "not_subject",
            bob,
            occurrence.observation_id,
        )

    def test_bad_input_loses_nothing(self, client, occurrence, photo, tree, bob):
        data = {"occurrence": occurrence.pk, "name": "unicorn", "confidence": "guess", "note": "One horn."}
        answer = as_person(client, bob).post(reverse("label"), data)
        assert answer.status_code == 400
        page = read(answer)
        assert "No taxon here is called “unicorn”" in page.text and "One horn." in page.text
        assert page.all("input", name="name")[0]["value"] == "unicorn"

    @pytest.mark.parametrize("query", [{"occurrence": "x"}, {"kind": "name", "id": "x"}, {"photo": "x"}])
    def test_a_broken_address_asks_the_next_one(self, client, occurrence, bob, query):
        assert get(as_person(client, bob), "label", **query).all("input", name="occurrence")

    def test_the_number_of_queries_does_not_grow(self, client, alice, bob, charlie, tree):
        as_person(client, bob)
        for number in range(2):
            occurrence = universe.sighting(alice, seed=number, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        one = queries(client, reverse("label"))
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie)
        one = max(one, queries(client, reverse("label")))
        for number in range(2, 6):
            each = universe.sighting(alice, seed=number, photos=2, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=each, taxon=tree["bream"], by=alice)
        assert queries(client, reverse("label")) <= one <= 14
