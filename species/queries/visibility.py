"""What anybody may see, from what was said: what the columns `shown` and `listed` have to be.

Nothing that serves a page asks here; it reads photos and consents in whole.
"""

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
    links = OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"), photo__in=photos_shown())
    return Occurrence.objects.filter(Exists(links), observation__state=State.PUBLISHED)


def occurrences_listed() -> QuerySet[Occurrence]:
    """Published, and on a photo."""
    links = OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"))
    return Occurrence.objects.filter(Exists(links), observation__state=State.PUBLISHED)


def differing() -> QuerySet[Observation]:
    """Sightings of which a column says otherwise than what was said."""
    photos = Photo.objects.filter(
        Q(shown=True) & ~Q(pk__in=photos_shown()) | Q(shown=False, pk__in=photos_shown())
    )
    occurrences = Occurrence.objects.filter(
        Q(shown=True) & ~Q(pk__in=occurrences_shown())
        | Q(shown=False, pk__in=occurrences_shown())
        | Q(listed=True) & ~Q(pk__in=occurrences_listed())
        | Q(listed=False, pk__in=occurrences_listed())
    )
    own = Q(shown=True) & ~Q(pk__in=observations_shown()) | Q(shown=False, pk__in=observations_shown())
    wrong = own | Q(pk__in=photos.values("observation")) | Q(pk__in=occurrences.values("observation"))
    return Observation.objects.filter(wrong)
