"""The pages of labeling: who sees what, what each form does, and what happens to bad input."""

import re
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from labeling.actions import boxes, identifications, rulings
from labeling.actions.suggestions import suggest
from labeling.models import Flag, Identification, Ruling
from species.actions import observations, photos
from species.models import Observation, Occurrence, Place, Status
from tests import universe
from tests.config.pages import Page
from tests.labeling.browsing import PEOPLE, as_person, get, links, queries, read


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


def guess(photo, tree, *answers, taxon=None, source="resnet34-v7"):
    taxon = tree[answers[0][0]] if taxon is None else taxon
    said = [{"label": label, "probability": probability} for label, probability in answers]
    return suggest(photo=photo, source=source, answers=said, taxon=taxon, uncertainty=1 - answers[0][1])


class TestTheGallery:
    def test_shows_published_sightings_to_everybody(self, client, occurrence, alice):
        universe.sighting(alice, seed="draft", published=False)
        universe.sighting(alice, seed="private", consents=[])
        page = get(client, "gallery")
        assert links(page).count(occurrence.observation.get_absolute_url()) == 1
        assert len(page.all("article")) == 1
        assert "Not named yet" in page.text

    def test_the_owner_sees_their_withdrawn_photo_and_no_draft(self, client, occurrence, alice):
        universe.sighting(alice, seed="draft", published=False)
        universe.sighting(alice, seed="private", consents=[])
        assert len(get(as_person(client, alice), "gallery").all("article")) == 2

    def test_names_and_counts(self, client, occurrence, tree, alice, bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        page = get(client, "gallery")
        assert "Brown trout Salmo trutta" in page.text and "1 of 2" in page.text
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=bob)
        page = get(client, "gallery")
        assert "1 sighting, 1 species verified" in page.text
        assert "2 of 2" in page.text and page.all("span", class_="is-verified")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "trout"}, True),
            ({"q": "褐鳟"}, True),
            ({"q": "chub"}, False),
            ({"q": "Alice"}, True),
            ({"q": "Salmo"}, True),
            ({"taxon": "salmonidae"}, True),
            ({"taxon": "Brown trout"}, True),
            ({"taxon": "Rainbow trout"}, False),
            ({"taxon": "Salmo fario"}, True),
            ({"status": "verified"}, False),
            ({"status": "needs_id"}, True),
            ({"who": "lic"}, True),
            ({"who": "Bob"}, False),
            ({"since": "2015-10-10", "until": "2015-10-10"}, True),
            ({"since": "2015-10-11"}, False),
            ({"month": "10"}, True),
            ({"month": ["4", "10"]}, True),
            ({"month": "4"}, False),
            ({"bbox": "11.3,47.2,11.4,47.3"}, True),
            ({"bbox": "11.36,47.26,11.4,47.3"}, False),
            ({"bbox": "170,-10,-170,60"}, False),
        ],
    )
    def test_filters(self, client, occurrence, tree, alice, query, found):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        page = get(client, "gallery", **query)
        assert bool(page.all("article")) == found
        chips = page.all("a", class_="chip")
        assert chips and all("after" not in (each["href"] or "") for each in chips)
        if not found:
            assert "Nobody has seen that here yet" in page.text

    def test_a_chip_removes_its_own_filter_only(self, client, tree):
        page = get(client, "gallery", q="trout", status="verified", month=["4", "5"])
        removing = {each["aria-label"]: each["href"] for each in page.all("a", class_="chip")}
        assert removing["Remove filter Verified"] == f"{reverse('gallery')}?q=trout&month=4&month=5"
        assert removing["Remove filter Apr, May"] == f"{reverse('gallery')}?q=trout&status=verified"

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ({"taxon": "unicorn"}, "No taxon here is called “unicorn”"),
            ({"since": "yesterday"}, "Enter a valid date"),
            ({"since": "2020-02-01", "until": "2020-01-01"}, "The end lies before the beginning."),
            ({"bbox": "1,2,3"}, "Four numbers with commas"),
            ({"bbox": "1,nan,3,4"}, "Degrees: west and east"),
            ({"month": "13"}, "Select a valid choice"),
            ({"status": "nearly"}, "Select a valid choice"),
            ({"after": "page two"}, "This address is broken."),
        ],
    )
    def test_a_bad_filter_is_said_and_nothing_typed_is_lost(self, client, occurrence, tree, query, why):
        page = get(client, "gallery", expect=400, **({"place": "Ybbs"} | query))
        assert why in page.text
        assert page.all("input", name="place")[0]["value"] == "Ybbs"

    def test_a_hidden_place_is_found_by_no_search(self, client, occurrence, alice):
        observation = occurrence.observation
        secret = Place.objects.create(name="Third bend of the Sill", uncertainty_m=30)
        observations.describe(observation=observation, by=alice, place=secret)
        assert "Third bend" not in get(client, "gallery").text
        assert not get(client, "gallery", place="bend").all("article")
        assert not get(client, "gallery", q="third bend").all("article")
        wide = Place.objects.create(name="Upper Inn basin", uncertainty_m=60_000)
        observations.describe(observation=observation, by=alice, place=wide)
        assert "Upper Inn basin" in get(client, "gallery", place="inn basin").text
        observations.describe(observation=observation, by=alice, privacy="private")
        assert not get(client, "gallery", place="inn basin").all("article")
        observations.describe(observation=observation, by=alice, place=secret, privacy="open")
        assert "Third bend" in get(client, "gallery", q="third bend").text

    def test_pages_follow_each_other_whatever_is_added_meanwhile(self, client, alice, monkeypatch):
        monkeypatch.setattr("labeling.views.gallery.PER_PAGE", 2)
        for number in range(5):
            universe.sighting(alice, seed=number, size=(64, 32))
        moment = Occurrence.objects.first().created
        Occurrence.objects.update(created=moment)  # the id alone tells them apart
        address, seen = reverse("gallery"), []
        while address:
            page = Page(client.get(address).content.decode())
            seen += [each for each in links(page) if "/sightings/" in each]
            following = page.all("a", rel="next")
            address = following[0]["href"] if following else ""
            if len(seen) == 2:
                universe.sighting(alice, seed="newer", size=(64, 32))
        assert len(seen) == 5 == len(set(seen))

    def test_the_number_of_queries_does_not_grow(self, client, alice, tree, bob):
        first = universe.sighting(alice, seed=0, size=(64, 32)).occurrences.get()
        identifications.add(occurrence=first, taxon=tree["chub"], by=bob)
        one = queries(client, reverse("gallery"))
        for number in range(1, 6):
            each = universe.sighting(alice, seed=number, photos=2, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=each, taxon=tree["brown_trout"], by=bob)
        assert queries(client, reverse("gallery")) == one <= 8


