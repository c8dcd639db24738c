"""What becomes of what is typed into a draft, of a draft that is discarded, and of a sighting that is taken back."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from labeling.actions import boxes, drafts, flags, identifications, rulings
from labeling.models import DraftWords, Identification
from labeling.tasks import clear_drafts
from species import ingest
from species.access import NotYours
from species.actions import observations, photos
from species.actions.observations import GRACE
from species.models import Measurement, Observation, Photo
from tests import universe
from tests.labeling.browsing import read
from tests.labeling.test_upload import SAID, TAKEN, refusal, save


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def make(owner, seed="draft", count=1, **options) -> Observation:
    draft = observations.start(by=owner)
    for number in range(count):
        data = universe.photo_bytes(f"{seed} {number}", exif=TAKEN, **options)
        ingest.receive(data=data, owner=owner, observation=draft, file_name=f"{seed}{number}.jpg")
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft(alice) -> Observation:
    return make(alice)


def keep(client, draft, seen=None, **changes):
    seen = {} if seen is None else {"seen": seen}
    return client.post(reverse("keep_draft", args=[draft.pk]), SAID | changes | seen)


def shown(client, draft) -> dict[str, str]:
    """The text fields of a draft as its page prints them."""
    page = read(client.get(refusal(draft)))
    start = f"d{draft.pk.hex[:8]}-"
    return {
        each["id"].removeprefix(start): each.get("value") or ""
        for each in page.all("input")
        if (each.get("id") or "").startswith(start) and each.get("type") not in ("radio", "checkbox")
    }


class TestWords:
    def test_are_kept_as_they_were_typed_and_change_nothing(self, signed_in, draft, tree):
        before = Observation.objects.values().get(pk=draft.pk)
        answer = keep(
            signed_in, draft, name="brown tr", latitude="147", length_cm="4,3 cm", note="By the weir."
        )
        assert answer.status_code == 200
        after = Observation.objects.values().get(pk=draft.pk)
        assert answer.json() == {
            "version": after["version"],
            "lacks": ["correction"],
            "state": "Needs a correction",
        }
        assert after == before | {"version": after["version"]}
        assert not Identification.objects.exists()
        for _ in range(2):
            found = shown(signed_in, draft)
            assert (found["name"], found["latitude"], found["length_cm"]) == ("brown tr", "147", "4,3 cm")
            assert "By the weir." in read(signed_in.get(reverse("upload"))).text

    def test_are_the_owners_alone_to_write(self, client, draft, bob, ada):
        for person in (bob, ada):
            client.force_login(person)
            assert keep(client, draft, note="x").status_code == 404
        client.logout()
        assert keep(client, draft, note="x").status_code == 401
        assert not DraftWords.objects.exists()

    def test_what_says_just_what_the_draft_does_is_no_words(self, signed_in, draft):
        keep(signed_in, draft, note="x")
        keep(signed_in, draft, confidence="likely", place_source="map_pin")
        assert not DraftWords.objects.exists()

    def test_saving_is_done_with_them(self, signed_in, draft, tree):
        keep(signed_in, draft, note="x", length_cm="1,25", name="chub")
        save(signed_in, draft, note="x", length_cm="1,25", name="chub")
        assert not DraftWords.objects.exists() and Measurement.objects.get().value == 12.5
        assert Identification.objects.get().taxon == tree["chub"]

    def test_a_name_or_length_taken_away_is_away(self, signed_in, draft, tree):
        save(signed_in, draft, name="chub", length_cm="30")
        save(signed_in, draft, name="", length_cm="")
        assert not Identification.objects.exists() and not Measurement.objects.exists()
        assert shown(signed_in, draft)["name"] == ""

    def test_sending_one_draft_keeps_those_of_the_others(self, signed_in, draft, alice):
        other = make(alice, "other")
        keep(signed_in, other, note="Of the other.", latitude="x")
        save(signed_in, draft, "send")
        assert shown(signed_in, other)["latitude"] == "x"
        assert "Of the other." in read(signed_in.get(reverse("upload"))).text

    def test_a_null_byte_or_a_book_breaks_nothing(self, signed_in, draft):
        assert keep(signed_in, draft, note="a\0b" + "ä" * 10_000).status_code == 200
        assert "ab" + "ä" * 100 in read(signed_in.get(reverse("upload"))).text

    def test_a_photo_taken_out_brings_them_along(self, signed_in, alice):
        draft = make(alice, "two", 2)
        photo = draft.photos.first()
        signed_in.post(reverse("drop_photo", args=[photo.pk]), SAID | {"note": "Typed."})
        assert "Typed." in read(signed_in.get(reverse("upload"))).text


class TestTwoWindows:
    def test_a_stale_one_undoes_nothing_and_shows_both(self, signed_in, draft):
        seen = draft.version
        save(signed_in, draft, note="From the first.", seen=seen)
        answer = save(signed_in, draft, "send", note="From the second.", seen=seen)
        assert answer["Location"] == refusal(draft)
        draft.refresh_from_db()
        assert (draft.state, draft.note) == ("draft", "From the first.")
        page = read(signed_in.get(refusal(draft)))
        assert "changed in another window" in page.text
        assert "From the second." in page.text and "Note: From the first." in page.text
        # Who has seen both decides.
        draft.refresh_from_db()
        save(signed_in, draft, note="From the second.", seen=draft.version)
        draft.refresh_from_db()
        assert draft.note == "From the second."
        assert "another window" not in read(signed_in.get(refusal(draft))).text

    def test_also_words_that_were_only_kept(self, signed_in, draft):
        seen = draft.version
        keep(signed_in, draft, seen, latitude="one")
        answer = keep(signed_in, draft, seen, latitude="two")
        assert "Latitude: <b>one</b>" in answer.json()["html"]
        assert shown(signed_in, draft)["latitude"] == "two"

    def test_the_others_words_can_be_taken(self, signed_in, draft):
        seen = draft.version
        keep(signed_in, draft, seen, latitude="one")
        keep(signed_in, draft, seen, latitude="two")
        draft.refresh_from_db()
        save(signed_in, draft, "other", seen=draft.version)
        assert shown(signed_in, draft)["latitude"] == "one"
        assert "Latitude: two" in read(signed_in.get(refusal(draft))).text, "and back again"

    def test_the_same_words_again_are_no_conflict(self, signed_in, draft):
        seen = draft.version
        first = keep(signed_in, draft, seen, note="Sent, and the answer was lost.")
        assert keep(signed_in, draft, seen, note="Sent, and the answer was lost.").json() == first.json()

    def test_what_an_app_changed_meanwhile_is_shown_too(self, signed_in, draft, alice):
        keep(signed_in, draft, draft.version, note="Mine.")
        observations.describe(observation=draft, by=alice, note="The app's.")
        page = read(signed_in.get(refusal(draft)))
        assert "Mine." in page.text and "Note: The app's." in page.text

    def test_words_of_a_draft_that_is_sent_are_said_back(self, signed_in, draft):
        save(signed_in, draft, "send")
        answer = save(signed_in, draft, note="Too late.", seen=0)
        assert answer["Location"] == draft.get_absolute_url()
        assert "Not taken: Note: Too late." in read(signed_in.get(answer["Location"])).text
        draft.refresh_from_db()
        assert draft.note == ""

    def test_the_action_asks_with_the_row_held(self, draft, alice):
        said = {"described": {"note": "x"}, "licence": "CC0-1.0", "consents": []}
        with pytest.raises(drafts.Stale):
            drafts.save(observation=draft, by=alice, seen=draft.version - 1, **said)
        draft.refresh_from_db()
        assert draft.note == ""


def test_the_address_of_a_refusal_opens(signed_in, draft):
    assert signed_in.get(reverse("draft", args=[draft.pk]))["Location"] == refusal(draft)


def button(page) -> tuple[str, str]:
    """What the toast offers: word and address."""
    form = page.all(
        "form",
        method="post",
        action=next(
            each["action"]
            for each in page.all("form")
            if "restore" in each["action"] or "take-back" in each["action"]
        ),
    )[0]
    return form["action"]


class TestUndo:
    def test_discarded_it_is_nowhere_and_undone_it_is_whole(self, signed_in, draft, tree, alice):
        save(signed_in, draft, name="chub", note="By the weir.")
        photo = draft.photos.get()
        page = read(signed_in.post(reverse("discard_draft", args=[draft.pk]), follow=True))
        assert "Discarded, photos and all." in page.text and "By the weir." not in page.text
        for address in (
            reverse("observation", args=[draft.pk]),
            reverse("photo_rendition", args=[photo.pk, 320]),
            f"/api/v1/observations/{draft.pk}",
            f"/api/v1/photos/{photo.pk}",
        ):
            assert signed_in.get(address).status_code == 404, address
        assert str(draft.pk) not in signed_in.get("/api/v1/observations?state=draft").content.decode()
        assert save(signed_in, draft, note="x").status_code == 404
        signed_in.post(button(page))
        page = read(signed_in.get(refusal(draft)))
        assert "By the weir." in page.text
        assert Identification.objects.get().taxon == tree["chub"] and draft.photos.kept().get() == photo

    def test_an_app_discards_as_the_page_does_what_has_a_name_already(self, signed_in, draft, tree):
        save(signed_in, draft, name="chub", note="By the weir.")
        at = f"/api/v1/observations/{draft.pk}"
        assert signed_in.delete(at).status_code == 204
        assert "By the weir." not in read(signed_in.get(reverse("upload"))).text
        assert signed_in.post(f"{at}/restore").json()["note"] == "By the weir."
        signed_in.delete(at)
        signed_in.post(reverse("restore_draft", args=[draft.pk]))
        assert "By the weir." in read(signed_in.get(refusal(draft))).text
        assert Identification.objects.get(withdrawn_at=None).taxon == tree["chub"]
        signed_in.delete(at)
        drafts.clear(before=timezone.now() + timedelta(seconds=1))
        assert signed_in.post(f"{at}/restore").status_code == 404
        assert not (Observation.objects.exists() or Photo.objects.exists())

    def test_a_photo_taken_out_comes_back(self, signed_in, alice):
        draft = make(alice, "two", 2)
        first, second = draft.photos.order_by("position")
        page = read(signed_in.post(reverse("drop_photo", args=[first.pk]), follow=True))
        assert "two0.jpg is out." in page.text
        assert list(draft.photos.kept()) == [second]
        read(signed_in.post(button(page), follow=True))
        assert list(draft.photos.kept().order_by("position")) == [first, second]

    def test_with_the_last_photo_goes_the_draft_and_comes_back(self, signed_in, draft):
        page = read(signed_in.post(reverse("drop_photo", args=[draft.photos.get().pk]), follow=True))
        assert "Nothing waits here" in page.text
        signed_in.post(button(page))
        assert "draft0.jpg" in read(signed_in.get(reverse("upload"))).text

    def test_nobody_else_undoes_it(self, client, signed_in, draft, bob, ada):
        signed_in.post(reverse("discard_draft", args=[draft.pk]))
        for person in (bob, ada):
            client.force_login(person)
            client.post(reverse("restore_draft", args=[draft.pk]))
        draft.refresh_from_db()
        assert draft.discarded_at is not None

    def test_sent_meanwhile_the_photo_is_a_draft_of_its_own(self, signed_in, alice, client):
        draft = make(alice, "two", 2)
        first, second = draft.photos.order_by("position")
        signed_in.post(reverse("drop_photo", args=[first.pk]))
        save(signed_in, draft, "send")
        assert list(draft.photos.all()) == [second]
        signed_in.post(reverse("restore_photo", args=[first.pk]))
        assert str(first.pk) in signed_in.get(reverse("upload")).content.decode()

    def test_sent_again_it_is_a_new_one(self, signed_in, alice, draft):
        signed_in.post(reverse("discard_draft", args=[draft.pk]))
        data = universe.photo_bytes("draft 0", exif=TAKEN)
        received = ingest.receive(data=data, owner=alice)
        assert received.created and received.photo.observation_id != draft.pk
        assert default_storage.exists(received.photo.original_name)

    def test_after_that_it_is_gone_for_good(self, signed_in, alice, tree, django_capture_on_commit_callbacks):
        draft, other = make(alice, "gone"), make(alice, "two", 2)
        save(signed_in, draft, name="chub", length_cm="30")
        dropped, kept = other.photos.order_by("position")
        names = [draft.photos.get().original_name, dropped.original_name]
        signed_in.post(reverse("discard_draft", args=[draft.pk]))
        signed_in.post(reverse("drop_photo", args=[dropped.pk]))
        with django_capture_on_commit_callbacks(execute=True):
            clear_drafts()
        assert Photo.objects.count() == 3, "for a while it can be had back"
        earlier = timezone.now() - GRACE - timedelta(seconds=1)
        Observation.objects.filter(pk=draft.pk).update(discarded_at=earlier)
        Photo.objects.filter(pk=dropped.pk).update(discarded_at=earlier)
        with django_capture_on_commit_callbacks(execute=True):
            clear_drafts()
        assert list(Photo.objects.all()) == [kept] and list(Observation.objects.all()) == [other]
        assert not Identification.objects.exists()
        assert not any(default_storage.exists(name) for name in names)
        assert default_storage.exists(kept.original_name)
        page = read(signed_in.post(reverse("restore_draft", args=[draft.pk]), follow=True))
        assert "gone for good" in page.text

    def test_the_page_offers_it_for_8_seconds_and_it_is_kept_for_longer(self):
        script = (settings.ROOT / "platform/look/static/look/site.js").read_text()
        [offered] = re.findall(r"const TOAST_MS = (\d+);", script)
        assert int(offered) == 8000
        assert timedelta(seconds=8 + 5) <= GRACE

    def test_killed_between_two_the_rest_waits(self, alice, monkeypatch):
        for number in range(3):
            observations.set_aside(observation=make(alice, f"n{number}"), by=alice)
        real, done = observations.clear, []

        def killed(**options):
            if done:
                raise KeyboardInterrupt
            done.append(real(**options))

        monkeypatch.setattr(drafts.observations, "clear", killed)
        later = timezone.now() + timedelta(seconds=1)
        with pytest.raises(KeyboardInterrupt):
            drafts.clear(before=later)
        assert Observation.objects.count() == Photo.objects.count() == 2
        monkeypatch.undo()
        drafts.clear(before=later)
        assert not Observation.objects.exists() and not Photo.objects.exists()


class TestTakingBack:
    @pytest.fixture
    def sighting(self, signed_in, draft, tree):
        save(signed_in, draft, "send", name="chub", note="By the weir.")
        return draft

    def test_it_is_a_draft_again_with_all_that_was_said(self, signed_in, client, sighting, tree):
        page = read(signed_in.get(sighting.get_absolute_url()))
        assert "Sent. People can see it now." in page.text
        page = read(signed_in.post(button(page), follow=True))
        assert "It is a draft again" in page.text and "By the weir." in page.text
        assert shown(signed_in, sighting)["name"] == "Squalius cephalus"
        client.logout()
        assert client.get(sighting.get_absolute_url()).status_code == 404
        assert client.get(f"/api/v1/observations/{sighting.pk}").status_code == 404

    def test_and_can_be_sent_anew(self, signed_in, sighting):
        signed_in.post(reverse("take_back", args=[sighting.pk]))
        save(signed_in, sighting, "send", name="chub")
        sighting.refresh_from_db()
        assert sighting.state == "published" and Identification.objects.count() == 1

    def test_it_is_offered_among_ones_photos_too(self, signed_in, sighting):
        assert button(read(signed_in.get(reverse("my_uploads"))))

    @pytest.mark.parametrize("how", ["identification", "withdrawn", "box", "flag", "ruling"])
    def test_not_once_somebody_has_answered(self, signed_in, sighting, tree, bob, rita, how):
        occurrence, photo = sighting.occurrences.get(), sighting.photos.get()
        if how in ("identification", "withdrawn"):
            said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
            if how == "withdrawn":
                identifications.withdraw(identification=said, by=bob)
        elif how == "box":
            boxes.draw(occurrence=occurrence, photo=photo, by=bob, x=0.1, y=0.1, width=0.5, height=0.5)
        elif how == "flag":
            flags.raise_flag(photo=photo, by=bob, kind="person")
        else:
            rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="Seen.", by=rita)
        page = read(signed_in.post(reverse("take_back", args=[sighting.pk]), follow=True))
        assert "Somebody has answered" in page.text
        sighting.refresh_from_db()
        assert sighting.state == "published"
        assert "Take it back" not in read(signed_in.get(reverse("my_uploads"))).text

    def test_ones_own_second_thought_is_no_answer(self, signed_in, sighting, tree, alice):
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], by=alice)
        signed_in.post(reverse("take_back", args=[sighting.pk]))
        sighting.refresh_from_db()
        assert sighting.state == "draft"

    def test_nobody_else_takes_it_back(self, client, sighting, bob, ada):
        for person in (bob, ada):
            client.force_login(person)
            assert client.post(reverse("take_back", args=[sighting.pk])).status_code == 404
            with pytest.raises(PermissionDenied):
                drafts.take_back(observation=sighting, by=person)
        sighting.refresh_from_db()
        assert sighting.state == "published"


class TestJoining:
    def test_photos_sent_one_by_one_join_when_all_are_here(self, signed_in, alice):
        ids = []
        for number in range(3):
            ids.append(uuid4())
            data = universe.photo_bytes(f"n {number}", exif=TAKEN if number else None)
            upload = SimpleUploadedFile(f"{number}.jpg", data, "image/jpeg")
            signed_in.post(reverse("upload_photo", args=[ids[-1]]), {"file": upload})
        assert Observation.objects.count() == 3
        html = signed_in.post(reverse("join_photos"), {"photo": [*map(str, ids), "x"]}).content.decode()
        assert html.count("data-draft=") == Observation.objects.count() == 2
        assert sorted(each.photos.count() for each in Observation.objects.all()) == [1, 2]
        again = signed_in.post(reverse("join_photos"), {"photo": [*map(str, ids)]}).content.decode()
        assert again.count("data-draft=") == 2

    def test_what_somebody_wrote_about_stays_as_it_is(self, signed_in, alice):
        said, kept, silent, other = [
            ingest.receive(data=universe.photo_bytes(f"n {number}", exif=TAKEN), owner=alice).photo
            for number in range(4)
        ]
        save(signed_in, said.observation)
        keep(signed_in, kept.observation, note="Typed.")
        photos.join(photos=[said, kept, silent, other], by=alice)
        assert sorted(each.photos.count() for each in Observation.objects.all()) == [1, 1, 2]

    def test_only_ones_own_drafts(self, alice, bob, signed_in):
        own = ingest.receive(data=universe.photo_bytes("own", exif=TAKEN), owner=alice).photo
        theirs = ingest.receive(data=universe.photo_bytes("theirs", exif=TAKEN), owner=bob).photo
        assert photos.join(photos=[own, theirs], by=alice) == {own.observation_id}
        assert Observation.objects.count() == 2
        observations.publish(observation=own.observation, by=alice)
        assert photos.join(photos=[own], by=alice) == set()

    def test_a_photo_that_joins_a_draft_makes_it_another_version(self, alice, draft):
        before = draft.version
        ingest.receive(data=universe.photo_bytes("more"), owner=alice, observation=draft)
        draft.refresh_from_db()
        assert draft.version > before


def test_a_set_aside_draft_is_nobodys_to_write(alice, draft):
    observations.set_aside(observation=draft, by=alice)
    for act in (
        lambda: observations.describe(observation=draft, by=alice, note="x"),
        lambda: observations.publish(observation=draft, by=alice),
        lambda: ingest.receive(data=universe.photo_bytes("more"), owner=alice, observation=draft),
        lambda: observations.set_aside(observation=draft, by=alice),
    ):
        with pytest.raises(NotYours):
            act()
    sighting = universe.sighting(alice)
    with pytest.raises(ValidationError):
        observations.set_aside(observation=sighting, by=alice)
