"""The page on which a published sighting is changed, and what becomes of words when photos or sightings go."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from labeling.actions import boxes, drafts, identifications
from labeling.models import Box, Identification, Verdict
from notices.models import Notification
from ops import fsck
from species.actions import occurrences, partings, published
from species.models import Edit, Observation, Occurrence, OccurrencePhoto, Photo, State
from tests import universe

LATER = timedelta(minutes=1)


@pytest.fixture
def sighting(alice, bob, tree) -> Observation:
    """Alice's, of two photos, which Bob has named and boxed."""
    found = universe.sighting(alice, seed="edited", photos=2, latitude=47.26812, longitude=11.39325)
    organism = found.occurrences.get()
    identifications.add(occurrence=organism, taxon=tree["chub"], by=bob)
    for photo in found.photos.all():
        boxes.draw(occurrence=organism, photo=photo, by=bob, x=0.1, y=0.1, width=0.5, height=0.5)
    return found


@pytest.fixture
def mine(client, alice):
    client.force_login(alice)
    return client


def url(name: str, sighting, *more) -> str:
    return reverse(name, args=[sighting.pk, *more])


def form(client, sighting, **changed) -> dict:
    """What the page's form would send."""
    page = client.get(url("edit_sighting", sighting))
    assert page.status_code == 200
    bound = page.context["form"]
    said = {name: bound[name].value() for name in bound.fields}
    said = {name: "" if value is None else value for name, value in said.items()}
    return said | {"seen": page.context["version"]} | changed


def sound() -> None:
    found = fsck.look(grace=3600, deep=True)
    assert (found.faults, found.verdicts, found.counters, found.shown) == ([], [], [], [])


def photos(sighting) -> list:
    return list(sighting.photos.order_by("position", "created", "id"))


class TestTheForm:
    def test_saves_and_says_so_with_undo(self, mine, sighting):
        answer = mine.post(
            url("edit_sighting", sighting),
            form(mine, sighting, note="By the weir.", length_cm_1="31,2", licence="CC0-1.0"),
        )
        assert answer.status_code == 302 and answer["Location"] == url("observation", sighting)
        (row,) = Edit.objects.all()
        (message,) = get_messages(answer.wsgi_request)
        assert message.extra_tags == f"Undo={reverse('undo_edit', args=[row.pk])}"
        sighting.refresh_from_db()
        assert sighting.note == "By the weir."
        page = mine.get(url("observation", sighting)).content.decode()
        assert "Alice edited it" in page and "<ins>By the weir.</ins>" in page
        mine.post(reverse("undo_edit", args=[row.pk]))
        sighting.refresh_from_db()
        assert sighting.note == "" and Edit.objects.count() == 2

    def test_as_it_stands_changes_nothing(self, mine, sighting):
        mine.post(url("edit_sighting", sighting), form(mine, sighting))
        assert not Edit.objects.exists()

    def test_what_is_wrong_has_the_focus_and_nothing_is_lost(self, mine, sighting):
        wrong = form(mine, sighting, note="Kept words.", latitude="91")
        answer = mine.post(url("edit_sighting", sighting), wrong)
        assert answer.status_code == 400
        text = answer.content.decode()
        assert "Kept words." in text and text.count("autofocus") == 1
        assert answer.context["form"].fields["latitude"].widget.attrs["autofocus"]
        assert not Edit.objects.exists()

    def test_an_old_tab_says_what_there_is_now_and_can_go_on(self, mine, alice, sighting):
        old = form(mine, sighting, note="Mine.")
        published.edit(observation=sighting, by=alice, described={"note": "The other window's."})
        answer = mine.post(url("edit_sighting", sighting), old)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "changed in another window" in text and "The other window&#x27;s." in text and "Mine." in text
        old["seen"] = answer.context["version"]
        assert mine.post(url("edit_sighting", sighting), old).status_code == 302
        sighting.refresh_from_db()
        assert sighting.note == "Mine."

    def test_each_organism_has_its_length(self, mine, alice, sighting):
        second = occurrences.add(observation=sighting, photos=photos(sighting)[:1], by=alice)
        mine.post(url("edit_sighting", sighting), form(mine, sighting, length_cm_2="25"))
        assert second.measurements.get().value == 250
        assert Edit.objects.get().after == {"length_mm": {str(second.pk): 250}}

    def test_an_admin_has_no_say_on_the_licence(self, client, ada, sighting):
        client.force_login(ada)
        said = form(client, sighting, note="Mended.")
        assert "licence" not in said
        assert client.post(url("edit_sighting", sighting), said).status_code == 302
        assert Edit.objects.get().by == ada

    @pytest.mark.parametrize("who", ["bob", "rita", None])
    def test_nobody_else_comes_in(self, client, request, sighting, who):
        if who:
            client.force_login(request.getfixturevalue(who))
        photo = photos(sighting)[0]
        row = Edit.objects.create(observation=sighting, by=sighting.observer, before={}, after={"note": ""})
        before = Observation.objects.get(pk=sighting.pk).version
        for name, args in (
            ("edit_sighting", [sighting.pk]),
            ("add_photos", [sighting.pk]),
            ("first_photo", [sighting.pk, photo.pk]),
            ("earlier_photo", [sighting.pk, photo.pk]),
            ("remove_photo", [sighting.pk, photo.pk]),
            ("split_photo", [sighting.pk, photo.pk]),
            ("delete_sighting", [sighting.pk]),
            ("undo_edit", [row.pk]),
        ):
            answer = client.post(reverse(name, args=args))
            assert answer.status_code == (404 if who else 302), name
            assert who or answer["Location"].startswith(reverse("account_login"))
        assert Observation.objects.get(pk=sighting.pk).version == before and Observation.objects.count() == 1

    def test_the_page_takes_as_many_queries_for_many_photos(
        self, mine, alice, sighting, django_assert_max_num_queries
    ):
        mine.get(url("edit_sighting", sighting))
        for number in range(4):
            data = universe.photo_bytes(f"more {number}")
            universe.ingest.receive(data=data, owner=alice, observation=sighting)
        with django_assert_max_num_queries(12):
            mine.get(url("edit_sighting", sighting))

    def test_a_long_history_costs_no_more(self, mine, alice, sighting, django_assert_max_num_queries):
        for number in range(5):
            published.edit(observation=sighting, by=alice, described={"note": f"{number}"})
        with django_assert_max_num_queries(15):
            page = mine.get(url("observation", sighting)).content.decode()
        assert page.count("Alice edited it") == 5