class TestASighting:
    SEES = {
        "published": PEOPLE,
        "withdrawn from show": ["owner", "colleague", "reviewer", "admin"],
        "draft": ["owner"],
    }

    @pytest.mark.parametrize("who", PEOPLE)
    @pytest.mark.parametrize("what", SEES)
    def test_who_sees_it(self, client, occurrence, people, what, who):
        if what == "draft":
            Observation.objects.update(state="draft", published_at=None)
        if what == "withdrawn from show":
            for photo in occurrence.photos.all():
                photos.say(photo=photo, purpose="show", granted=False, by=people["owner"])
        status = 200 if who in self.SEES[what] else 404
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id, expect=status)
        if status == 200:
            assert page.all("img"), "its photo is not on it"

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_sees_the_exact_place(self, client, occurrence, people, who):
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id)
        exact = who in ("owner", "colleague", "reviewer", "admin")
        assert ("47.2681, 11.3933" in page.text) == exact
        assert ("exact place kept" in page.text) != exact
        assert "11 km around 47.25, 11.35" in page.text

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_is_offered_what(self, client, occurrence, people, who):
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id)
        actions = [each.get("action") for each in page.all("form")]
        offered = {name for name in ("identify", "rule") if reverse(name, args=[occurrence.pk]) in actions}
        may = {"identify"} if who != "anonymous" else set()
        assert offered == may | ({"rule"} if who in ("reviewer", "admin") else set())
        second = reverse("add_occurrence", args=[occurrence.observation_id])
        assert (second in actions) == (who in ("owner", "admin"))
        assert ("Log in and say what it is" in page.text) == (who == "anonymous")

    def test_time_with_its_zone_and_a_way_to_cite_it(self, client, occurrence):
        page = get(client, "observation", occurrence.observation_id)
        assert "10 Oct 2015, 14:30 +02:00" in page.text
        assert "Photos by Alice, CC BY 4.0." in page.text
        assert (
            f"Alice (2015). Without a name yet. Aqua Vision, sighting {occurrence.observation_id}"
            in page.text
        )

    def test_a_time_without_a_zone_says_so(self, client, alice):
        sighting = universe.sighting(alice, observed_at=datetime(2015, 5, 1, 7, 0))
        assert "1 May 2015, 07:00 zone not known" in get(client, "observation", sighting.pk).text

    def test_everything_that_was_said_stands_in_the_thread(
        self, client, occurrence, tree, alice, bob, charlie, rita
    ):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice, note="Red spots.")
        first = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        identifications.withdraw(identification=first, by=bob)
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie, confidence="sure")
        ruling = rulings.rule(occurrence=occurrence, taxon=tree["huchen"], reason="The head.", by=rita)
        page = get(client, "observation", occurrence.observation_id)
        for words in ("Red spots.", "took it back", "The head.", "A reviewer ruled: huchen."):
            assert words in page.text
        rulings.withdraw(ruling=ruling, by=rita)
        page = get(client, "observation", occurrence.observation_id)
        assert "People disagree: one says" in page.text and "The head." in page.text
        assert len(page.all("div", class_="gone")) == 2

    def test_the_opinion_of_the_model_names_it(self, client, occurrence, photo, tree):
        guess(photo, tree, ("brown_trout", 0.7525), ("chub", 0.2))
        page = get(client, "observation", occurrence.observation_id)
        assert "a guess, never a vote" in page.text and "0.752" in page.text and "resnet34-v7" in page.text

    def test_boxes_are_drawn_on_their_photo_only(self, client, occurrence, photo, alice):
        boxes.draw(occurrence=occurrence, photo=photo, by=alice, x=0.1, y=0.2, width=0.5, height=0.5)
        page = get(client, "observation", occurrence.observation_id)
        assert page.all("rect", class_="box", x="10.00%", width="50.00%")
        other = occurrence.photos.order_by("position").last()
        assert not get(client, "observation", occurrence.observation_id, photo=other.pk).all(
            "rect", class_="box"
        )

    def test_every_organism_has_its_own_part(self, client, occurrence, alice, tree, bob):
        photo = occurrence.photos.first()
        as_person(client, alice)
        where = reverse("add_occurrence", args=[occurrence.observation_id])
        assert client.post(where, {"photos": [str(photo.pk)]}).status_code == 302
        second = Occurrence.objects.exclude(pk=occurrence.pk).get()
        identifications.add(occurrence=second, taxon=tree["chub"], by=bob)
        page = get(client, "observation", occurrence.observation_id)
        assert "2 fish in one sighting" in page.text and "Fish 2: Chub" in page.text
        assert {f"o-{occurrence.pk}", f"o-{second.pk}"} <= set(page.ids)
        page = read(client.post(where, {"photos": [str(uuid4())]}))
        assert "Select a valid choice" in page.text
        assert Occurrence.objects.count() == 2

    def test_the_number_of_queries_does_not_grow(
        self, client, alice, bob, charlie, rita, tree, occurrence, photo
    ):
        elsewhere = universe.sighting(alice, seed="elsewhere").occurrences.get()
        rulings.rule(occurrence=elsewhere, taxon=tree["chub"], reason="Seen.", by=rita)
        as_person(client, bob)
        page = reverse("observation", args=[occurrence.observation_id])
        guess(photo, tree, ("chub", 0.9), ("brown_trout", 0.1))
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        one = queries(client, page)
        for person in (bob, charlie, rita):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
        guess(photo, tree, ("brown_trout", 0.9), ("chub", 0.1), source="resnet34-v8")
        as_person(client, alice).post(
            reverse("add_occurrence", args=[occurrence.observation_id]), {"photos": [str(photo.pk)]}
        )
        identifications.add(occurrence=occurrence.observation.occurrences.last(), taxon=tree["chub"], by=rita)
        assert queries(as_person(client, bob), page) <= one <= 32


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
            ({"name": "unicorn"}, "No taxon here is called “unicorn”. Add it to the tree first."),
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
            Observation.objects.update(state="draft", published_at=None)
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
        Observation.objects.update(state="draft", published_at=None)
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
        assert page.all("input", name="occurrence")[0]["value"] != first
        assert "Chub, saved." in page.text and "1 today. 1 left." in page.text
        undo = reverse("withdraw_identification", args=[said.pk])
        answer = client.post(undo, {"next": f"{reverse('label')}?occurrence={first}"})
        assert read(client.get(answer["Location"])).all("input", name="occurrence")[0]["value"] == first

    def test_the_opinion_is_covered_until_it_is_asked_for(self, client, occurrence, photo, tree, bob):
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
        assert "You passed over 3." in page.text
        client.post(reverse("label"), {"then": "again"})
        assert get(client, "label").all("input", name="occurrence")

    def test_settled_ones_are_asked_of_nobody(self, client, occurrence, tree, alice, charlie, bob):
        for person in (alice, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
        assert "Nothing waits for you" in get(as_person(client, bob), "label").text
        data = {"occurrence": occurrence.pk, "name": "bream", "confidence": "likely"}
        assert client.post(reverse("label"), data).status_code == 302
        assert not Identification.objects.filter(person=bob).exists()

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

    @pytest.mark.parametrize("query", [{"occurrence": "x"}, {"saved": "x"}, {"photo": "x"}])
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
        assert queries(client, reverse("label")) <= one <= 20


class TestOnesOwnPhotos:
    def test_drafts_first_then_what_became_of_them(self, client, occurrence, tree, alice, bob, charlie):
        universe.sighting(alice, seed="draft", published=False, local_date=date(2020, 5, 1))
        for person in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
        universe.sighting(bob, seed="not hers")
        page = get(as_person(client, alice), "my_uploads")
        assert "Both say brown trout." in page.text and page.all("span", class_="is-verified")
        assert page.text.index("1 May 2020") < page.text.index("Both say")
        assert len(page.all("article")) == 1

    def test_nobody_elses_without_logging_in(self, client):
        assert client.get(reverse("my_uploads"))["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may_change_consents(self, client, photo, people, who):
        address = reverse("photo_consents", args=[photo.pk])
        answer = as_person(client, people[who]).post(address, {"consents": ["show"]})
        expected = {"owner": 302, "anonymous": 302}.get(who, 404)
        assert answer.status_code == expected
        granted = set(
            photo.consents.filter(superseded_at=None, granted=True).values_list("purpose", flat=True)
        )
        assert granted == ({"show"} if who == "owner" else {"show", "research", "train"})

    def test_withdrawn_it_is_seen_by_nobody_else(self, client, occurrence, alice):
        as_person(client, alice)
        for photo in occurrence.photos.all():
            client.post(
                reverse("photo_consents", args=[photo.pk]), {"then": "withdraw", "consents": ["show"]}
            )
        assert "Withdrawn" in get(client, "my_uploads").text
        get(as_person(client, None), "observation", occurrence.observation_id, expect=404)

    def test_without_a_licence_it_is_only_shown(self, client, photo, alice):
        photos.relicense(photo=photo, licence="NONE", by=alice)
        address = reverse("photo_consents", args=[photo.pk])
        answer = as_person(client, alice).post(address, {"consents": ["show", "train"]})
        assert answer.status_code == 400
        assert "A photo without a licence is used nowhere else." in read(answer).text
        assert not photo.consents.filter(purpose="train", superseded_at=None, granted=True).exists()

    def test_the_number_of_queries_does_not_grow(self, client, alice, bob, tree):
        as_person(client, alice)
        occurrence = universe.sighting(alice, seed=0, size=(64, 32)).occurrences.get()
        universe.sighting(alice, seed="draft", published=False, size=(64, 32))
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        one = queries(client, reverse("my_uploads"))
        for number in range(1, 5):
            each = universe.sighting(alice, seed=number, photos=2, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=each, taxon=tree["brown_trout"], by=bob)
            universe.sighting(alice, seed=f"draft {number}", published=False, size=(64, 32))
        assert queries(client, reverse("my_uploads")) == one <= 16


def test_no_page_names_what_the_site_is_about_on_its_own():
    """`site.yaml` says what the photos show; a template that says it is wrong on every other site."""
    for path in Path(settings.ROOT, "templates", "labeling").glob("*.html"):
        assert not re.search(r"\bfish\b", path.read_text(), re.IGNORECASE), path
