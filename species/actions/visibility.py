"""What anybody may see, written down by whoever changes what it follows from: state, consents, photos, organisms.

Lists, counts and pages ask the columns `shown` and `listed` alone; `species.queries.visibility` says what they are.
"""

from uuid import UUID

from django.dispatch import Signal

from species.actions import surroundings, tallies
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Purpose, State

# Sent with `observation`, which the sender holds: what it shows, or its place in lists, may have changed.
settled = Signal()


def settle(locked: Observation) -> None:
    """Write what is shown of a sighting that the caller holds. Safe to repeat."""
    published = locked.state == State.PUBLISHED
    photos = Photo.objects.filter(observation=locked)
    shown = set(photos.allowed_for(Purpose.SHOW).values_list("pk", flat=True)) if published else set()
    photos.filter(pk__in=shown, shown=False).update(shown=True)
    photos.filter(shown=True).exclude(pk__in=shown).update(shown=False)
    seen: dict[UUID, list[UUID]] = {}
    links = OccurrencePhoto.objects.filter(occurrence__observation=locked).order_by()
    for occurrence, photo in links.values_list("occurrence", "photo"):
        seen.setdefault(occurrence, []).append(photo)
    organisms = Occurrence.objects.filter(observation=locked).order_by()
    for pk, *before in organisms.values_list("pk", "listed", "shown"):
        now = [published and pk in seen, not shown.isdisjoint(seen.get(pk, ()))]
        if now != before:
            organisms.filter(pk=pk).update(listed=now[0], shown=now[1])
    if locked.shown != bool(shown):
        locked.shown = bool(shown)
        Observation.objects.filter(pk=locked.pk).update(shown=locked.shown)
    surroundings.settle(locked)
    tallies.settle(locked)
    settled.send(sender=Observation, observation=locked)
