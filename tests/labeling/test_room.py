"""The labeling room as somebody goes through it: what is pressed is kept, can be undone, and nothing typed is lost."""

import pytest
from django.urls import reverse

from labeling.actions import flags, identifications
from labeling.models import Flag, Identification, Pass
from species.actions import photos
from species.models import Occurrence, Taxon
from tests import universe
from tests.labeling.browsing import as_person, get, guess, read
from tests.look.pages import Page


@pytest.fixture
def second(alice, occurrence) -> Occurrence:
    return universe.sighting(alice, seed="second").occurrences.get()


def shown(page: Page) -> str:
    return page.all("input", name="occurrence")[-1]["value"]


def form_of(page: Page) -> dict[str, str]:
    """What the form would send, were nothing typed."""
    names = ("occurrence", "photo", "seen", "suggestion")
    return {name: page.all("input", name=name)[-1].get("value") or "" for name in names} | {
        "confidence": "likely"
    }


def press(client, page: Page, then: str, **typed):
    """Press a button of the room; the page that follows."""
    answer = client.post(reverse("label"), form_of(page) | typed | {"then": then})
    assert answer.status_code == 302, answer.content[:3000]
    return read(client.get(answer["Location"]))


def undo(client, page: Page) -> Page:
    fields = {name: page.all("input", name=name)[0]["value"] for name in ("kind", "id")}
    # Before the question, or alone.
    occurrence = page.all("input", name="occurrence")[0]["value"]
    sent = {"then": "undo", "occurrence": occurrence} | fields
    answer = client.post(reverse("label"), sent)
    assert answer.status_code == 302
    return read(client.get(answer["Location"]))


ACTS = {
    "save": ("Chub, saved.", "Chub, taken back."),
    "cannot": ("You can’t tell: noted.", "Can’t tell: taken back."),
    "blurred": ("Can’t tell, blurred or dark: noted.", "Can’t tell, blurred or dark: taken back."),
    "beyond": ("Can’t tell, beyond me: noted.", "Can’t tell, beyond me: taken back."),
    "bad_photo": ("Bad photo: noted.", "Bad photo: taken back."),
    "several": ("More than one fish: noted.", "More than one fish: taken back."),
    "not_subject": ("Not a fish: a reviewer will look.", "Not a fish: taken back."),
    "skip": ("Skipped for 3 days.", "Here it is again."),
}


def standing() -> int:
    return (
        Identification.objects.filter(withdrawn_at=None).count()
        + Pass.objects.filter(withdrawn_at=None).count()
        + Flag.objects.filter(resolved_at=None).count()
    )


