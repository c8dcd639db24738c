"""What anybody may see, written down by whoever changes what it follows from: state, consents, photos, organisms.

Lists, counts and pages ask the columns `shown` and `listed` alone; `species.queries.visibility` says what they are.
"""

from uuid import UUID

from django.dispatch import Signal
from django.urls import reverse

from species.actions import deletions, surroundings, tallies
from species.models import Deletion, Observation, Occurrence, OccurrencePhoto, Photo, Purpose, State
from webhooks.actions import tell

Kind = Deletion.Kind

# Sent with `observation`, which the sender holds: what it shows, or its place in lists, may have changed.
settled = Signal()


def settle(locked: Observation, *, was_public: bool | None = None) -> None:
    """Write what is shown of a sighting that the caller holds. Safe to repeat.

    `was_public`: whether anything of it was shown until now, where the row says so no more.
    """
    was_public = locked.shown if was_public is None else was_public
    published = locked.state == State.PUBLISHED
    photos = Photo.objects.filter(observation=locked)
    shown = set(photos.allowed_for(Purpose.SHOW).values_list("pk", flat=True)) if published else set()
    was_shown = set(photos.filter(shown=True).values_list("pk", flat=True))
    photos.filter(pk__in=shown - was_shown).update(shown=True)
    photos.filter(pk__in=was_shown - shown).update(shown=False)
    back = [(Kind.PHOTO, pk) for pk in shown - was_shown]
    gone = [(Kind.PHOTO, pk) for pk in was_shown - shown]
    seen: dict[UUID, list[UUID]] = {}
    links = OccurrencePhoto.objects.filter(occurrence__observation=locked).order_by()
    for occurrence, photo in links.values_list("occurrence", "photo"):
        seen.setdefault(occurrence, []).append(photo)
    organisms = Occurrence.objects.filter(observation=locked).order_by()
    for pk, *before in organisms.values_list("pk", "listed", "shown"):
        now = [published and pk in seen, not shown.isdisjoint(seen.get(pk, ()))]
        if now != before:
            organisms.filter(pk=pk).update(listed=now[0], shown=now[1])
        if now[1] != before[1]:
            (back if now[1] else gone).append((Kind.OCCURRENCE, pk))
    if any(kind == Kind.OCCURRENCE for kind, _ in [*back, *gone]):
        # Without one that was shown it was nothing that anybody could see: a photo that waits to be deleted.
        (back if shown else gone).append((Kind.OBSERVATION, locked.pk))
    deletions.note(gone=gone, back=back)
    if locked.shown != bool(shown):
        locked.shown = bool(shown)
        Observation.objects.filter(pk=locked.pk).update(shown=locked.shown)
    surroundings.settle(locked)
    tallies.settle(locked)
    settled.send(sender=Observation, observation=locked)
    if locked.shown != was_public:
        _tell(locked)


def _tell(locked: Observation) -> None:
    """Other programs, that everybody sees it from now on, or nobody does."""
    data = {"observation": str(locked.pk)}
    if locked.shown:
        data["api"] = reverse("api-observation-detail", args=[locked.pk])
        data["page"] = locked.get_absolute_url()  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
    event = "observation.published" if locked.shown else "observation.withdrawn"
    tell(event, data=data, whose=[locked.observer_id])
