"""Trips in words: when, where as far as others may know, who and with what."""

from datetime import datetime

from django.utils.formats import date_format

from accounts.models import Viewer
from labeling.presenters import places
from labeling.presenters.cards import cards
from labeling.queries import trips as trips_queries
from species import clocks
from species.models import Observation, Trip
from species.presenters.plates import plate
from species.queries import trips as queries
from species.queries.trips import Told


def page(trip: Trip, person: Viewer) -> dict:
    """Context of `labeling/trip.html`."""
    told = queries.told([trip], person)[trip.pk]
    own = told.exact
    found = trips_queries.found_on(trip, person)[: trips_queries.MOST]
    return {
        "section": "my_uploads",
        "trip": trip,
        "own": own,
        "title": title(trip, told),
        "when": when(told),
        "where": where(told),
        "under_way": trip.started_at is not None and trip.ended_at is None,
        "people": [each.person for each in trip.people.all() if each.agreed_at],
        "asked": [
            each.person for each in trip.people.all() if own and not each.agreed_at and not each.declined_at
        ],
        "targets": sorted(trip.targets.all(), key=lambda each: each.scientific_name),
        "cards": cards(found, person),
        "drafts": trips_queries.drafts_on(trip) if own else 0,
        "offered": [_offered(each) for each in trips_queries.offered(trip)] if own else [],
    }


def listed(trips: list[Trip]) -> list[dict]:
    """One's own, as a list names them."""
    told = queries.told(trips, trips[0].person) if trips else {}
    return [
        {
            "trip": each,
            "title": title(each, told[each.pk]),
            "when": when(told[each.pk]),
            "under_way": each.started_at is not None and each.ended_at is None,
        }
        for each in trips
    ]


def title(trip: Trip, told: Told) -> str:
    named = trip.name if told.exact or told.level == "open" else ""
    return named or ("Standing camera" if trip.kind == Trip.Kind.FIXED_CAMERA else "Trip")


def when(told: Told) -> str:
    start, end = (_moment(each) for each in (told.start, told.end))
    if not start or start == end or not end:
        return start
    if told.start.at and told.end.at and start.split(", ")[0] == end.split(", ")[0]:
        end = end.split(", ")[1]
    return f"{start} – {end}"


def _moment(told: clocks.Told) -> str:
    if told.at is not None:
        return date_format(_local(told), "j M Y, H:i")
    if told.day is not None:
        return date_format(told.day, "j M Y")
    return date_format(told.month, "M Y") if told.month else ""


def _local(told: clocks.Told) -> datetime:
    assert told.at is not None
    return told.at.astimezone(clocks.zone(told.offset or 0)).replace(tzinfo=None)


def where(told: Told) -> str:
    place = told.place
    if place is None:
        return told.locality
    text = places.degrees(place.latitude, place.longitude)
    if place.generalized:
        text = f"a square of about 11 km around {place.latitude:.2f}, {place.longitude:.2f}"
    return ", ".join(filter(None, [told.locality, text]))


def _offered(observation: Observation) -> dict:
    local = observation.local_time
    return {
        "id": str(observation.pk),
        "photo": plate(next(iter(observation.photos.all()), None), size=320, whole=True),
        "text": date_format(local, "j M Y, H:i") if local else "",
        "draft": observation.state == "draft",
    }


def place_field(trip: Trip) -> dict:
    """What templates/labeling/_place.html asks."""
    there = trip.latitude is not None
    return {
        "there": there,
        "others": "Others see of it what you choose, and never more than of any sighting on it."
        if there
        else "No place yet, so others see none.",
        "photo": None,
        "as_others_see": "",
        "taken": "",
        "shots": "",
        "floor": "",
        "why": "",
    }