@pytest.mark.usefixtures("second")
class TestUndo:
    @pytest.mark.parametrize("then", ACTS)
    def test_every_button_is_kept_and_undone(self, client, tree, bob, then):
        done, undone = ACTS[then]
        page = get(as_person(client, bob), "label")
        first = shown(page)
        after = press(client, page, then, name="chub")
        assert done in after.text and standing() == 1
        assert [each for each in after.all("button") if each.get("data-key") == "backspace"]
        assert after.all("button", form="undo"), "in the thumb's reach too"
        # Logged out and in again, on another device: it is kept on the server.
        client.logout()
        client.force_login(bob)
        other = get(client, "label")
        assert shown(other) != first
        back = undo(client, after)
        assert undone in back.text and standing() == 0
        assert shown(back) == first and not back.all("form", id="undo")

    @pytest.mark.parametrize("then", ACTS)
    def test_also_after_a_reload_and_on_the_last_photo(self, client, tree, bob, then):
        as_person(client, bob)
        press(client, get(client, "label"), "skip")
        page = get(client, "label")
        last = shown(page)
        answer = client.post(reverse("label"), form_of(page) | {"then": then, "name": "chub"})
        for _ in range(2):
            after = read(client.get(answer["Location"]))
            assert ACTS[then][0] in after.text and "wait" in after.text
        assert shown(undo(client, after)) == last

    def test_the_same_name_as_last_time_is_that_on_its_button(self, client, tree, bob, charlie):
        as_person(client, bob)
        page = get(client, "label")
        assert page.all("input", name="same")[0]["value"] == ""
        after = press(client, page, "save", name="chub")
        [named] = after.all("input", name="same")
        assert named["value"] == "Squalius cephalus" and "Again: Chub" in after.text
        # Charlie's word is nobody's but his, and what stands on the page is what is said.
        identifications.add(
            occurrence=Occurrence.objects.get(pk=shown(after)), taxon=tree["bream"], by=charlie
        )
        last = shown(after)
        press(client, after, "same", same=named["value"], name="bream", likely="bream")
        assert Identification.objects.get(occurrence=last, person=bob).taxon == tree["chub"]

    def test_nothing_was_said_before(self, client, tree, bob):
        page = get(as_person(client, bob), "label")
        answer = client.post(reverse("label"), form_of(page) | {"then": "same", "name": "chub"})
        refused = read(answer)
        assert answer.status_code == 400 and "You have not given a name yet." in refused.text
        assert refused.all("input", name="name")[0]["value"] == "chub" and not standing()

    def test_a_group_is_as_close_as_it_gets_in_one_press(self, client, tree, bob):
        as_person(client, bob)
        page = get(client, "label")
        assert "hidden" in page.all("button", name="then", value="no_closer")[0]
        after = press(client, page, "no_closer", name="salmonidae")
        assert Identification.objects.get().cannot_improve
        again = undo(client, after)
        assert "hidden" not in again.all("button", name="then", value="no_closer")[0]

    def test_a_script_is_told_the_same(self, client, tree, bob):
        page = get(as_person(client, bob), "label")
        sent = form_of(page) | {"then": "turned"}
        told = client.post(reverse("label"), sent, headers={"Accept": "application/json"}).json()
        assert told["text"] == "Can’t tell, turned away: noted." and "kind=pass" in told["undo"]
        assert [each["data-said"] for each in page.all("button", value="turned")] == [told["text"]]

    def test_what_was_said_is_filled_in_again(self, client, tree, bob):
        as_person(client, bob)
        after = press(client, get(client, "label"), "save", name="chub", confidence="sure", note="The mouth.")
        page = undo(client, after)
        assert page.all("input", name="name")[0]["value"] == "Squalius cephalus"
        assert "The mouth." in page.text
        assert "checked" in page.all("input", name="confidence", value="sure")[0]

    def test_it_stays_at_hand_while_the_next_one_is_refused(self, client, tree, bob):
        as_person(client, bob)
        page = press(client, get(client, "label"), "skip")
        [form] = page.all("form", id="answer")
        answer = client.post(form["action"], form_of(page) | {"name": "unicorn"})
        assert answer.status_code == 400
        refused = read(answer)
        assert "Skipped for 3 days." in refused.text
        assert "autofocus" in refused.all("input", name="name")[0], "it opens at what is wrong"
        assert shown(read(client.get(form["action"]))) == shown(refused), "its address can be reloaded"

    def test_nobody_undoes_what_another_did(self, client, tree, bob, charlie, occurrence):
        said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie)
        sent = {"then": "undo", "kind": "name", "id": said.pk, "occurrence": occurrence.pk}
        assert as_person(client, bob).post(reverse("label"), sent).status_code == 302
        said.refresh_from_db()
        assert said.withdrawn_at is None
        page = get(client, "label", kind="name", id=said.pk)
        assert "saved" not in page.text and not page.all("form", id="undo")

    def test_a_reviewer_who_found_the_flag_mistaken_asks_nobody_again(self, client, bob, rita, occurrence):
        as_person(client, bob)
        first = shown(press(client, get(client, "label"), "not_subject"))
        flags.resolve(flag=Flag.objects.get(), by=rita)
        assert shown(get(client, "label")) == first and "1 left." in get(client, "label").text

    def test_the_flag_is_about_the_photo_in_sight(self, client, bob, alice):
        Occurrence.objects.all().delete()
        two = universe.sighting(alice, seed="two photos", photos=2)
        page = get(as_person(client, bob), "label")
        seen = two.photos.order_by("position").last()
        press(client, page, "not_subject", photo=str(seen.pk))
        assert Flag.objects.get().photo == seen


