"""Pages of trips: begin, stop, nothing caught, what was seen in its time, edit, delete, and who is named."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from species.actions import trips
from species.models import Trip, TripEdit, TripPerson
from tests import universe

START, END = datetime(2015, 10, 10, 11, 0, 30, tzinfo=UTC), datetime(2015, 10, 10, 15, 30, tzinfo=UTC)
WHERE = {"latitude": 47.26812, "longitude": 11.39325}


@pytest.fixture
def trip(alice) -> Trip:
    return trips.start(
        by=alice, name="The weir", privacy="open", started_at=START, ended_at=END, utc_offset=120, **WHERE
    )


def page(client, trip) -> str:
    return client.get(reverse("trip", args=[trip.pk])).content.decode()


def form(trip: Trip, **said) -> dict:
    return {
        **{"name": trip.name, "start_day": "2015-10-10", "start_time": "13:00", "end_day": "2015-10-10"},
        **{"end_time": "17:30", "utc_offset": "120", "privacy": trip.privacy, "seen": str(trip.version)},
        **{"latitude": "47.26812", "longitude": "11.39325"},
    } | said


def test_one_press_begins_one_stops_it_and_one_says_that_nothing_was_caught(client, alice):
    client.force_login(alice)
    client.post(reverse("start_trip"), {"utc_offset": "120"})
    trip = Trip.objects.get()
    assert trip.person == alice and trip.utc_offset == 120 and not trip.shown
    assert "under way" in page(client, trip) and "Stop" in page(client, trip)
    client.post(reverse("stop_trip", args=[trip.pk]))
    trip.refresh_from_db()
    assert trip.ended_at is not None and trip.shown
    client.post(reverse("nothing_caught", args=[trip.pk]))
    assert "<b>Nothing caught.</b>" in page(client, trip)
    client.post(reverse("undo_trip_edit", args=[TripEdit.objects.latest("created").pk]))
    trip.refresh_from_db()
    assert not trip.nothing_caught
    assert "The weir" not in client.get(reverse("trips")).content.decode()


@pytest.mark.parametrize("offset", ["", "x", "--5", "9999", "-840"])
def test_a_device_that_says_no_zone_begins_one_all_the_same(client, alice, offset):
    client.force_login(alice)
    assert client.post(reverse("start_trip"), {"utc_offset": offset}).status_code == 302
    assert Trip.objects.get().utc_offset == (-840 if offset == "-840" else 0)


def test_a_button_that_is_pressed_twice_begins_one(client, alice, bob):
    client.force_login(alice)
    begun = re.search(r'name="id" value="([^"]+)"', client.get(reverse("trips")).content.decode())[1]
    for _ in range(2):
        answer = client.post(reverse("start_trip"), {"id": begun, "utc_offset": "0"})
        assert answer["Location"] == reverse("trip", args=[begun])
    # Deleted, with the page still open: another one.
    client.post(reverse("delete_trip", args=[begun]))
    client.post(reverse("start_trip"), {"id": begun})
    # Nobody gets at somebody else's by its id.
    client.force_login(bob)
    client.post(reverse("start_trip"), {"id": begun})
    assert sorted(Trip.objects.values_list("person__display_name", flat=True)) == ["Alice", "Alice", "Bob"]
    assert not Trip.objects.filter(pk=begun, discarded_at=None).exists()


def test_what_is_over_is_not_stopped_again(client, alice):
    client.force_login(alice)
    client.post(reverse("start_trip"))
    trip = Trip.objects.get()
    for _ in range(2):
        client.post(reverse("stop_trip", args=[trip.pk]))
    assert TripEdit.objects.count() == 1


def test_what_was_seen_in_its_time_is_put_on_it(client, trip, alice):
    seen = universe.sighting(alice, seed="w", privacy="open", observed_at=START + timedelta(hours=1), **WHERE)
    client.force_login(alice)
    assert str(seen.pk) in page(client, trip)
    assert client.post(reverse("gather_trip", args=[trip.pk]), {"sighting": ["x"]}).status_code == 302
    client.post(reverse("gather_trip", args=[trip.pk]), {"sighting": [str(seen.pk)]})
    seen.refresh_from_db()
    assert seen.trip == trip
    assert reverse("trip", args=[trip.pk]) in client.get(seen.get_absolute_url()).content.decode()
    client.logout()
    assert reverse("trip", args=[trip.pk]) in client.get(seen.get_absolute_url()).content.decode()
    trips.describe(trip=trip, by=alice, privacy="private")
    assert reverse("trip", args=[trip.pk]) not in client.get(seen.get_absolute_url()).content.decode()


def test_who_sees_the_page_and_what_of_it(client, trip, alice, bob, charlie, rita, ada):
    universe.sighting(
        alice, seed="m", privacy="generalized", time_precision="month", trip=trip, observed_at=START
    )
    for person in (None, bob, charlie, rita, ada):
        client.logout()
        if person:
            client.force_login(person)
        html = page(client, trip)
        assert "Oct 2015" in html and "10 Oct" not in html and "The weir" not in html
        for name in ("stop_trip", "edit_trip", "delete_trip", "gather_trip", "nothing_caught"):
            answer = client.post(reverse(name, args=[trip.pk]))
            assert answer.status_code == (404 if person else 302), name
    client.force_login(alice)
    html = page(client, trip)
    assert "The weir" in html and "10 Oct 2015, 13:00" in html
    trips.describe(trip=trip, by=alice, privacy="private")
    client.force_login(rita)
    assert client.get(reverse("trip", args=[trip.pk])).status_code == 404
    assert client.get(reverse("trip", args=[uuid4()])).status_code == 404


def test_editing_keeps_what_was_left_as_it_stood(client, trip, alice):
    client.force_login(alice)
    at = reverse("edit_trip", args=[trip.pk])
    assert client.get(at).status_code == 200
    client.post(at, form(trip))
    assert not TripEdit.objects.exists(), "the seconds stay, which the page does not show"
    assert client.post(at, form(trip, gear="worms", targets="")).status_code == 302
    trip.refresh_from_db()
    assert (trip.gear, trip.started_at) == ("worms", START)
    stale = client.post(at, form(trip, gear="flies", seen="0"))
    assert stale.status_code == 409 and 'value="flies"' in stale.content.decode()
    wrong = client.post(at, form(trip, end_time="12:00", gear="flies"))
    assert wrong.status_code == 400 and 'value="flies"' in wrong.content.decode()
    trip.refresh_from_db()
    assert trip.gear == "worms"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"start_time": ""}, "Say the hour, too."),
        ({"end_day": ""}, "Say the day, too."),
        ({"targets": "unicorn"}, "unicorn"),
        ({"people": "Nobody At All"}, "Nobody here is called"),
        ({"latitude": ""}, "both latitude and longitude"),
        ({"people_count": "0"}, "1"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(client, trip, alice, tree, said, sentence):
    client.force_login(alice)
    answer = client.post(reverse("edit_trip", args=[trip.pk]), form(trip, **said))
    assert answer.status_code == 400 and sentence in answer.content.decode()


def test_who_is_named_agrees_or_not_also_where_they_see_nothing_of_it(client, alice, bob, charlie):
    trip = trips.start(by=alice, started_at=timezone.now(), people=[bob])
    at = reverse("trip", args=[trip.pk])
    client.force_login(charlie)
    assert client.get(at).status_code == 404
    assert client.post(reverse("answer_trip", args=[trip.pk]), {"agrees": "yes"}).status_code == 404
    client.force_login(bob)
    html = client.get(at).content.decode()
    assert "Alice says that you were along" in html and "Whose" not in html
    client.post(reverse("answer_trip", args=[trip.pk]), {"agrees": "yes"})
    assert TripPerson.objects.get().agreed_at is not None
    client.post(reverse("answer_trip", args=[trip.pk]), {"agrees": "no"})
    named = TripPerson.objects.get()
    assert named.agreed_at is None and named.declined_at is not None


def test_deleted_it_can_be_had_back(client, trip, alice):
    client.force_login(alice)
    client.post(reverse("delete_trip", args=[trip.pk]))
    assert client.get(reverse("trip", args=[trip.pk])).status_code == 404
    client.post(reverse("restore_trip", args=[trip.pk]))
    assert client.get(reverse("trip", args=[trip.pk])).status_code == 200
    trip.refresh_from_db()
    assert trip.discarded_at is None


def test_a_page_takes_few_queries(client, trip, alice, tree, django_assert_max_num_queries):
    for number in range(8):
        universe.sighting(
            alice, seed=number, privacy="open", trip=trip if number % 2 else None, observed_at=START
        )
    client.force_login(alice)
    for at in (reverse("trips"), reverse("trip", args=[trip.pk]), reverse("edit_trip", args=[trip.pk])):
        client.get(at)
        with django_assert_max_num_queries(15):
            assert client.get(at).status_code == 200
