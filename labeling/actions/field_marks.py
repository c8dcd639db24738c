"""Pointing on a photo at what tells an organism: said, taken back, never edited. It is no vote."""

from collections.abc import Mapping
from math import isfinite
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions.comments import visible
from labeling.actions.listing import place_in_lists
from labeling.models import FieldMark
from labeling.queries.field_marks import MOST
from species.access import NotYours
from species.actions import listing, occurrences
from species.models import MARK_LENGTH, Occurrence, OccurrencePhoto, Photo, Taxon
from species.queries import field_marks as taxon_marks


@transaction.atomic
def point(
    *,
    occurrence: Occurrence,
    photo: Photo,
    mark: str,
    x: float,
    y: float,
    by: User,
    taxon: Taxon | None = None,
    id: UUID | None = None,
) -> FieldMark:
    """Point at a mark, in fractions 0-1 of the upright image from its upper left.

    `taxon`: the name one thinks of, of which `mark` is then a mark, its own or inherited: the row names the taxon that
    has it. None: words of one's own. The same words of the same person on this photo are moved there; the same `id`
    again is the same one. Raises PermissionDenied, ValidationError by field; NotYours where the id is another's.
    """
    locked = occurrences.lock(occurrence)
    if not access.can_draw(by, locked):
        raise PermissionDenied("You cannot point at what you cannot see. Sign in first.")
    if id is not None and (known := FieldMark.objects.filter(pk=id).first()):
        return _again(known, occurrence, photo, by)
    if not OccurrencePhoto.objects.filter(occurrence=locked, photo=photo).exists():
        raise ValidationError({"photo": "This photo does not show it."})
    if not all(isfinite(each) and 0 <= each <= 1 for each in (x, y)):
        raise ValidationError("A point lies on the photo: fractions from 0 to 1.")
    words = _clean(mark)
    owner = None if taxon is None else _owner(taxon, words)
    standing = FieldMark.objects.filter(occurrence=locked, photo=photo, person=by, withdrawn_at=None)
    before = standing.filter(mark=words).first()
    if before is not None and (before.x, before.y, before.taxon_id) == (x, y, owner):
        return before
    if before is None and standing.count() >= MOST:
        raise ValidationError(f"You point at {MOST} things on this photo. Take one of them back first.")
    listing.touch(locked.observation)
    standing.filter(mark=words).update(withdrawn_at=timezone.now())
    return FieldMark.objects.create(
        id=id or uuid4(),
        occurrence=locked,
        photo=photo,
        person=by,
        taxon_id=owner,
        mark=words,
        x=x,
        y=y,
        **place_in_lists(locked),
    )


@transaction.atomic
def withdraw(*, field_mark: FieldMark, by: User) -> FieldMark:
    """Take back what one pointed at; it stays on record. Again is no error.

    Raises PermissionDenied; NotYours where it is gone: with its draft, or with a photo of that.
    """
    if field_mark.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who pointed at it takes it back.")
    locked = occurrences.lock(Occurrence(pk=field_mark.occurrence_id))
    standing = FieldMark.objects.filter(pk=field_mark.pk, withdrawn_at=None)
    if standing.update(withdrawn_at=timezone.now()):
        listing.touch(locked.observation)
    try:
        field_mark.refresh_from_db(fields=["withdrawn_at"])
    except FieldMark.DoesNotExist as error:
        raise NotYours("No such field mark.") from error
    return field_mark


def follow_photo(photo: Photo, organisms: Mapping[UUID, UUID], **sent: object) -> None:
    """Receives `species.actions.partings.parted`: points on a photo that left its sighting go with it."""
    for old, new in organisms.items():
        FieldMark.objects.filter(photo=photo, occurrence=old).update(occurrence=new)


def _again(known: FieldMark, occurrence: Occurrence, photo: Photo, by: User) -> FieldMark:
    if known.person_id != by.pk:
        raise NotYours("No such field mark.")
    if (known.occurrence_id, known.photo_id) != (occurrence.pk, photo.pk):
        raise ValidationError({"photo": "This id is another point of yours, which stays where it is."})
    return known


def _owner(taxon: Taxon, words: str) -> UUID:
    """The taxon that has this mark: this one, or one above it."""
    marks = taxon_marks.of([taxon.pk])[taxon.pk]
    of = next((UUID(each.of) for each in marks if each.mark == words), None)
    if of is None:
        raise ValidationError(
            {"mark": f"{taxon.name} has no such field mark. Choose one of its own, or leave the name out."}
        )
    return of


def _clean(text: str) -> str:
    """One line of what can be seen."""
    words = " ".join(visible(" ".join(text.split())).split())
    if not words:
        raise ValidationError({"mark": "Say what you point at."})
    if len(words) > MARK_LENGTH:
        raise ValidationError({"mark": f"At most {MARK_LENGTH} letters."})
    return words
