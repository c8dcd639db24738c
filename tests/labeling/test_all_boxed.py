"""People's word that every organism on a photo has a box: kept, taken back, and lapsed where one comes later."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from labeling.actions import all_boxed, boxes
from labeling.models import AllBoxed
from species.access import NotYours
from species.actions import occurrences
from species.models import Photo
from tests import universe
from tests.labeling.browsing import as_person
from tests.problems import refusals

WHOLE = {"x": 0, "y": 0, "width": 1, "height": 1}


def holding(photo: Photo) -> list[str]:
    rows = AllBoxed.objects.with_holds().filter(photo=photo, holds=True)
    return [each.person.display_name for each in rows]


@pytest.fixture
def boxed(occurrence, photo, bob):
    return boxes.draw(occurrence=occurrence, photo=photo, by=bob, **WHOLE)


class TestSaying:
    def test_the_same_again_is_the_same_one(self, boxed, photo, bob, charlie):
        vote = all_boxed.add(photo=photo, by=bob)
        assert all_boxed.add(photo=photo, by=bob) == vote
        all_boxed.add(photo=photo, by=charlie)
        assert holding(photo) == ["Bob", "Charlie"]

    def test_not_while_one_has_none(self, occurrence, photo, alice, bob, boxed):
        occurrences.add(observation=occurrence.observation, photos=[photo], by=alice)
        with pytest.raises(ValidationError, match="one fish has no box on this photo"):
            all_boxed.add(photo=photo, by=bob)

    def test_one_that_comes_later_ends_it_until_it_is_said_again(self, boxed, occurrence, photo, alice, bob):
        vote = all_boxed.add(photo=photo, by=bob)
        second = occurrences.add(observation=occurrence.observation, photos=[photo], by=alice)
        assert holding(photo) == []
        boxes.draw(occurrence=second, photo=photo, by=alice, **WHOLE)
        assert holding(photo) == [], "of that one Bob has said nothing"
        again = all_boxed.add(photo=photo, by=bob)
        assert again != vote and holding(photo) == ["Bob"]
        vote.refresh_from_db()
        assert vote.withdrawn_at is not None, "it stays on record"

    def test_it_does_not_hold_without_the_boxes(self, boxed, photo, bob):
        all_boxed.add(photo=photo, by=bob)
        boxes.withdraw(box=boxed, by=bob)
        assert holding(photo) == []

    def test_one_on_another_photo_changes_nothing(self, boxed, occurrence, photo, alice, bob):
        all_boxed.add(photo=photo, by=bob)
        other = occurrence.photos.order_by("position").last()
        occurrences.add(observation=occurrence.observation, photos=[other], by=alice)
        assert holding(photo) == ["Bob"]

    def test_who_may(self, boxed, photo, alice, bob, charlie, rita, ada, client):
        for person in (alice, bob, charlie, rita, ada):
            vote = all_boxed.add(photo=photo, by=person)
            for other in {alice, charlie} - {person}:
                with pytest.raises(PermissionDenied):
                    all_boxed.withdraw(vote=vote, by=other)
            for _ in range(2):
                assert all_boxed.withdraw(vote=vote, by=person).withdrawn_at is not None
        assert client.post("/api/v1/all_boxed", {"photo": str(photo.pk)}).status_code == 401
        universe.take_everything_back()
        for person in (bob, charlie, rita, ada):
            with pytest.raises(PermissionDenied):
                all_boxed.add(photo=photo, by=person)

    def test_gone_with_its_photo(self, boxed, photo, bob):
        vote = all_boxed.add(photo=photo, by=bob)
        AllBoxed.objects.all().delete()
        with pytest.raises(NotYours):
            all_boxed.withdraw(vote=vote, by=bob)

    def test_one_stands(self, photo, bob):
        AllBoxed.objects.create(photo=photo, person=bob)
        with pytest.raises(IntegrityError, match=r"all_boxed_one_stands|UNIQUE"), transaction.atomic():
            AllBoxed.objects.create(photo=photo, person=bob)


class TestApi:
    def test_said_listed_and_taken_back(self, client, boxed, photo, bob, charlie):
        as_person(client, bob)
        said = client.post("/api/v1/all_boxed", {"photo": str(photo.pk)}, "application/json")
        assert said.status_code == 201 and said.json()["holds"] and said.json()["person"]["name"] == "Bob"
        for query, count in (("holds=true", 1), ("holds=false", 0), (f"photo={photo.pk}&standing=true", 1)):
            assert len(client.get(f"/api/v1/all_boxed?{query}").json()["results"]) == count, query
        address = f"/api/v1/all_boxed/{said.json()['id']}"
        assert as_person(client, charlie).post(f"{address}/withdraw").status_code == 403
        taken = as_person(client, bob).post(f"{address}/withdraw")
        assert taken.status_code == 200 and not taken.json()["holds"] and taken.json()["withdrawn_at"]

    def test_refused_in_words(self, client, photo, bob):
        answer = as_person(client, bob).post(
            "/api/v1/all_boxed", {"photo": str(photo.pk)}, "application/json"
        )
        assert answer.status_code == 400
        assert refusals(answer) == {"photo": ["Not yet: one fish has no box on this photo."]}

    def test_of_hidden_photos_nobody_learns(self, client, boxed, photo, alice, bob):
        all_boxed.add(photo=photo, by=bob)
        universe.take_everything_back()
        assert as_person(client, bob).get("/api/v1/all_boxed").json()["results"] == []
        assert len(as_person(client, alice).get("/api/v1/all_boxed").json()["results"]) == 1
