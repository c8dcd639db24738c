"""Likely names: what puts one first, and the picture beside it."""

from datetime import date

import pytest
from django.urls import reverse

from jobs import worker
from labeling import tasks
from labeling.actions import boxes, flags, identifications, portraits, rulings
from labeling.models import Flag, Portrait
from labeling.presenters import portraits as presenter
from labeling.presenters.room import legend
from labeling.queries import portraits as queries
from labeling.queries import room
from labeling.queries.room import Likely
from species.actions import photos
from species.models import Occurrence, Photo
from tests import universe
from tests.labeling.browsing import as_person, get, guess

NEAR = {"latitude": 47.3, "longitude": 11.4}
BOX = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}


@pytest.fixture
def verified(alice, rita, tree):
    def verified(label: str, seed: object, **fields) -> Occurrence:
        found = universe.sighting(alice, seed=seed, **fields).occurrences.get()
        rulings.rule(occurrence=found, taxon=tree[label], reason="Seen.", by=rita)
        found.refresh_from_db()
        return found

    return verified


class TestOrder:
    def test_near_in_this_month_then_near_then_used_last_then_everywhere(self, occurrence, verified, tree):
        verified("chub", 1, local_date=date(2012, 10, 3), **NEAR)
        for seed in (2, 3):
            verified("bream", seed, local_date=date(2012, 4, 3), **NEAR)
        for seed in (4, 5, 6):
            verified("brook_trout", seed)
        verified("huchen", 7)
        used = [tree["atlantic_salmon"], tree["huchen"]]
        found = room.likely(occurrence.observation, used)
        names = ["chub", "bream", "atlantic_salmon", "huchen", "brook_trout"]
        assert [each.taxon.label for each in found] == names
        assert [(each.here, each.then) for each in found[:3]] == [(1, 1), (2, 0), (0, 0)]
        assert found[2].photo is None, "nobody verified one yet"
        assert legend(found, occurrence.observation) == "Likely around here in October"
        assert legend(found[1:], occurrence.observation) == "Likely around here"
        assert legend(found[2:], occurrence.observation) == "Likely"

    def test_no_model_has_a_say(self, occurrence, photo, verified, tree, client, bob):
        verified("chub", 1)
        verified("bream", 2, **NEAR)
        guess(photo, tree, ("chub", 0.9))
        guess(occurrence.photos.last(), tree, ("chub", 0.9))
        as_person(client, bob)
        for query in ({}, {"show": "1"}):
            page = get(client, "label", occurrence=occurrence.pk, **query)
            assert [each["value"] for each in page.all("input", name="likely")] == ["bream", "chub"]

    def test_what_is_taken_back_was_not_used(self, occurrence, bob, tree):
        first = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        assert [each.label for each in room.words(occurrence, bob).used] == ["chub"]
        identifications.withdraw(identification=first, by=bob)
        assert room.words(occurrence, bob).used == []

    def test_nine_at_most(self, occurrence, tree):
        assert len(room.likely(occurrence.observation, list(tree.values()))) == 9

    def test_the_same_name_again(self, client, occurrence, alice, bob, tree):
        as_person(client, bob)
        assert get(client, "label").all("input", name="same")[0]["value"] == ""
        other = universe.sighting(alice, seed="other").occurrences.get()
        identifications.add(occurrence=other, taxon=tree["chub"], by=bob)
        page = get(client, "label")
        [named] = page.all("input", name="same")
        assert named["value"] == tree["chub"].scientific_name and "Again: Chub" in page.text
        # Without scripts it sends itself.
        sent = {"occurrence": occurrence.pk, "likely": ["bream", "chub"], "confidence": "likely"}
        assert client.post(reverse("label"), sent).status_code == 302
        assert occurrence.identifications.get(person=bob).taxon == tree["chub"]


class TestPortraits:
    def test_one_in_a_box_of_a_camera_is_the_best(self, verified, alice, bob, tree):
        plain = verified("chub", 1, size=(2000, 1000))
        boxed = verified("chub", 2, size=(1200, 600))
        drawn = verified("chub", 3, size=(2000, 1000))
        for each in (boxed, drawn):
            boxes.draw(occurrence=each, photo=each.photos.get(), by=bob, **BOX)
        Photo.objects.filter(occurrences=drawn).update(drawn=True)
        assert portraits.choose_all() == 1
        assert Portrait.objects.get().occurrence == boxed
        boxes.withdraw(box=boxed.boxes.get(), by=bob)
        portraits.choose_all()
        assert Portrait.objects.get().occurrence == plain
        flags.raise_flag(photo=plain.photos.get(), kind=Flag.Kind.NOT_SUBJECT, by=bob)
        portraits.choose_all()
        assert Portrait.objects.get().occurrence == boxed, "a photo of a camera, before a drawing"

    def test_what_is_not_shown_or_not_so_named_any_more_is_not_seen(self, verified, alice, rita, tree):
        first, second = verified("chub", 1), verified("chub", 2)
        portraits.choose_all()
        best = Portrait.objects.get().occurrence
        other = second if best == first else first
        rulings.rule(occurrence=best, taxon=tree["bream"], reason="The mouth.", by=rita)
        assert queries.of([tree["chub"].pk])[tree["chub"].pk].photo == other.photos.get()
        portraits.choose_all()
        photos.erase(photo=other.photos.get(), by=alice)
        assert queries.of([tree["chub"].pk]) == {}

    def test_it_is_cut_to_the_box_with_a_little_air(self, verified, bob, tree):
        found = verified("chub", 1, size=(1000, 500))
        boxes.draw(occurrence=found, photo=found.photos.get(), by=bob, **BOX)
        portraits.choose_all()
        picture = queries.of([tree["chub"].pk])[tree["chub"].pk]
        crop = presenter.picture(Likely(*picture, here=0, then=0))["crop"]
        assert crop["part"] == "64.0 32.0 192.0 96.0" and (crop["width"], crop["height"]) == (320, 160)

    def test_of_a_photo_that_others_see_cropped_the_part_is_of_what_they_see(self, verified, bob):
        found = verified("chub", 1, size=(1000, 500))
        photo = found.photos.get()
        photo.frame, photo.shown_as = [0.25, 0.25, 0.5, 0.5], "cropped-0123456789ab"
        crop = presenter.picture(Likely(found.agreed_taxon, photo, (0.25, 0.25, 0.5, 0.5), 0, 0))["crop"]
        left, top, width, height = map(float, crop["part"].split())
        assert (left, top) == (0, 0) and (width, height) == (crop["width"], crop["height"])

    def test_a_job_looks_when_something_new_is_there(self, verified, monkeypatch, tree):
        def look() -> None:
            monkeypatch.setattr(tasks, "_looked", float("-inf"))
            tasks.look_for_portraits()
            worker.run_due()

        look()
        assert not Portrait.objects.exists()
        verified("chub", 1)
        look()
        assert Portrait.objects.get().taxon == tree["chub"] and not queries.anything_new()
        verified("bream", 2)
        assert queries.anything_new()
