"""Trips: whose they are, what others are told of place and time, and the record of having caught nothing."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.test import APIClient

from labeling.actions import identifications
from notices.models import Notification
from species.access import NotYours
from species.actions import observations, published, trips
from species.models import Deletion, Edit, Trip, TripEdit, TripPerson
from species.queries import trips as queries
from tests import universe

START, END = datetime(2015, 10, 10, 11, 0, tzinfo=UTC), datetime(2015, 10, 10, 15, 30, tzinfo=UTC)
WHERE = {"latitude": 47.26812, "longitude": 11.39325, "uncertainty_m": 30.0}
WHEN = {"started_at": START, "ended_at": END, "utc_offset": 120}


@pytest.fixture
def trip(alice) -> Trip:
    """Over, at an exact place, told as it is."""
    return trips.start(by=alice, name="The weir", privacy="open", gear="fly rod", **WHEN, **WHERE)


def client_of(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client


def get(trip, person=None):
    return client_of(person).get(f"/api/v1/trips/{trip.pk}")


def test_it_is_made_by_put_again_and_changed_by_patch(alice, tree):
    client, url = client_of(alice), f"/api/v1/trips/{uuid4()}"
    body = {
        "started_at": "2015-10-10T13:00:00+02:00",
        "ended_at": "2015-10-10T15:30:00Z",
        "privacy": "open",
        "targets": ["brown_trout"],
        "people_count": 2,
        "nothing_caught": True,
        **WHERE,
    }
    made = client.put(url, body, format="json")
    assert made.status_code == 201, made.data
    again = client.put(url, body, format="json")
    assert again.status_code == 200 and again.data == made.data
    assert made.data["utc_offset"] == 120 and made.data["started_at"] == "2015-10-10T11:00:00Z"
    assert made.data["targets"] == ["brown_trout"] and made.data["nothing_caught"] is True
    assert TripEdit.objects.count() == 0, "the same again changes nothing"
    assert client.put(url, made.data, format="json").data == made.data, "what a GET gave changes nothing"
    found = client.get(url)
    assert client.patch(url, {"gear": "worms"}, format="json", HTTP_IF_MATCH='"x"').status_code == 412
    said = client.patch(url, {"gear": "worms"}, format="json", HTTP_IF_MATCH=found["ETag"])
    assert said.status_code == 200 and said.data["gear"] == "worms"
    refused = client.patch(url, {"person": {"id": "x"}}, format="json")
    assert refused.status_code == 400 and "person" in str(refused.content)
    [edit] = client.get(f"{url}/history").data["results"]
    assert (edit["before"], edit["after"]) == ({"gear": ""}, {"gear": "worms"})
    undone = client.post(f"{url}/undo", {"edit": edit["id"]}, format="json")
    assert undone.data["gear"] == ""


def test_who_sees_it(trip, alice, bob, charlie, rita, ada):
    people = [None, alice, bob, charlie, rita, ada]
    assert {get(trip, each).status_code for each in people} == {200}
    trips.describe(trip=trip, by=alice, privacy="private")
    assert [get(trip, each).status_code for each in people] == [404, 200, 404, 404, 404, 404]
    assert Deletion.objects.get(pk=trip.pk).kind == "trip"
    trips.describe(trip=trip, by=alice, privacy="generalized")
    assert [get(trip, each).data["exact"] is None for each in people] == [True, False, True, True, True, True]
    assert not Deletion.objects.filter(pk=trip.pk).exists()
    underway = trips.start(by=alice, started_at=timezone.now(), privacy="open", **WHERE)
    assert [get(underway, each).status_code for each in people] == [404, 200, 404, 404, 404, 404]
    for person in (bob, rita, ada):
        client, url = client_of(person), f"/api/v1/trips/{trip.pk}"
        assert client.put(url, {}, format="json").status_code == 404
        assert client.patch(url, {"name": "Mine"}, format="json").status_code == 404
        assert client.delete(url).status_code == client.post(f"{url}/restore").status_code == 404
        assert client.get(f"{url}/history").status_code == 404


def test_others_are_told_of_the_place_what_every_sighting_on_it_allows(trip, alice, bob, tree):
    assert get(trip).data["place"]["latitude"] == WHERE["latitude"]
    open_one = universe.sighting(alice, seed="open", privacy="open", trip=trip, observed_at=START, **WHERE)
    assert get(trip).data["place"]["generalized"] is False
    occurrence = open_one.occurrences.get()
    said = identifications.add(occurrence=occurrence, taxon=tree["bull_trout"], by=bob)
    told = get(trip).data
    assert told["place"]["generalized"] and told["place"]["latitude"] != WHERE["latitude"]
    assert (told["name"], told["locality"]) == ("", ""), "people call trips by where they went"
    identifications.withdraw(identification=said, by=bob)
    hidden = universe.sighting(alice, seed="h", privacy="private", trip=trip, published=False, **WHERE)
    assert get(trip).data["place"] is None, "a draft's place is as private"
    observations.set_aside(observation=hidden, by=alice)
    assert get(trip).data["place"] is not None
    floor = universe.sighting(alice, seed="floor", privacy="open", trip=trip, observed_at=START)
    identifications.add(occurrence=floor.occurrences.get(), taxon=tree["huchen"], by=bob)
    assert get(trip).data["place"] is None, "a sighting without a place of its own was at the trip's"
    assert get(trip, alice).data["exact"]["latitude"] == WHERE["latitude"]


def test_others_are_told_of_its_time_no_more_than_of_any_sighting(trip, alice):
    assert get(trip).data["started_at"] == "2015-10-10T11:00:00Z"
    universe.sighting(
        alice, seed="m", privacy="generalized", time_precision="month", trip=trip, observed_at=START, **WHERE
    )
    told = get(trip).data
    assert (told["started_at"], told["ended_at"], told["utc_offset"]) == (None, None, None)
    assert told["eventDate"] == "2015-10"
    assert get(trip, alice).data["eventDate"] == "2015-10-10T11:00:00Z/2015-10-10T15:30:00Z"


def test_a_sighting_of_a_square_or_a_month_is_not_told_to_be_on_it(trip, alice, bob, charlie, rita):
    """Beside the exact places of its trip it would be nearer than its square, and on its day."""
    exact = universe.sighting(alice, seed="e", privacy="open", trip=trip, observed_at=START, **WHERE)
    rough = universe.sighting(alice, seed="r", privacy="generalized", trip=trip, observed_at=START, **WHERE)
    month = universe.sighting(
        alice, seed="m", privacy="generalized", time_precision="month", trip=trip, observed_at=START
    )
    for person in (None, bob, charlie, rita):
        client = client_of(person)
        found = client.get(f"/api/v1/observations?trip={trip.pk}").data["results"]
        assert [each["id"] for each in found] == [str(exact.pk)]
        each = [client.get(f"/api/v1/observations/{one.pk}").data["trip"] for one in (exact, rough, month)]
        assert each == [str(trip.pk), None, None]
    own = client_of(alice).get(f"/api/v1/observations?trip={trip.pk}").data["results"]
    assert {each["id"] for each in own} == {str(each.pk) for each in (exact, rough, month)}
    assert {each["trip"] for each in own} == {str(trip.pk)}
    trips.describe(trip=trip, by=alice, privacy="private")
    assert client_of().get(f"/api/v1/observations?trip={trip.pk}").data["results"] == []
    assert client_of(bob).get(f"/api/v1/observations/{exact.pk}").data["trip"] is None


def test_nothing_caught_is_a_record_that_no_sighting_contradicts(trip, alice):
    with pytest.raises(ValidationError, match="when the trip began"):
        trips.start(by=alice, nothing_caught=True)
    trips.describe(trip=trip, by=alice, nothing_caught=True)
    with pytest.raises(ValidationError, match="Nothing was caught"):
        universe.sighting(alice, seed="x", trip=trip)
    trips.describe(trip=trip, by=alice, nothing_caught=False)
    universe.sighting(alice, seed="y", trip=trip)
    with pytest.raises(ValidationError, match="There are sightings"):
        trips.describe(trip=trip, by=alice, nothing_caught=True)
    trips.start(by=alice, nothing_caught=True, privacy="open", **WHEN)
    found = client_of().get("/api/v1/trips?nothing_caught=true").data["results"]
    assert [each["nothing_caught"] for each in found] == [True]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"started_at": "2015-10-10"}, "started_at"),
        ({"ended_at": "2015-10-10T11:00Z"}, "started_at"),
        ({"started_at": "2015-10-10T11:00Z", "ended_at": "2015-10-10T10:00Z"}, "ended_at"),
        ({"started_at": "2115-10-10T11:00Z"}, "started_at"),
        ({"started_at": "1415-10-10T11:00Z"}, "started_at"),
        ({"latitude": 1}, "latitude"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"people_count": 0}, "people_count"),
        ({"people": [str(uuid4())]}, "people"),
        ({"targets": ["dragon"]}, "targets"),
        ({"utc_offset": 900}, "utc_offset"),
        ({"kind": "holiday"}, "kind"),
        ({"gear": "x" * 161}, "gear"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_kept(trip, alice, fields, named):
    answer = client_of(alice).put(f"/api/v1/trips/{uuid4()}", fields, format="json")
    assert answer.status_code == 400 and named in str(answer.content), answer.content
    assert Trip.objects.count() == 1


def test_who_is_named_is_asked_and_told_only_once_they_agree(trip, alice, bob, charlie):
    client = client_of(alice)
    body = {"people": [str(bob.pk), str(charlie.pk)]}
    told = client.patch(f"/api/v1/trips/{trip.pk}", body, format="json").data
    assert [each["agreed"] for each in told["people"]] == [False, False]
    assert Notification.objects.filter(kind="trip").count() == 2
    assert get(trip).data["people"] == []
    assert client_of(bob).post(f"/api/v1/trips/{trip.pk}/agree").status_code == 204
    assert client_of(charlie).post(f"/api/v1/trips/{trip.pk}/decline").status_code == 204
    assert client_of(alice).post(f"/api/v1/trips/{trip.pk}/agree").status_code == 404
    assert [each["name"] for each in get(trip).data["people"]] == ["Bob"]
    # Taken out and named anew, who declined is not asked again.
    trips.describe(trip=trip, by=alice, people=[bob])
    trips.describe(trip=trip, by=alice, people=[bob, charlie])
    assert Notification.objects.filter(kind="trip", user=charlie).count() == 1
    assert [each["name"] for each in get(trip).data["people"]] == ["Bob"]
    with pytest.raises(ValidationError, match="private trip"):
        trips.describe(trip=trip, by=alice, privacy="private")


def test_it_is_deleted_and_had_back_and_goes_for_good(trip, alice, bob):
    sighting = universe.sighting(alice, seed="s", privacy="open", trip=trip, observed_at=START, **WHERE)
    client, url = client_of(alice), f"/api/v1/trips/{trip.pk}"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == get(trip, bob).status_code == 404
    assert client.get(f"/api/v1/observations/{sighting.pk}").data["trip"] is None
    assert client_of(bob).post(f"{url}/restore").status_code == 404
    assert client.post(f"{url}/restore").status_code == client.post(f"{url}/restore").status_code == 200
    assert client.get(f"/api/v1/observations/{sighting.pk}").data["trip"] == str(trip.pk)
    client.delete(url)
    assert trips.clear(before=timezone.now() - timedelta(minutes=1)) == 0
    assert trips.clear(before=timezone.now() + timedelta(minutes=1)) == 1
    sighting.refresh_from_db()
    assert sighting.trip is None and client.post(f"{url}/restore").status_code == 404


def test_a_sighting_s_trip_is_in_its_history_for_its_owner_and_is_undone(trip, alice, bob, sighting_of_alice):
    url = f"/api/v1/observations/{sighting_of_alice.pk}"
    client = client_of(alice)
    assert client.put(url, {"trip": str(trip.pk)}, format="json").data["trip"] == str(trip.pk)
    edit = Edit.objects.get(observation=sighting_of_alice)
    assert client.get(f"{url}/history").data["results"][0]["after"] == {"trip": str(trip.pk)}
    assert client_of(bob).get(f"{url}/history").data["results"][0]["after"] == {}
    published.undo(edit=edit, by=alice)
    assert client.get(url).data["trip"] is None
    theirs = trips.start(by=bob, **WHEN)
    assert client.put(url, {"trip": str(theirs.pk)}, format="json").status_code == 400


def test_sightings_of_its_time_are_found_and_gathered(trip, alice, bob):
    within = universe.sighting(alice, seed="w", observed_at=START + timedelta(hours=1))
    draft = universe.sighting(
        alice, seed="d", observed_at=datetime(2015, 10, 10, 14, 0), published=False
    )  # an hour on a wall
    universe.sighting(alice, seed="late", observed_at=END + timedelta(hours=1))
    theirs = universe.sighting(bob, seed="b", observed_at=START + timedelta(hours=1))
    assert set(queries.in_its_time(trip)) == {within, draft}
    assert trips.gather(trip=trip, sightings=[within.pk, draft.pk, theirs.pk], by=alice) == 2
    theirs.refresh_from_db()
    assert theirs.trip is None and not queries.in_its_time(trip).exists()
    with pytest.raises(NotYours):
        trips.gather(trip=trip, sightings=[], by=bob)


def test_a_walker_meets_what_changed(trip, alice, bob, tree):
    since = timezone.now()
    listed = lambda: client_of().get("/api/v1/trips", {"updated_since": since.isoformat()}).data["results"]  # noqa: E731
    assert listed() == []
    sighting = universe.sighting(alice, seed="s", privacy="open", observed_at=START, trip=trip, **WHERE)
    since = timezone.now()
    identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["bull_trout"], by=bob)
    assert [each["place"]["generalized"] for each in listed()] == [True]


def test_a_list_takes_as_many_queries_for_one_as_for_many(
    alice, bob, tree, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(12):
        found = trips.start(
            by=alice if number % 2 else bob, targets=[tree["brown_trout"]], privacy="open", **WHEN, **WHERE
        )
        universe.sighting(found.person, seed=number, trip=found, observed_at=START)
        trips.describe(trip=found, by=found.person, people=[alice, bob])
    client = client_of()
    client.get("/api/v1/trips")
    with django_assert_max_num_queries(11):
        assert len(client.get("/api/v1/trips?target=Salmo").data["results"]) == 12


def test_no_cache_keeps_what_is_one_s_own(trip, alice, bob):
    assert "no-store" in get(trip, alice)["Cache-Control"]
    assert "no-store" not in get(trip, bob).get("Cache-Control", "")


def test_who_leaves_is_named_nowhere_and_takes_trips_along(trip, alice, bob):
    trips.describe(trip=trip, by=alice, people=[bob])
    trips.answer(trip=trip, by=bob, agrees=True)
    trips.forget(bob.pk, erase=False)
    assert not TripPerson.objects.exists()
    alice.is_active = False
    alice.save()
    trips.follow(alice.pk)
    assert get(trip).status_code == 404
    trips.forget(alice.pk, erase=True)
    assert not Trip.objects.exists()
