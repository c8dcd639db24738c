"""What anybody may see, from what was said: what the columns `shown` and `listed` have to be.

Nothing that serves a page asks here; it reads photos and consents in whole.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Purpose, State


def photos_shown() -> QuerySet[Photo]:
    """Published, and its owner's standing word on showing it is yes."""
    return Photo.objects.filter(observation__state=State.PUBLISHED).allowed_for(Purpose.SHOW)


def observations_shown() -> QuerySet[Observation]:
    """Published, with at least one photo that is shown."""
    photos = photos_shown().filter(observation=OuterRef("pk"))
    return Observation.objects.filter(Exists(photos), state=State.PUBLISHED)


def occurrences_shown() -> QuerySet[Occurrence]:
    """Published, and on a photo that is shown."""
    photos = photos_shown().filter(occurrence_photos__occurrence=OuterRef("pk"))
    return Occurrence.objects.filter(Exists(photos), observation__state=State.PUBLISHED)


def occurrences_listed() -> QuerySet[Occurrence]:
    """Published, and on a photo."""
    links = OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"))
    return Occurrence.objects.filter(Exists(links), observation__state=State.PUBLISHED)


def differing() -> QuerySet[Observation]:
    """Sightings of which a column says otherwise than what was said. Reads everything, row by row."""
    photos = Photo.objects.filter(_wrong("shown", photos_shown()))
    occurrences = Occurrence.objects.filter(
        _wrong("shown", occurrences_shown()) | _wrong("listed", occurrences_listed())
    )
    own = Observation.objects.filter(_wrong("shown", observations_shown()))
    rows = (own.values("pk"), photos.values("observation"), occurrences.values("observation"))
    first, *others = (each.order_by() for each in rows)
    return Observation.objects.filter(pk__in=first.union(*others))


def _wrong(column: str, right: QuerySet[Any]) -> Q:
    # Of each row by its id: `pk__in` makes a database compare all with all once they do not fit its memory.
    here = Exists(right.filter(pk=OuterRef("pk")).order_by())
    return Q(**{column: True}) & ~Q(here) | Q(here, **{column: False})
