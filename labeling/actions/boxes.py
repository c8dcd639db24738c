"""People's rectangles around an organism: drawn, taken back, never edited."""

from math import isfinite

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions.listing import place_in_lists
from labeling.models import Box
from species.access import NotYours
from species.actions import listing, occurrences
from species.models import Occurrence, OccurrencePhoto, Photo

# A millionth of a side: what a browser's arithmetic may be off by at the edge.
SLACK = 1e-6


@transaction.atomic
def draw(
    *, occurrence: Occurrence, photo: Photo, by: User, x: float, y: float, width: float, height: float
) -> Box:
    """Say where on a photo the organism is, in fractions 0-1 of the upright image from its upper left.

    What the same person drew before of it on this photo is taken back. Raises PermissionDenied,
    ValidationError.
    """
    locked = occurrences.lock(occurrence)
    if not access.can_draw(by, locked):
        raise PermissionDenied("You cannot mark what you cannot see. Sign in first.")
    if not OccurrencePhoto.objects.filter(occurrence=locked, photo=photo).exists():
        raise ValidationError({"photo": "This photo does not show it."})
    sides = (x, y, width, height)
    inside = x >= 0 and y >= 0 and x + width <= 1 + SLACK and y + height <= 1 + SLACK
    if not (all(map(isfinite, sides)) and width > 0 and height > 0 and inside):
        raise ValidationError("A box lies within the photo: fractions from 0 to 1, and not empty.")
    width, height = min(width, 1 - x), min(height, 1 - y)
    listing.touch(locked.observation)
    _standing(locked, photo, by).update(withdrawn_at=timezone.now())
    return Box.objects.create(
        occurrence=locked,
        photo=photo,
        person=by,
        x=x,
        y=y,
        width=width,
        height=height,
        **place_in_lists(locked),
    )


@transaction.atomic
def withdraw(*, box: Box, by: User) -> Box:
    """Take back what one drew; it stays on record. Again is no error.

    Raises PermissionDenied; NotYours where it is gone: with its draft, or with a photo of that.
    """
    if box.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who drew it takes it back.")
    locked = occurrences.lock(Occurrence(pk=box.occurrence_id))
    listing.touch(locked.observation)
    Box.objects.filter(pk=box.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    try:
        box.refresh_from_db(fields=["withdrawn_at"])
    except Box.DoesNotExist as error:
        raise NotYours("No such box.") from error
    return box


def _standing(occurrence: Occurrence, photo: Photo, person: User) -> QuerySet[Box]:
    return Box.objects.filter(occurrence=occurrence, photo=photo, person=person, withdrawn_at=None)