class TestPhotos:
    def test_added_ordered_removed_and_back(self, mine, sighting):
        file = SimpleUploadedFile("more.jpg", universe.photo_bytes("more"), "image/jpeg")
        mine.post(url("add_photos", sighting), {"photos": [file]})
        one, two, three = photos(sighting)
        assert three.file_name == "more.jpg" and three.licence == one.licence
        mine.post(url("first_photo", sighting, three.pk))
        assert photos(sighting) == [three, one, two]
        mine.post(url("earlier_photo", sighting, two.pk))
        assert photos(sighting) == [three, two, one]
        mine.post(url("remove_photo", sighting, two.pk))
        assert photos(sighting) == [three, one]
        assert mine.get(reverse("photo_rendition", args=[two.pk, 320])).status_code == 404
        mine.post(reverse("undo_edit", args=[sighting.edits.last().pk]))
        assert photos(sighting) == [three, two, one]
        assert Box.objects.filter(photo=two, withdrawn_at=None).exists()
        sound()

    def test_a_file_that_is_none_is_refused_and_the_others_are_kept(self, mine, sighting):
        files = [
            SimpleUploadedFile("broken.jpg", b"no picture", "image/jpeg"),
            SimpleUploadedFile("more.jpg", universe.photo_bytes("more"), "image/jpeg"),
        ]
        page = mine.post(url("add_photos", sighting), {"photos": files}, follow=True)
        assert sighting.photos.count() == 3 and "broken.jpg" in page.content.decode()
        assert (
            "Choose at least one photo"
            in mine.post(url("add_photos", sighting), follow=True).content.decode()
        )

    def test_a_photo_of_another_sighting_is_not_here(self, mine, alice, sighting):
        other = universe.sighting(alice, seed="other").photos.get()
        for name in ("first_photo", "earlier_photo", "remove_photo", "split_photo"):
            assert mine.post(url(name, sighting, other.pk)).status_code == 404

    def test_the_last_photo_says_why_it_stays(self, mine, alice):
        alone = universe.sighting(alice, seed="alone")
        page = mine.post(url("remove_photo", alone, alone.photos.get().pk), follow=True).content.decode()
        assert "its last one" in page and alone.photos.count() == 1

    def test_split_off_what_was_drawn_goes_along_and_what_was_said_stays(self, mine, bob, sighting):
        photo = photos(sighting)[1]
        mine.post(url("split_photo", sighting, photo.pk))
        photo.refresh_from_db()
        new = photo.observation
        assert new != sighting and Identification.objects.get().occurrence.observation == sighting
        box = Box.objects.get(photo=photo)
        assert box.occurrence == new.occurrences.get() and box.person == bob and box.shown
        page = mine.get(url("observation", sighting)).content.decode()
        assert f'href="{url("observation", new)}"' in page
        sound()
        mine.post(reverse("undo_edit", args=[sighting.edits.get().pk]))
        assert Box.objects.get(photo=photo).occurrence == sighting.occurrences.get()
        sound()

    def test_a_name_for_the_new_one_keeps_it(self, alice, bob, tree, sighting):
        new = partings.split(photo=photos(sighting)[1], by=alice)
        identifications.add(occurrence=new.occurrences.get(), taxon=tree["chub"], by=bob)
        with pytest.raises(ValidationError, match="stays"):
            published.undo(edit=sighting.edits.get(), by=alice)
        assert Box.objects.filter(occurrence__observation=new).count() == 1
        sound()

    def test_an_organism_that_is_on_it_alone_moves_with_all_its_names(self, alice, bob, tree, sighting):
        photo = photos(sighting)[1]
        second = occurrences.add(observation=sighting, photos=[photo], by=alice)
        identifications.add(occurrence=second, taxon=tree["brown_trout"], by=bob)
        new = partings.split(photo=photo, by=alice)
        assert second.pk in new.occurrences.values_list("pk", flat=True)
        assert Identification.objects.get(occurrence=second).shown
        sound()
        published.undo(edit=sighting.edits.get(), by=alice)
        assert sighting.occurrences.filter(pk=second.pk).exists()
        sound()

    def test_removed_for_good_it_leaves_nothing(
        self, alice, bob, sighting, settings, django_capture_on_commit_callbacks
    ):
        photo = photos(sighting)[1]
        partings.remove(photo=photo, by=alice)
        drafts.clear(before=timezone.now() - LATER)
        assert Photo.objects.filter(pk=photo.pk).exists(), "it can still be had back"
        with django_capture_on_commit_callbacks(execute=True):
            drafts.clear(before=timezone.now() + LATER)
        assert (
            not Photo.objects.filter(pk=photo.pk).exists() and not Box.objects.filter(photo=photo.pk).exists()
        )
        assert Observation.objects.get() == sighting and Identification.objects.count() == 1
        assert not list(settings.FILES.rglob(f"*{photo.pk}*"))
        sound()


