"""What anybody may see, from what was said: what the columns `shown` and `listed` have to be.

Nothing that serves a page asks here; it reads photos and consents in whole.
"""

from datetime import timedelta
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from species.models import (
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Privacy,
    Purpose,
    State,
    Surroundings,
    TimePrecision,
)


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


def _place_kept() -> Q:
    floors = (
        Occurrence.objects.filter(observation=OuterRef("pk")).exclude(place_floor=Privacy.OPEN).order_by()
    )
    return ~Q(privacy=Privacy.OPEN) | Q(Exists(floors))


def times_told_otherwise() -> QuerySet[Observation]:
    """Of which others are told more or less of the time than its observer chose for where the place is not open."""
    kept = _place_kept()
    precision = kept & ~Q(time_shown=F("time_precision")) | ~kept & ~Q(time_shown=TimePrecision.EXACT)
    day = Q(local_date__isnull=False, public_first_day=None)
    # What other days a row may say the table itself refuses.
    after = ExpressionWrapper(F("public_last_day") + timedelta(days=1), DateField())
    whole = Q(public_first_day__day=1, public_last_day__month=F("public_first_day__month"), after__day=1)
    whole &= Q(public_last_day__year=F("public_first_day__year"))
    month = Q(time_shown=TimePrecision.MONTH, public_first_day__isnull=False) & ~whole
    rows = Observation.objects.filter(discarded_at=None).annotate(after=after)
    return rows.filter(precision | day | month)


def surroundings_shown_otherwise() -> QuerySet[Observation]:
    """Of which others see more or less of a photo than its observer chose for where the place is not open."""
    kept, whole = _place_kept(), Surroundings.WHOLE
    choice = kept & ~Q(surroundings_shown=F("surroundings")) | ~kept & ~Q(surroundings_shown=whole)
    follows = Q(observation__surroundings_shown=whole, shown_as="") | ~Q(
        observation__surroundings_shown=whole
    ) & (
        Q(frame=None, shown_as=Surroundings.SOFTENED)
        | Q(frame__isnull=False, shown_as__startswith=Concat("observation__surroundings_shown", Value("-")))
    )
    photos = Photo.objects.filter(~follows, observation=OuterRef("pk")).order_by()
    return Observation.objects.filter(choice | Q(Exists(photos)), discarded_at=None)


def differing() -> QuerySet[Observation]:
    """Sightings of which a column says otherwise than what was said. Reads everything, row by row."""
    photos = Photo.objects.filter(_wrong("shown", photos_shown()))
    occurrences = Occurrence.objects.filter(
        _wrong("shown", occurrences_shown()) | _wrong("listed", occurrences_listed())
    )
    own = Observation.objects.filter(_wrong("shown", observations_shown()))
    rows = (
        own.values("pk"),
        times_told_otherwise().values("pk"),
        surroundings_shown_otherwise().values("pk"),
        photos.values("observation"),
        occurrences.values("observation"),
    )
    first, *others = (each.order_by() for each in rows)
    return Observation.objects.filter(pk__in=first.union(*others))


def _wrong(column: str, right: QuerySet[Any]) -> Q:
    # Of each row by its id: `pk__in` makes a database compare all with all once they do not fit its memory.
    here = Exists(right.filter(pk=OuterRef("pk")).order_by())
    return Q(**{column: True}) & ~Q(here) | Q(here, **{column: False})
