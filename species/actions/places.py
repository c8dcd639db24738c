"""Every write about named places."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from species.actions import words
from species.models import Observation, Place, PlaceEdit
from species.queries import places

LONGEST = 160
EDITED = ("name", "country_code", "latitude", "longitude", "uncertainty_m")


def call(observation: Observation, name: str) -> Place | None:
    """The place of this name for a sighting, of a row that the caller has locked and will save. As `named`."""
    own = Q(observations__observer=observation.observer_id)
    return named(name, observation.latitude, observation.longitude, own=own)


@transaction.atomic
def named(name: str, latitude: float | None, longitude: float | None, *, own: Q) -> Place | None:
    """The place of this name and position, for the person whose places `own` finds; None for no name.

    A known water or place chosen with its own position is one row for everybody, with that position. Any other
    words stay words: a row with a name alone, one for each person, so that nobody's words become anybody's place.
    Only what fills its extent has an uncertainty: the name of a river says where in a square something was, so it is
    told to others no more freely than a spot's.
    Raises ValidationError.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name:
        return None
    if len(name) > LONGEST:
        raise ValidationError({"place_name": f"At most {LONGEST} letters."})
    known = places.known(name, latitude, longitude)
    if known is not None:
        said = {"name": known.name, "latitude": known.latitude, "longitude": known.longitude}
        found = Place.objects.filter(**said).order_by("created", "id").first()
        return found or save(place=Place(**said, uncertainty_m=known.uncertainty_m if known.fills else None))
    of_theirs = Place.objects.filter(own, name=name, latitude=None)
    return of_theirs.order_by("created", "id").first() or save(place=Place(name=name))


@transaction.atomic
def save(*, place: Place, by: User | None = None) -> Place:
    """Write a place that was made or changed. Who may is asked by the caller; what `by` changed is in its history."""
    former = Place.objects.filter(pk=place.pk).values(*EDITED).first()
    place.save()
    words.settle(place)
    if former is not None:
        changed = [name for name in EDITED if former[name] != getattr(place, name)]
        if changed:
            PlaceEdit.objects.create(
                place=place,
                by=by,
                before={name: former[name] for name in changed},
                after={name: getattr(place, name) for name in changed},
            )
    return place