class TestDeleting:
    def test_gone_from_every_page_and_back(self, mine, bob, sighting):
        answer = mine.post(url("delete_sighting", sighting))
        assert answer["Location"] == reverse("my_uploads")
        for name in ("observation", "edit_sighting"):
            assert mine.get(url(name, sighting)).status_code == 404
        assert mine.get(f"/api/v1/observations/{sighting.pk}").status_code == 404
        for name in ("gallery", "my_uploads", "home", "label"):
            assert str(sighting.pk) not in mine.get(reverse(name)).content.decode()
        assert not Identification.objects.filter(shown=True).exists()
        sound()
        mine.post(url("restore_sighting", sighting))
        assert mine.get(url("observation", sighting)).status_code == 200
        assert Identification.objects.get().shown
        assert not Notification.objects.filter(user=bob).exists(), "nothing has happened"
        sound()

    def test_then_nothing_of_it_is_left_and_who_named_it_is_told(
        self, mine, alice, bob, sighting, settings, django_capture_on_commit_callbacks
    ):
        mine.post(url("delete_sighting", sighting))
        with django_capture_on_commit_callbacks(execute=True):
            drafts.clear(before=timezone.now() + LATER)
        for model in (Observation, Photo, Occurrence, Identification, Box, Verdict, Edit, OccurrencePhoto):
            assert not model.objects.exists(), model
        assert not [each for each in settings.FILES.rglob("*") if each.is_file()]
        assert "Alice deleted the photos that you had named chub" in Notification.objects.get(user=bob).text
        assert not Notification.objects.filter(user=alice, about__startswith="deleted").exists()
        page = mine.post(url("restore_sighting", sighting), follow=True).content.decode()
        assert "too late" in page
        sound()

    def test_whose_it_was_is_told_when_an_admin_deletes_it(self, alice, ada, bob, tree, sighting):
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["chub"], by=ada)
        Notification.objects.all().delete()
        published.withdraw(observation=sighting, by=ada)
        drafts.clear(before=timezone.now() + LATER)
        assert Notification.objects.get(user=alice).text == "Ada deleted your sighting."
        assert "Ada deleted the photos" in Notification.objects.get(user=bob).text
        assert not Notification.objects.filter(user=ada).exists()

    def test_a_stranger_brings_nothing_back(self, client, bob, alice, sighting):
        published.withdraw(observation=sighting, by=alice)
        client.force_login(bob)
        client.post(url("restore_sighting", sighting))
        assert Observation.objects.get(pk=sighting.pk).state == State.WITHDRAWN