class TestAnotherPhoto:
    @pytest.fixture
    def page(self, client, occurrence, tree, bob) -> Page:
        return get(as_person(client, bob), "label")

    def look(self, client, page: Page, **typed) -> Page:
        [button] = page.all("button", form="answer", name="look", **{"aria-pressed": "false"})
        answer = client.post(reverse("label"), form_of(page) | typed | {"look": button["value"]})
        assert answer.status_code == 200
        other = read(answer)
        assert form_of(other)["photo"] == button["value"]
        assert other.all("button", name="look", value=button["value"])[0]["aria-pressed"] == "true"
        return other

    def test_what_is_typed_comes_along_and_nothing_is_said_of_it(self, client, page):
        typed = {"name": "chubb", "note": "The mouth.", "confidence": "sure", "cannot_improve": "on"}
        other = self.look(client, page, **typed)
        assert other.all("input", name="name")[0]["value"] == "chubb" and "The mouth." in other.text
        assert "checked" in other.all("input", name="confidence", value="sure")[0]
        assert "checked" in other.all("input", name="cannot_improve")[0]
        assert not other.all("input", **{"aria-invalid": "true"}) and standing() == 0
        assert not self.look(client, page).all("input", **{"aria-invalid": "true"}), "nor of nothing"

    def test_what_happened_meanwhile_is_still_told(self, client, page, tree, alice, charlie, occurrence):
        for person in (alice, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
        other = self.look(client, page, name="bream")
        answer = client.post(reverse("label"), form_of(other) | {"then": "save", "name": "bream"})
        assert answer.status_code == 409

    def test_the_suggestion_stays_as_it_was_and_is_that_of_the_photo(self, client, page, tree, occurrence):
        first, second = occurrence.observation.photos.order_by("position")
        guess(first, tree, ("chub", 0.9))
        of_second = guess(second, tree, ("bream", 0.9))
        assert form_of(self.look(client, page))["suggestion"] == ""
        uncovered = get(client, "label", occurrence=occurrence.pk, show=1)
        assert form_of(self.look(client, uncovered))["suggestion"] == str(of_second.pk)


class TestASecondTab:
    @pytest.fixture
    def tab(self, client, occurrence, tree, bob) -> Page:
        """Open before anything is said."""
        return get(as_person(client, bob), "label")

    def send(self, client, page: Page, **typed):
        return client.post(reverse("label"), form_of(page) | {"then": "save"} | typed)

    def test_it_says_so_and_loses_nothing(self, client, tab, bob):
        assert self.send(client, tab, name="chub").status_code == 302
        answer = self.send(client, tab, name="bream", note="The fins.", confidence="sure")
        assert answer.status_code == 409
        page = read(answer)
        assert "You named this one chub meanwhile, in another tab." in page.text
        assert page.all("input", name="name")[0]["value"] == "bream" and "The fins." in page.text
        assert "checked" in page.all("input", name="confidence", value="sure")[0]
        assert Identification.objects.get(withdrawn_at=None).taxon.label == "chub"
        assert self.send(client, page, name="bream", note="The fins.").status_code == 302
        assert Identification.objects.get(withdrawn_at=None).taxon.label == "bream"

    def test_the_same_again_is_no_other_word(self, client, tab):
        for _ in range(2):
            answer = self.send(client, tab, name="chub", note="The mouth.")
            assert answer.status_code == 302
        assert Identification.objects.count() == 1
        assert "Chub, saved." in read(client.get(answer["Location"])).text

    @pytest.mark.parametrize("then", ["cannot", "skip", "not_subject"])
    def test_a_name_stands_against_the_other_buttons(self, client, tab, then):
        self.send(client, tab, name="chub")
        answer = self.send(client, tab, then=then)
        assert "You had named that one chub. That stands." in read(client.get(answer["Location"])).text
        assert standing() == 1 and Identification.objects.get().withdrawn_at is None

    def test_settled_by_others_meanwhile(self, client, tab, tree, alice, charlie, occurrence, bob):
        for person in (alice, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
        answer = self.send(client, tab, name="bream")
        assert answer.status_code == 409
        page = read(answer)
        assert "This one was settled as chub while you looked." in page.text
        assert not Identification.objects.filter(person=bob).exists()
        assert self.send(client, page, name="bream").status_code == 302
        assert Identification.objects.get(person=bob).taxon == tree["bream"]

    def test_hidden_meanwhile(self, client, tab, occurrence):
        for photo in occurrence.observation.photos.select_related("owner"):
            photos.say(photo=photo, purpose="show", granted=False, by=photo.owner)
        answer = self.send(client, tab, name="chub")
        assert "That photo is not shown any more." in read(client.get(answer["Location"], follow=True)).text
        assert not Identification.objects.exists()


class TestNamesNobodyKnows:
    def test_the_nearest_are_a_press_away(self, client, occurrence, tree, bob):
        page = get(as_person(client, bob), "label")
        answer = client.post(reverse("label"), form_of(page) | {"name": "broun truot", "note": "Spots."})
        refused = read(answer)
        offered = refused.all("button", name="name")
        assert "Salmo trutta" in [each["value"] for each in offered]
        sent = form_of(refused) | {"name": ["broun truot", "Salmo trutta"], "note": "Spots."}
        assert client.post(reverse("label"), sent).status_code == 302
        said = Identification.objects.get()
        assert said.taxon == tree["brown_trout"] and said.note == "Spots."

    def test_enter_never_presses_one_of_them(self, client, occurrence, tree, bob):
        """Browsers press the first button of a form, in the order of the document."""
        page = get(as_person(client, bob), "label")
        refused = read(client.post(reverse("label"), form_of(page) | {"name": "broun truot"}))
        submits = [each for each in refused.all("button") if each.get("type") != "button"]
        of_form = [each for each in submits if each.get("name") in ("then", "name", "look")]
        assert (of_form[0]["name"], of_form[0]["value"]) == ("then", "save")
        sighting = client.post(reverse("identify", args=[occurrence.pk]), {"name": "broun truot"})
        names = [each.get("name") for each in read(sighting).all("button")]
        assert names.index(None) < names.index("name")

    def test_a_name_that_two_share_offers_both(self, client, occurrence, tree, bob):
        Taxon.objects.filter(label__in=["chub", "bream"]).update(common_names={"en": "whitefish"})
        answer = as_person(client, bob).post(
            reverse("identify", args=[occurrence.pk]), {"name": "whitefish", "confidence": "likely"}
        )
        offered = {each["value"] for each in read(answer).all("button", name="name")}
        assert offered == {"Squalius cephalus", "Abramis brama"}

    def test_a_refusal_can_be_reloaded(self, client, occurrence, photo, tree, bob, alice):
        sighting = occurrence.observation.get_absolute_url()
        as_person(client, bob)
        for name, id in (("identify", occurrence.pk), ("rule", occurrence.pk), ("flag", photo.pk)):
            answer = client.get(reverse(name, args=[id]))
            assert answer.status_code == 302 and answer["Location"].startswith(sighting), name
