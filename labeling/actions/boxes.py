"""People's rectangles around an organism: drawn, taken back, never edited; and the one that they agree on."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import isclose, isfinite
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from jobs.worklist import Worklist
from labeling import access
from labeling.actions.listing import place_in_lists
from labeling.consensus.boxes import SAME, Agreed, Rectangle, agreed, overlap, spread
from labeling.models import Box, Region
from labeling.queries import boxes as boxes_queries
from labeling.queries.boxes import SIDES
from species.access import NotYours, acts_for
from species.actions import listing, observations, occurrences, surroundings
from species.models import Observation, Occurrence, OccurrencePhoto, Photo

# A millionth of a side: what a browser's arithmetic may be off by at the edge.
SLACK = 1e-6
RECOMPUTED = 100  # organisms, between two words of how far it is


class Said(NamedTuple):
    """What one act drew, and what it took back for that: undone, these stand again."""

    drawn: list[Box]
    before: list[Box]


@transaction.atomic
def say(*, occurrence: Occurrence, boxes: Mapping[Photo, Rectangle | None], by: User) -> Said:
    """Where it is on each of these photos; None: nowhere, as far as one says. What is as it was is left alone.

    Raises PermissionDenied, ValidationError; then nothing of it is said.
    """
    said = Said([], [])
    locked = occurrences.lock(occurrence)
    for photo, rectangle in boxes.items():
        before = _standing(locked, photo).filter(person=by).first()
        if rectangle is not None:
            after = draw(occurrence=locked, photo=photo, by=by, **rectangle._asdict())
            if after == before:
                continue
            said.drawn.append(after)
        elif before is not None:
            withdraw(box=before, by=by)
        if before is not None:
            said.before.append(before)
    return said


@transaction.atomic
def unsay(*, said: Said, by: User) -> None:
    """Take an act back: what it drew, and its having taken back what stood before. Again is no error.

    Raises PermissionDenied; NotYours where it is gone.
    """
    for box in said.drawn:
        withdraw(box=box, by=by)
    for box in said.before:
        if box.person_id == by.pk and not _standing(box.occurrence, box.photo).filter(person=by).exists():
            sides = {side: getattr(box, side) for side in SIDES}
            draw(occurrence=box.occurrence, photo=box.photo, by=by, **sides)


@transaction.atomic
def draw(
    *, occurrence: Occurrence, photo: Photo, by: User, x: float, y: float, width: float, height: float
) -> Box:
    """Say where on a photo the organism is, in fractions 0-1 of the upright image from its upper left.

    What the same person drew before of it on this photo is taken back; the same rectangle again is the same one.
    That of a reviewer who may rule on it is a ruling.
    What people agree on follows at once. Raises PermissionDenied, ValidationError.
    """
    locked = occurrences.lock(occurrence)
    if not access.can_draw(by, locked):
        raise PermissionDenied("You cannot mark what you cannot see. Sign in first.")
    return _put(locked, photo, Rectangle(x, y, width, height), person=by, ruling=access.can_rule(by, locked))


@transaction.atomic
def add_imported(
    *, occurrence: Occurrence, photo: Photo, rectangle: Rectangle, person: User, by: User
) -> Box:
    """The box that came with an imported photo, by the source account whose it is. Again is the same one.

    For imports only. `by` is who runs it. Counts as one person's, whoever trusts the source: what is trusted is its
    names. Raises PermissionDenied, ValidationError.
    """
    if not by.is_reviewer:
        raise PermissionDenied("Only a reviewer imports other people's boxes.")
    if not person.is_source:
        raise ValidationError("Imported boxes belong to a source account.")
    return _put(occurrences.lock(occurrence), photo, rectangle, person=person, ruling=False)


def _put(locked: Occurrence, photo: Photo, rectangle: Rectangle, *, person: User, ruling: bool) -> Box:
    if not OccurrencePhoto.objects.filter(occurrence=locked, photo=photo).exists():
        raise ValidationError({"photo": "This photo does not show it."})
    x, y, width, height = rectangle
    inside = x >= 0 and y >= 0 and x + width <= 1 + SLACK and y + height <= 1 + SLACK
    if not (all(map(isfinite, rectangle)) and width > 0 and height > 0 and inside):
        raise ValidationError("A box lies within the photo: fractions from 0 to 1, and not empty.")
    width, height = min(width, 1 - x), min(height, 1 - y)
    before = _standing(locked, photo).filter(person=person).first()
    if before is not None and _same(before, (x, y, width, height)):
        return before
    listing.touch(locked.observation)
    _standing(locked, photo).filter(person=person).update(withdrawn_at=timezone.now())
    box = Box.objects.create(
        occurrence=locked,
        photo=photo,
        person=person,
        x=x,
        y=y,
        width=width,
        height=height,
        ruling=ruling,
        **place_in_lists(locked),
    )
    settle_held(locked, photo)
    return box


@transaction.atomic
def draw_own(photo: Photo, occurrence: UUID | None, *, by: User, **sides: float) -> Box:
    """The box that an owner draws around an organism on their photo; where a draft has none yet, it is made.

    Raises as `draw` does, NotYours for a sighting that is not theirs.
    """
    locked = observations.lock(Observation(pk=photo.observation_id))
    if not acts_for(by, locked):
        raise NotYours("No such sighting of yours.")
    if occurrence is not None:
        organism = Occurrence(pk=occurrence)
    else:
        organism = locked.occurrences.order_by("created", "id").first() or occurrences.add(
            observation=locked, photos=locked.photos.kept(), by=by
        )
    return draw(occurrence=organism, photo=photo, by=by, **sides)


@transaction.atomic
def withdraw(*, box: Box, by: User) -> Box:
    """Take back what one drew; it stays on record. Again is no error. What people agree on follows at once.

    Raises PermissionDenied; NotYours where it is gone: with its draft, or with a photo of that.
    """
    if box.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who drew it takes it back.")
    locked = occurrences.lock(Occurrence(pk=box.occurrence_id))
    listing.touch(locked.observation)
    if Box.objects.filter(pk=box.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        settle_held(locked, box.photo)
    try:
        box.refresh_from_db(fields=["withdrawn_at"])
    except Box.DoesNotExist as error:
        raise NotYours("No such box.") from error
    return box


def settle_held(locked: Occurrence, photo: Photo) -> None:
    """Write what follows from the boxes of an organism on a photo, whose sighting the caller holds: what people agree
    on, and what others see of the photo. Safe to repeat.
    """
    _agree(locked, photo)
    settle_frame(locked.observation, photo)


def _agree(locked: Occurrence, photo: Photo) -> bool:
    """Write the rectangle that a reviewer ruled, the last one, else the one that people agree on.

    A model's word about another rectangle goes with that one: it is about pixels that are not meant any more.
    Whether anything changed.
    """
    drawn = _standing(locked, photo).order_by("created", "id").values_list("ruling", *SIDES)
    found, ruled = _found([(ruling, Rectangle(*sides)) for ruling, *sides in drawn])
    regions = Region.objects.filter(occurrence=locked, photo=photo)
    before = regions.first()
    if found is None:
        regions.delete()
        return before is not None
    about = {"people": found.people, "spread": round(found.spread, 6), "ruled": ruled}
    if before is not None and _same(before, found.rectangle):
        return bool(regions.exclude(**about).update(**about))
    regions.delete()
    Region.objects.create(occurrence=locked, photo=photo, **found.rectangle._asdict(), **about)
    return True


def _found(drawn: list[tuple[bool, Rectangle]]) -> tuple[Agreed | None, bool]:
    """The rectangle, and whether a reviewer ruled it; `drawn` in the order in which they came."""
    rectangles = [each for _, each in drawn]
    ruled = [each for ruling, each in drawn if ruling]
    if not ruled:
        return agreed(rectangles), False
    alike = [each for each in rectangles if overlap(each, ruled[-1]) >= SAME]
    return Agreed(ruled[-1], len(alike), spread(ruled[-1], alike)), True


def recompute(*, progress: Callable[[int, int], object] | None = None) -> int:
    """Compute anew every rectangle that people agree on, an organism at a time; how many changed. Safe to repeat, and
    to stop by an exception of `progress`.
    """
    drawn = Box.objects.filter(occurrence=OuterRef("pk"))
    waiting = Worklist(
        Occurrence.objects.filter(Exists(drawn)).order_by("created", "id").values_list("pk", flat=True)
    )
    changed = done = 0
    for batch in waiting.batches(RECOMPUTED):
        for pk in batch:
            with transaction.atomic(), suppress(NotYours):  # discarded since it was found
                locked = occurrences.lock(Occurrence(pk=pk))
                of_it = Photo.objects.filter(Exists(Box.objects.filter(photo=OuterRef("pk"), occurrence=pk)))
                changed += sum(_agree(locked, photo) for photo in of_it.order_by("pk"))
        done += len(batch)
        if progress:
            progress(done, len(waiting))
    return changed


def settle_frame(locked: Observation, photo: Photo) -> None:
    """Let what others see of a photo follow what was drawn on it. The caller holds the sighting."""
    surroundings.frame(locked, photo, boxes_queries.frames_of_the_owner(locked, photo))


def follow_photo(photo: Photo, organisms: Mapping[UUID, UUID], **sent: object) -> None:
    """Receives `species.actions.partings.parted`: what was drawn on a photo that left its sighting goes with it."""
    for old, new in organisms.items():
        for model in (Box, Region):
            model.objects.filter(photo=photo, occurrence=old).update(occurrence=new)


def _standing(occurrence: Occurrence, photo: Photo) -> QuerySet[Box]:
    return Box.objects.filter(occurrence=occurrence, photo=photo, withdrawn_at=None)


def _same(row: Box | Region, sides: tuple[float, ...]) -> bool:
    """A form brings back what it was given, in per cent with three decimals."""
    return all(
        isclose(getattr(row, side), given, abs_tol=1.1e-5) for side, given in zip(SIDES, sides, strict=True)
    )