class TestTheApi:
    def test_history_undo_and_order_are_those_of_the_page(self, mine, sighting):
        address = f"/api/v1/observations/{sighting.pk}"
        json = {"content_type": "application/json"}
        assert mine.put(address, {"note": "Mine."}, **json).status_code == 200
        one, two = photos(sighting)
        mine.post(f"{address}/order", {"photos": [str(two.pk), str(one.pk)]}, **json)
        assert photos(sighting) == [two, one]
        history = mine.get(f"{address}/history").json()["results"]
        assert [each["after"] for each in history] == [{"note": "Mine."}, {"photo_order": [2, 1]}]
        assert history[0]["by"]["name"] == "Alice"
        assert mine.post(f"{address}/undo", {"edit": history[1]["id"]}, **json).status_code == 200
        assert photos(sighting) == [one, two]
        assert mine.post(f"{address}/undo", {"edit": history[1]["id"]}, **json).status_code == 400
        assert mine.post(f"{address}/undo", {"edit": str(sighting.pk)}, **json).status_code == 404

    def test_photos_leave_and_sightings_go(self, mine, sighting):
        one, two = photos(sighting)
        split = mine.post(f"/api/v1/photos/{two.pk}/split").json()
        assert split["observation"] != str(sighting.pk)
        assert mine.delete(f"/api/v1/photos/{one.pk}").status_code == 400, "the last one"
        address = f"/api/v1/observations/{sighting.pk}"
        assert mine.delete(address).status_code == 204
        assert mine.get(address).status_code == 404 and mine.delete(address).status_code == 404
        assert mine.post(f"{address}/restore").status_code == 200
        assert mine.get(address).json()["state"] == "published"

    def test_a_photo_is_added(self, mine, sighting):
        id = "00000000-0000-4000-8000-000000000001"
        file = SimpleUploadedFile("more.jpg", universe.photo_bytes("more"), "image/jpeg")
        body = {"file": file, "observation": str(sighting.pk)}
        # The test client sends no forms by PUT.
        encoded = encode_multipart(BOUNDARY, body)
        answer = mine.generic("PUT", f"/api/v1/photos/{id}", encoded, MULTIPART_CONTENT)
        assert answer.status_code == 201, answer.content
        assert sighting.photos.count() == 3

    def test_everybody_reads_the_history_of_what_they_see(self, client, alice, bob, sighting):
        published.edit(observation=sighting, by=alice, described={"latitude": 46.5, "longitude": 10.9})
        address = f"/api/v1/observations/{sighting.pk}/history"
        answer = client.get(address)
        assert answer.json()["results"][0]["before"]["place"]["shown"] == "generalized"
        assert "no-store" not in answer.get("Cache-Control", "")
        for each in photos(sighting):
            drafts.allow(photo=each, consents=[], by=alice)
        assert client.get(address).status_code == 404
        client.force_login(alice)
        answer = client.get(address)
        assert answer.json()["results"][0]["before"]["place"]["latitude"] == 47.26812
        assert "no-store" in answer["Cache-Control"]
