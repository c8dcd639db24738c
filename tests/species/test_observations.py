"""Sightings: time, place and what others may know of it, drafts, publishing, discarding."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone as clock

from accounts import actions as accounts
from species import access
from species.actions import observations, occurrences
from species.models import Observation, Occurrence, Photo, State, Trip
from tests import universe

PLACE = {"latitude": 47.26812, "longitude": 11.39325, "place_source": "map_pin"}


def public(observation: Observation) -> tuple:
    observation.refresh_from_db()
    return tuple(getattr(observation, name) for name in observations.PUBLIC if name.startswith("public"))


NOWHERE = (None, None, None, "", "")


def test_one_id_is_one_sighting(alice, bob):
    id = uuid4()
    first = observations.start(by=alice, id=id, note="first")
    again = observations.start(by=alice, id=id, note="second")
    assert first.pk == again.pk == id
    assert again.note == "first", "a retried request changes nothing"
    with pytest.raises(access.NotYours):
        observations.start(by=bob, id=id)


@pytest.mark.django_db(transaction=True)
def test_one_id_in_several_requests_at_once_is_one_sighting():
    owner = accounts.sign_up(email="a@example.org", password=None, display_name="A")
    id, start, errors = uuid4(), threading.Barrier(4), []

    def send():
        try:
            start.wait()
            observations.start(by=owner, id=id)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert Observation.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "observed_at", "offset", "day"),
    [
        # UTC, since nobody said another zone
        (
            {"observed_at": datetime(2015, 10, 10, 23, 30, tzinfo=UTC)},
            datetime(2015, 10, 10, 23, 30, tzinfo=UTC), 0, date(2015, 10, 10),
        ),
        # said to be of no known zone: the hour as it is written
        (
            {"observed_at": datetime(2015, 10, 10, 23, 30, tzinfo=timezone(timedelta(hours=2))), "utc_offset": None},
            datetime(2015, 10, 10, 23, 30, tzinfo=UTC), None, date(2015, 10, 10),
        ),
        # the same instant, on the clock of the place it is tomorrow
        (
            {"observed_at": datetime(2015, 10, 10, 23, 30, tzinfo=UTC), "utc_offset": 120},
            datetime(2015, 10, 10, 23, 30, tzinfo=UTC), 120, date(2015, 10, 11),
        ),
        # an aware time brings its zone
        (
            {"observed_at": datetime(2015, 10, 10, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))},
            datetime(2015, 10, 9, 19, 15, tzinfo=UTC), 345, date(2015, 10, 10),
        ),
        # the clock on the wall, zone known
        (
            {"observed_at": datetime(2015, 10, 10, 0, 15), "utc_offset": 120},
            datetime(2015, 10, 9, 22, 15, tzinfo=UTC), 120, date(2015, 10, 10),
        ),
        # the clock on the wall, zone unknown
        (
            {"observed_at": datetime(2015, 10, 10, 0, 15)},
            datetime(2015, 10, 10, 0, 15, tzinfo=UTC), None, date(2015, 10, 10),
        ),
        # a day without a time
        ({"local_date": date(2015, 10, 10)}, None, None, date(2015, 10, 10)),
        ({"observed_at": date(2015, 10, 10)}, None, None, date(2015, 10, 10)),
        ({"observed_at": date(2015, 10, 10), "local_date": date(2015, 10, 10)}, None, None, date(2015, 10, 10)),
    ],
)  # fmt: skip
def test_times(alice, fields, observed_at, offset, day):
    sighting = observations.start(by=alice, **fields)
    sighting.refresh_from_db()
    assert (sighting.observed_at, sighting.utc_offset, sighting.local_date) == (observed_at, offset, day)


def test_a_zone_learnt_later_keeps_the_hour_on_the_wall(alice):
    sighting = observations.start(by=alice, observed_at=datetime(2015, 10, 10, 0, 15))
    observations.describe(observation=sighting, by=alice, utc_offset=120)
    assert sighting.observed_at == datetime(2015, 10, 9, 22, 15, tzinfo=UTC)
    assert sighting.local_date == date(2015, 10, 10)
    assert sighting.local_time.hour == 0


def test_a_zone_taken_away_keeps_the_hour_on_the_wall(alice):
    sighting = observations.start(by=alice, observed_at=datetime(2015, 10, 10, 0, 15), utc_offset=120)
    observations.describe(observation=sighting, by=alice, utc_offset=None)
    assert sighting.observed_text == "2015-10-10T00:15:00"
    assert (sighting.local_time, sighting.local_date) == (datetime(2015, 10, 10, 0, 15), date(2015, 10, 10))


def test_another_zone_moves_the_hour_and_not_the_moment(alice):
    sighting = observations.start(by=alice, observed_at=datetime(2022, 5, 19, 3, 17), utc_offset=0)
    observations.describe(observation=sighting, by=alice, utc_offset=-420)
    assert sighting.observed_text == "2022-05-19T03:17:00Z"
    assert sighting.local_date == date(2022, 5, 18)


def test_a_day_takes_the_place_of_a_time(alice):
    sighting = observations.start(by=alice, observed_at=datetime(2015, 10, 10, 0, 15))
    observations.describe(observation=sighting, by=alice, observed_at=date(2015, 10, 11))
    assert (sighting.observed_at, sighting.local_date) == (None, date(2015, 10, 11))


def test_a_time_says_where_it_came_from_until_somebody_says_another(alice):
    at = datetime(2015, 10, 10, 0, 15)
    sighting = observations.start(by=alice, observed_at=at, time_source="exif")
    observations.describe(observation=sighting, by=alice, observed_at=at, utc_offset=None, note="at dusk")
    assert sighting.time_source == "exif", "said again, it is the same"
    observations.describe(observation=sighting, by=alice, observed_at=datetime(2015, 10, 10, 1, 15))
    assert sighting.time_source == "said"
    observations.describe(observation=sighting, by=alice, observed_at=None)
    assert sighting.time_source == ""


def test_a_zone_far_from_the_sun_is_in_doubt_until_it_is_kept(alice):
    la = {"latitude": 34.05, "longitude": -118.25, "place_source": "exif"}
    at = {"observed_at": datetime(2023, 5, 2, 2, 0), "utc_offset": 120}
    sighting = observations.start(by=alice, **la, **at)
    assert sighting.zone_doubt
    observations.describe(observation=sighting, by=alice, zone_kept=True)
    assert not sighting.zone_doubt
    observations.describe(observation=sighting, by=alice, utc_offset=0)
    assert sighting.zone_doubt, "the answer was about another zone"
    observations.describe(observation=sighting, by=alice, utc_offset=-420)
    assert not sighting.zone_doubt
    observations.describe(observation=sighting, by=alice, utc_offset=None)
    assert not sighting.zone_doubt


def test_a_time_can_be_taken_away(alice):
    sighting = observations.start(by=alice, observed_at=datetime(2015, 10, 10, 0, 15))
    observations.describe(observation=sighting, by=alice, observed_at=None)
    assert (sighting.observed_at, sighting.local_date) == (None, None)


def test_a_day_stays_where_a_time_that_was_never_there_is_taken_away(alice):
    sighting = observations.start(by=alice, local_date=date(2015, 10, 10), time_source="gps")
    observations.describe(observation=sighting, by=alice, observed_at=None)
    assert (sighting.local_date, sighting.time_source) == (date(2015, 10, 10), "gps")
    observations.describe(observation=sighting, by=alice, local_date=None)
    assert (sighting.local_date, sighting.time_source) == (None, "")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"observed_at": datetime(2100, 1, 1, tzinfo=UTC)}, "observed_at"),
        ({"observed_at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14)))}, "observed_at"),
        ({"observed_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "observed_at"),
        ({"observed_at": datetime(1, 1, 1), "utc_offset": -720}, "observed_at"),
        ({"local_date": date(2100, 1, 1)}, "local_date"),
        ({"observed_at": date(2100, 1, 1)}, "observed_at"),
        ({"observed_at": date(2015, 1, 1), "local_date": date(2015, 1, 2)}, "local_date"),
        ({"observed_at": date(2015, 1, 1), "time_source": "guess"}, "time_source"),
        ({"local_date": date(1825, 12, 31)}, "local_date"),
        ({"observed_at": datetime(2015, 1, 1), "local_date": date(2015, 1, 2)}, "local_date"),
        ({"observed_at": datetime(2015, 1, 1), "utc_offset": 900}, "utc_offset"),
        ({"latitude": 47.0}, "latitude"),
        ({"latitude": 91, "longitude": 0, "place_source": "exif"}, "latitude"),
        ({"latitude": 0, "longitude": -180.5, "place_source": "exif"}, "longitude"),
        ({"latitude": float("nan"), "longitude": 0, "place_source": "exif"}, "latitude"),
        ({"latitude": 0, "longitude": float("inf"), "place_source": "exif"}, "longitude"),
        ({"latitude": 47.0, "longitude": 11.0}, "place_source"),
        ({"latitude": 47.0, "longitude": 11.0, "place_source": "guess"}, "place_source"),
        (PLACE | {"uncertainty_m": -1}, "uncertainty_m"),
        (PLACE | {"uncertainty_m": float("nan")}, "uncertainty_m"),
        ({"privacy": "secret"}, "privacy"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_changes_nothing(alice, fields, field):
    sighting = observations.start(by=alice, note="as it was")
    with pytest.raises(ValidationError) as refusal:
        observations.describe(observation=sighting, by=alice, **fields)
    assert list(refusal.value.message_dict) == [field]
    sighting.refresh_from_db()
    assert (sighting.note, sighting.latitude, sighting.observed_at) == ("as it was", None, None)
    with pytest.raises(ValidationError):
        observations.start(by=alice, **fields)
    assert Observation.objects.count() == 1


def test_a_field_nobody_knows_is_a_mistake_of_the_caller(alice):
    with pytest.raises(TypeError, match="public_latitude"):
        observations.start(by=alice, public_latitude=1.0)


def test_only_the_owner_and_admins_describe(alice, bob, rita, ada, sighting_of_alice):
    accounts.grant(user=bob, scope="all", purpose="to look", by=ada)
    for person in (bob, rita):
        with pytest.raises(PermissionDenied):
            observations.describe(observation=sighting_of_alice, by=person, note="mine now")
    observations.describe(observation=sighting_of_alice, by=ada, note="moderated")
    assert sighting_of_alice.note == "moderated"


def test_a_trip_must_be_ones_own(alice, bob):
    with pytest.raises(ValidationError, match="trip"):
        observations.start(by=alice, trip=Trip.objects.create(person=bob))
    own = Trip.objects.create(person=alice)
    place = universe.place(name="A brook")
    sighting = observations.start(by=alice, trip=own, place=place)
    assert (sighting.trip, sighting.place) == (own, place)


class TestPlaces:
    def test_others_see_a_square_that_is_always_the_same(self, alice):
        one = observations.start(by=alice, **PLACE)
        other = observations.start(by=alice, latitude=47.29, longitude=11.31, place_source="gpx")
        assert public(one) == public(other)
        assert public(one)[:2] == (47.25, 11.35)
        assert public(one)[2] > 5000 and public(one)[3] and public(one)[4]

    def test_open_is_exact_and_private_is_nowhere(self, alice):
        sighting = observations.start(by=alice, privacy="open", uncertainty_m=12, **PLACE)
        assert public(sighting)[:3] == (47.26812, 11.39325, 12)
        observations.describe(observation=sighting, by=alice, privacy="private")
        assert public(sighting) == NOWHERE
        assert sighting.latitude == 47.26812

    def test_taking_the_place_away_takes_all_of_it(self, alice):
        sighting = observations.start(by=alice, uncertainty_m=10, **PLACE)
        observations.describe(observation=sighting, by=alice, latitude=None, longitude=None)
        assert public(sighting) == NOWHERE
        assert (sighting.latitude, sighting.uncertainty_m, sighting.place_source) == (None, None, "")

    def test_a_sensitive_taxon_puts_a_floor_under_it_and_takes_it_away_again(self, alice, tree):
        sighting = universe.sighting(alice, privacy="open", **PLACE)
        occurrence = sighting.occurrences.get()

        def agree(taxon):
            occurrences.settle(occurrence=occurrence, status="verified", taxon=taxon.pk)
            return public(sighting)[:2]

        assert public(sighting)[:2] == (47.26812, 11.39325)
        assert agree(tree["bull_trout"]) == (47.25, 11.35)
        assert agree(tree["huchen"]) == (None, None), "its genus is the sensitive one"
        assert agree(tree["chub"]) == (47.26812, 11.39325)
        sighting.refresh_from_db()
        assert sighting.privacy == "open", "what the observer chose is not touched"

    def test_the_owner_cannot_open_what_a_taxon_closes(self, alice, tree):
        sighting = universe.sighting(alice, privacy="private", **PLACE)
        occurrence = sighting.occurrences.get()
        occurrences.settle(occurrence=occurrence, status="verified", taxon=tree["bull_trout"].pk)
        assert public(sighting) == NOWHERE, "the observer was the stricter one"
        observations.describe(observation=sighting, by=alice, privacy="open")
        assert public(sighting)[:2] == (47.25, 11.35)


class TestPublishing:
    def test_it_needs_a_photo(self, alice):
        empty = observations.start(by=alice)
        with pytest.raises(ValidationError, match="at least one photo"):
            observations.publish(observation=empty, by=alice)
        empty.refresh_from_db()
        assert (empty.state, empty.published_at) == (State.DRAFT, None)

    def test_it_makes_one_occurrence_of_all_photos_once(self, alice):
        sighting = universe.sighting(alice, photos=3, published=False)
        assert not sighting.occurrences.exists()
        before = clock.now()
        observations.publish(observation=sighting, by=alice)
        first = sighting.published_at
        observations.publish(observation=sighting, by=alice)
        assert sighting.occurrences.get().photos.count() == 3
        assert (sighting.state, sighting.published_at) == (State.PUBLISHED, first)
        assert first >= before

    def test_occurrences_said_before_are_kept(self, alice):
        sighting = universe.sighting(alice, photos=2, published=False)
        one, two = sighting.photos.order_by("position")
        occurrences.add(observation=sighting, photos=[one], by=alice)
        occurrences.add(observation=sighting, photos=[one, two], by=alice)
        observations.publish(observation=sighting, by=alice)
        assert Occurrence.objects.count() == 2

    def test_only_by_its_owner(self, alice, bob, rita):
        sighting = universe.sighting(alice, published=False)
        for person in (bob, rita):
            with pytest.raises(PermissionDenied):
                observations.publish(observation=sighting, by=person)
        sighting.refresh_from_db()
        assert sighting.state == State.DRAFT


class TestDiscarding:
    def test_nothing_is_left_of_a_draft(self, alice, settings, django_capture_on_commit_callbacks):
        sighting = universe.sighting(alice, photos=2, published=False)
        occurrence = occurrences.add(observation=sighting, photos=sighting.photos.all(), by=alice)
        occurrences.measure(occurrence=occurrence, kind="total_length", value=310, by=alice)
        with django_capture_on_commit_callbacks(execute=True):
            observations.discard(observation=sighting, by=alice)
        assert not (Observation.objects.exists() or Photo.objects.exists() or Occurrence.objects.exists())
        assert [path for path in Path(settings.FILES).rglob("*") if path.is_file()] == []

    def test_the_original_stays_for_somebody_else_who_sent_it(
        self, alice, bob, settings, django_capture_on_commit_callbacks
    ):
        mine = universe.sighting(alice, seed="same", published=False)
        other = universe.sighting(bob, seed="same", published=False).photos.get()
        with django_capture_on_commit_callbacks(execute=True):
            observations.discard(observation=mine, by=alice)
        files = {str(path.relative_to(settings.FILES)) for path in Path(settings.FILES).rglob("*.*")}
        assert other.rendition_name(320) in files
        assert (Path(settings.FILES) / other.original_name).is_file()

    def test_a_published_sighting_stays(self, alice, sighting_of_alice):
        with pytest.raises(ValidationError, match="published"):
            observations.discard(observation=sighting_of_alice, by=alice)
        assert sighting_of_alice.photos.count() == 2

    def test_somebody_elses_draft_stays(self, alice, bob):
        sighting = universe.sighting(alice, published=False)
        with pytest.raises(PermissionDenied):
            observations.discard(observation=sighting, by=bob)
        assert Photo.objects.count() == 1


def test_nobody_starts_a_sighting_in_anothers_name(alice, bob, ada):
    with pytest.raises(PermissionDenied):
        observations.start(by=bob, observer=alice)
    batch, _ = universe.imported(operator=ada)
    with pytest.raises(PermissionDenied):
        observations.start(by=bob, observer=batch.source, batch=batch)


def test_boxes_of_the_map_cross_the_antimeridian(alice):
    east = observations.start(by=alice, latitude=0.05, longitude=179.95, place_source="gpx")
    west = observations.start(by=alice, latitude=0.05, longitude=-179.95, place_source="gpx")
    observations.start(by=alice, latitude=0.05, longitude=0.05, place_source="gpx")
    assert set(Observation.objects.in_bbox(170, -1, -170, 1)) == {east, west}
    assert set(Observation.objects.in_bbox(170, -1, 180, 1)) == {east}


def test_who_sees_which_sightings(alice, bob, rita, sighting_of_alice):
    hidden = universe.sighting(alice, seed="hidden", consents=["research"])
    draft = universe.sighting(alice, seed="draft", published=False)
    assert set(Observation.objects.visible_to(None)) == {sighting_of_alice}
    assert set(Observation.objects.visible_to(bob)) == {sighting_of_alice}
    assert set(Observation.objects.visible_to(rita)) == {sighting_of_alice, hidden}
    assert set(Observation.objects.visible_to(alice)) == {sighting_of_alice, hidden, draft}
