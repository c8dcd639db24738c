"""A trip with what its page shows."""

from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import User, Viewer
from labeling.queries import gallery
from species.models import Observation, Occurrence, Photo, State, Trip, TripPerson
from species.queries.trips import in_its_time, on_trip

MOST = 60  # of its time, offered at once


def trip_of(id: UUID, person: Viewer) -> Trip | None:
    rows = Trip.objects.visible_to(person).select_related("person", "place")
    return rows.prefetch_related("targets", "people__person").filter(pk=id).first()


def asked_of(id: UUID, person: User) -> TripPerson | None:
    """That they are named on it; also where they don't see it."""
    rows = TripPerson.objects.filter(trip=id, person=person, trip__discarded_at=None)
    return rows.select_related("trip__person").first()


def own(person: User) -> QuerySet[Trip]:
    """The last begun first, each with how many sightings are on it."""
    rows = Trip.objects.of(person).annotate(
        sightings=Count("observations", filter=Q(observations__discarded_at=None))
    )
    return rows.order_by("-created", "-id")


def found_on(trip: Trip, person: Viewer) -> QuerySet[Occurrence]:
    return gallery.gallery(person).filter(on_trip(trip.pk, person, "observation__"))


def drafts_on(trip: Trip) -> int:
    return Observation.objects.filter(trip=trip, state=State.DRAFT, discarded_at=None).count()


def offered(trip: Trip) -> list[Observation]:
    """What was seen in its time and may be put on it, with photos."""
    photos = Photo.objects.filter(discarded_at=None).order_by("position", "created", "id")
    return list(in_its_time(trip).prefetch_related(Prefetch("photos", photos))[:MOST])
