"""Pointing at what tells an organism: kept, moved, taken back, and told to whoever sees that part of the photo."""

import math
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.actions import boxes, drafts, field_marks
from labeling.models import FieldMark, ShownThread
from labeling.queries import field_marks as queries
from species.access import NotYours
from species.actions import partings, published
from species.models import Photo
from tests import universe
from tests.labeling.browsing import as_person
from tests.labeling.field_marking import FATTY, SLASH, give_marks, point
from tests.problems import refusals

JSON = "application/json"


@pytest.fixture
def marked(tree, ada):
    give_marks(tree, ada)
    return tree


class TestPointing:
    def test_of_a_name_the_taxon_that_has_the_mark_is_kept(self, occurrence, photo, marked, bob):
        own = point(occurrence, photo, bob, taxon=marked["cutthroat_trout"])
        inherited = point(occurrence, photo, bob, FATTY, taxon=marked["cutthroat_trout"])
        free = point(occurrence, photo, bob, "  a  scar\n on the cheek ")
        assert [each.taxon for each in (own, inherited, free)] == [
            marked["cutthroat_trout"],
            marked["salmonidae"],
            None,
        ]
        assert free.mark == "a scar on the cheek"

    def test_what_that_name_does_not_have_is_refused(self, occurrence, photo, marked, bob):
        with pytest.raises(ValidationError, match="Brown trout has no such field mark"):
            point(occurrence, photo, bob, SLASH, taxon=marked["brown_trout"])
        assert not FieldMark.objects.exists()

    def test_the_same_words_on_the_same_photo_are_moved(self, occurrence, photo, marked, alice, bob):
        first = point(occurrence, photo, bob)
        assert point(occurrence, photo, bob) == first
        point(occurrence, photo, alice)
        second = point(occurrence, photo, bob, x=0.3)
        first.refresh_from_db()
        assert first.withdrawn_at is not None and second.withdrawn_at is None
        assert FieldMark.objects.filter(withdrawn_at=None).count() == 2

    @pytest.mark.parametrize("given", [{"x": -0.01}, {"y": 1.01}, {"x": math.nan}, {"y": math.inf}])
    def test_a_point_lies_on_the_photo(self, occurrence, photo, bob, given):
        with pytest.raises(ValidationError, match="A point lies on the photo"):
            point(occurrence, photo, bob, **given)

    @pytest.mark.parametrize("words", ["", "  ", "\u202e", "x" * 81])
    def test_words_are_one_short_line(self, occurrence, photo, bob, words):
        with pytest.raises(ValidationError):
            point(occurrence, photo, bob, words)

    def test_words_that_turn_others_are_read_as_they_stand(self, occurrence, photo, bob):
        assert point(occurrence, photo, bob, "a \u202escar\x00").mark == "a scar"

    def test_a_photo_that_does_not_show_it(self, occurrence, bob):
        other = universe.sighting(bob, seed="other").photos.get()
        with pytest.raises(ValidationError, match="does not show it"):
            point(occurrence, other, bob)

    def test_not_without_end(self, occurrence, photo, bob):
        for number in range(queries.MOST):
            last = point(occurrence, photo, bob, f"spot {number}")
        with pytest.raises(ValidationError, match="Take one of them back"):
            point(occurrence, photo, bob, "one more")
        field_marks.withdraw(field_mark=last, by=bob)
        assert point(occurrence, photo, bob, "one more").pk

    def test_the_same_id_is_the_same_one_and_anothers_is_nobodys(self, occurrence, photo, bob, charlie):
        id = uuid4()
        first = point(occurrence, photo, bob, id=id)
        assert point(occurrence, photo, bob, "otherwise", id=id) == first
        with pytest.raises(NotYours):
            point(occurrence, photo, charlie, id=id)

    def test_who_may(self, occurrence, photo, alice, bob, charlie, rita, ada, source):
        for person in (alice, bob, charlie, rita, ada):
            found = point(occurrence, photo, person)
            for other in {alice, charlie} - {person}:
                with pytest.raises(PermissionDenied):
                    field_marks.withdraw(field_mark=found, by=other)
            for _ in range(2):
                assert field_marks.withdraw(field_mark=found, by=person).withdrawn_at is not None
        with pytest.raises(PermissionDenied):
            point(occurrence, photo, source)
        FieldMark.objects.all().delete()
        universe.take_everything_back()
        for person in (bob, charlie, rita, ada):
            with pytest.raises(PermissionDenied):
                point(occurrence, photo, person)
        assert point(occurrence, photo, alice).shown is False

    def test_the_table_refuses_what_the_action_does(self, occurrence, photo, bob):
        row = {"occurrence": occurrence, "photo": photo, "person": bob, "mark": SLASH, "x": 0.5, "y": 0.5}
        FieldMark.objects.create(**row)
        for other in (row, row | {"mark": "a", "x": 1.1}, row | {"mark": "b", "y": -0.1}, row | {"mark": ""}):
            with pytest.raises(IntegrityError), transaction.atomic():
                FieldMark.objects.create(**other)


