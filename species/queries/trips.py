"""What others are told of trips: never more of place and time than of any sighting made on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User, Viewer
from species import clocks
from species.models import Observation, Privacy, Shown, State, TimePrecision, Trip, TripEdit, trip_visible_to
from species.places import geoprivacy
from species.places.geoprivacy import PublicPlace

# A camera's clock and a phone's are rarely the same.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Told:
    """What somebody may know of a trip; `level` is how much of its place, as `Privacy` says it."""

    exact: bool
    level: str
    place: PublicPlace | None
    locality: str
    start: clocks.Told
    end: clocks.Told

    @property
    def event_date(self) -> str:
        """dwc:eventDate: one moment, day or month, or two with a slash between them."""
        ends = [each for each in (self.start.text, self.end.text) if each]
        return "/".join(dict.fromkeys(ends))


def told(trips: Iterable[Trip], person: Viewer) -> dict[UUID, Told]:
    """One query however many they are; their `place` should be fetched.

    Its person knows it as it is. Others are told of its place what its own privacy and that of every sighting on it
    allow, the floors under these included, and of its time no more than of any of theirs.
    """
    trips = list(trips)
    own = {each.pk for each in trips if person is not None and each.person_id == person.pk}
    of_others = [each for each in trips if each.pk not in own]
    levels = {each.pk: (each.privacy, "exact") for each in of_others}
    rows = Observation.objects.filter(trip__in=list(levels), discarded_at=None).order_by()
    said = rows.values_list("trip", "privacy", "time_shown", "occurrences__place_floor").distinct()
    for trip, privacy, time_shown, floor in said if levels else ():
        level, precision = levels[trip]
        levels[trip] = (
            geoprivacy.strictest(level, privacy, floor or Privacy.OPEN),
            clocks.coarsest(precision, time_shown),
        )
    return {each.pk: _told(each, *levels.get(each.pk, (None, "exact"))) for each in trips}


def _told(trip: Trip, level: str | None, precision: str) -> Told:
    exact = level is None
    level = level or Privacy.OPEN
    if not exact and level != Privacy.OPEN:
        precision = clocks.coarsest(precision, trip.time_precision)
    place = geoprivacy.public_place(trip.latitude, trip.longitude, trip.uncertainty_m, level)
    named = trip.place if trip.place and (exact or level == Privacy.OPEN) else None
    start, end = (
        clocks.told(at, trip.utc_offset, local.date() if local else None, precision)
        for at, local in zip((trip.started_at, trip.ended_at), trip.local_times, strict=True)
    )
    return Told(exact, level, place, named.name if named else "", start, end)


def linked(person: Viewer, path: str = "") -> Q:
    """Which sightings are told to be of their trip, from a row that leads to them by `path`: one's own, and of others
    only what is told of as it is. A square, or a month, beside the exact places of its trip would say more than that.
    """
    open_ones = Q(
        **{
            f"{path}trip__shown": True,
            f"{path}place_shown": Shown.EXACT,
            f"{path}time_shown": TimePrecision.EXACT,
        }
    )
    if person is None or not person.is_authenticated:
        return open_ones
    return open_ones | Q(**{f"{path}observer": person})


def told_trip(observation: Observation, person: Viewer) -> UUID | None:
    """The same of one sighting, whose trip is fetched."""
    trip = observation.trip
    if trip is None or trip.discarded_at is not None:
        return None
    if person is not None and observation.observer_id == person.pk:
        return trip.pk
    as_it_is = observation.place_shown == Shown.EXACT and observation.time_shown == TimePrecision.EXACT
    return trip.pk if trip.shown and as_it_is else None


def on_trip(trip: UUID, person: Viewer, path: str = "") -> Q:
    """What was found on a trip, as far as this person is told; none of one that they do not see."""
    return Q(**{f"{path}trip": trip}) & linked(person, path) & trip_visible_to(person, f"{path}trip__")


def in_its_time(trip: Trip) -> QuerySet[Observation]:
    """Sightings of its person without a trip, drafts too, that were made while it lasted. Where the zone of one is not
    known, its hour on the wall is compared with the trip's.
    """
    if trip.started_at is None:
        return Observation.objects.none()
    start, end = trip.started_at - SLACK, (trip.ended_at or trip.updated) + SLACK
    ahead = timedelta(minutes=trip.utc_offset or 0)
    within = Q(utc_offset__isnull=False, observed_at__range=(start, end)) | Q(
        utc_offset=None, observed_at__range=(start + ahead, end + ahead)
    )
    rows = Observation.objects.filter(
        within,
        observer=trip.person_id,
        trip=None,
        discarded_at=None,
        state__in=[State.DRAFT, State.PUBLISHED],
    )
    return rows.order_by("observed_at", "id")


def history(trip: Trip, person: User) -> QuerySet[TripEdit]:
    """Its edits, the oldest first; exact places are in them, so of one's own trips alone."""
    rows = TripEdit.objects.filter(trip=trip, trip__person=person)
    return rows.select_related("by").order_by("created", "id")
