"""How much of its photos others see, written down by whoever changes what it follows from: the observer's choice, the
place as others are told it, the boxes, and which sighting a photo is in.

The door writes at once what others see (`Photo.shown_as`); the pictures of it are made later, by a job, and until
they are there others get none.
"""

from collections.abc import Sequence

from django.db import transaction

from species.actions import listing
from species.images import surroundings
from species.models import Observation, Photo, Surroundings


def settle(locked: Observation) -> None:
    """Write what others see of the photos of a sighting that the caller holds. Safe to repeat."""
    photos = Photo.objects.filter(observation=locked)
    if locked.surroundings_shown == Surroundings.WHOLE:
        changed = photos.exclude(shown_as="").update(shown_as="")
    else:
        changed = 0
        for pk, frame, before in photos.order_by().values_list("pk", "frame", "shown_as"):
            now = surroundings.key(locked.surroundings_shown, frame)
            if now != before:
                changed += photos.filter(pk=pk).update(shown_as=now)
    if changed:
        listing.touch(locked)


def frame(locked: Observation, photo: Photo, frames: Sequence[surroundings.Fractions]) -> None:
    """Say what holds the organisms on a photo of a sighting that the caller holds: all of these, in fractions."""
    whole = surroundings.union(frames)
    row = Photo.objects.filter(pk=photo.pk, observation=locked)
    if row.values_list("frame", flat=True).first() == whole:
        return
    # What is shown goes with it in one statement: neither is right without the other.
    row.update(frame=whole, shown_as=surroundings.key(locked.surroundings_shown, whole))
    if locked.surroundings_shown != Surroundings.WHOLE:
        listing.touch(locked)


@transaction.atomic
def made(photo: Photo, rendered_as: str) -> bool:
    """What is stored of a photo beside the whole of it, if that is still what others are to see."""
    rows = Photo.objects.filter(pk=photo.pk, shown_as=rendered_as)
    return bool(rows.update(rendered_as=rendered_as))