class TestWhatBecomesOfIt:
    def test_it_goes_with_a_deleted_sighting(self, occurrence, photo, alice):
        point(occurrence, photo, alice)
        published.withdraw(observation=occurrence.observation, by=alice)
        drafts.clear(before=timezone.now() + timedelta(days=1))
        assert not FieldMark.objects.exists() and not Photo.objects.filter(pk=photo.pk).exists()

    def test_it_goes_along_with_a_photo_that_becomes_a_sighting(self, occurrence, alice, bob):
        other = occurrence.photos.order_by("position").last()
        found = point(occurrence, other, bob)
        new = partings.split(photo=other, by=alice)
        found.refresh_from_db()
        assert found.occurrence == new.occurrences.get()

    def test_it_stays_once_another_pointed(self, occurrence, photo, alice, bob):
        point(occurrence, photo, bob)
        with pytest.raises(ValidationError, match="Somebody has answered"):
            drafts.take_back(observation=occurrence.observation, by=alice)

    def test_it_is_listed_and_hidden_with_its_sighting(self, occurrence, photo, alice, bob):
        found = point(occurrence, photo, bob)
        assert found.shown
        universe.take_everything_back()
        found.refresh_from_db()
        assert not found.shown


class TestApi:
    def put(self, client, person, occurrence, of, id=None, **said):
        body = {"occurrence": str(occurrence.pk), "photo": str(of.pk), "mark": SLASH, "x": 0.25, "y": 0.5}
        address = f"/api/v1/field-marks/{id or uuid4()}"
        return as_person(client, person).put(address, body | said, JSON)

    def rows(self, client, person, query="") -> list[dict]:
        return as_person(client, person).get(f"/api/v1/field-marks?{query}").json()["results"]

    def test_said_found_and_taken_back(self, client, occurrence, photo, marked, bob, charlie):
        id = uuid4()
        said = self.put(client, bob, occurrence, photo, id, taxon="cutthroat_trout")
        assert said.status_code == 201, said.content
        row = said.json()
        assert (row["id"], row["taxon"], row["mark"]) == (str(id), "cutthroat_trout", SLASH)
        assert (row["x"], row["y"], row["person"]["name"]) == (0.25, 0.5, "Bob")
        assert self.put(client, bob, occurrence, photo, id, taxon="cutthroat_trout").status_code == 200
        assert self.put(client, charlie, occurrence, photo, id).status_code == 404
        assert self.put(client, None, occurrence, photo).status_code == 401
        for query, count in (
            (f"photo={photo.pk}", 1),
            (f"occurrence={uuid4()}", 0),
            (f"person={bob.pk}&standing=true", 1),
            ("taxon=oncorhynchus", 1),
            ("taxon=brown_trout", 0),
            ("mark=red+slash+under+the+jaw", 1),
            ("updated_since=2001-01-01T00:00:00Z", 1),
        ):
            assert len(self.rows(client, None, query)) == count, query
        address = f"/api/v1/field-marks/{id}/withdraw"
        assert as_person(client, charlie).post(address).status_code == 403
        assert as_person(client, bob).post(address).json()["withdrawn_at"]
        assert self.rows(client, None, "standing=true") == []

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"taxon": "cutthroat"}, "taxon"),
            ({"taxon": "brown_trout"}, "mark"),
            ({"mark": ""}, "mark"),
            ({"mark": "x" * 81}, "mark"),
            ({"x": "nan"}, "x"),
            ({"y": 2}, "detail"),
            ({"photo": str(uuid4())}, "photo"),
        ],
    )
    def test_refused_in_words(self, client, occurrence, photo, marked, bob, wrong, field):
        answer = self.put(client, bob, occurrence, photo, **wrong)
        assert list(refusals(answer)) == [field]

    def test_hidden_with_the_photo(self, client, occurrence, photo, alice, bob, charlie):
        point(occurrence, photo, bob)
        universe.take_everything_back()
        for person, count in ((alice, 1), (bob, 0), (charlie, 0), (None, 0)):
            assert len(self.rows(client, person)) == count

    def test_who_reads_it_has_seen_others(self, client, occurrence, photo, alice, bob):
        point(occurrence, photo, bob)
        self.rows(client, bob)
        point(occurrence, photo, bob, "another")
        assert not ShownThread.objects.filter(person=bob).exists(), "one's own are one's own"
        self.rows(client, alice)
        point(occurrence, photo, alice)
        assert not ShownThread.objects.exists(), "reading writes nothing"
        as_person(client, alice).get("/api/v1/field-marks")
        client.post(f"/occurrences/{occurrence.pk}/identify", {"name": "nothing"})
        assert ShownThread.objects.filter(person=alice, occurrence=occurrence).exists()

    def test_as_many_queries_for_many(
        self, client, occurrence, photo, alice, bob, django_assert_max_num_queries
    ):
        for number in range(8):
            point(occurrence, photo, bob, f"spot {number}")
        with django_assert_max_num_queries(3):
            assert len(client.get("/api/v1/field-marks").json()["results"]) == 8


class TestWhereOthersSeeLess:
    @pytest.fixture
    def cropped(self, alice, tree):
        """Others see the left half of its photo."""
        sighting = universe.sighting(
            alice, seed="spot", latitude=47.26812, longitude=11.39325, surroundings="cropped"
        )
        occurrence, photo = sighting.occurrences.get(), sighting.photos.get()
        boxes.draw(occurrence=occurrence, photo=photo, x=0.05, y=0.05, width=0.4, height=0.9, by=alice)
        photo.refresh_from_db()
        assert photo.shown_part is not None and photo.shown_part[2] < 0.5
        return occurrence, photo

    def test_only_who_sees_all_of_it_is_told_what_lies_outside(
        self, client, cropped, alice, bob, charlie, rita, ada
    ):
        occurrence, photo = cropped
        point(occurrence, photo, alice, "inside", x=0.2)
        point(occurrence, photo, alice, "outside", x=0.8)
        point(occurrence, photo, charlie, "mine", x=0.9)
        told = {}
        for name, person in {"alice": alice, "bob": bob, "charlie": charlie, "rita": rita, "": None}.items():
            rows = as_person(client, person).get("/api/v1/field-marks").json()["results"]
            told[name] = {row["mark"] for row in rows if row["x"] is not None}
            assert all((row["x"] is None) == (row["y"] is None) for row in rows) and len(rows) == 3
        assert told == {
            "alice": {"inside", "outside", "mine"},
            "bob": {"inside"},
            "charlie": {"inside", "mine"},
            "rita": {"inside", "outside", "mine"},
            "": {"inside"},
        }

    def test_what_is_an_example_or_exported_lies_on_what_others_see(self, cropped, alice):
        occurrence, photo = cropped
        point(occurrence, photo, alice, "outside", x=0.8)
        [row] = queries.for_export([photo.pk])
        assert queries.on_what_is_shown(row, row.photo) is None
        assert queries.on_what_is_shown(row, row.photo, whole=True) == (0.8, 0.5)
