"""All that somebody did from a moment on, set aside in one act and given back in one.

No row is deleted. Each that is set aside is marked as its own person, or a reviewer, could have marked it: a vote taken
back, a comment hidden, a flag dealt with. `RolledBack` holds which these were and the moment that was written into it,
so that giving back touches nothing that somebody changed since. Names go on protecting places, as names do that people
take back themselves (docs/access.md).
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User, Withheld
from jobs.actions import enqueue
from labeling.actions import boxes, queue, verdicts
from labeling.models import (
    AllBoxed,
    Box,
    Comment,
    CommentReport,
    FieldMark,
    Flag,
    Identification,
    Pass,
    Rollback,
    RolledBack,
    Ruling,
    Suspension,
)
from labeling.queries.rollbacks import KINDS, PHOTOS, WORDS, standing
from species.access import NotYours
from species.actions import listing, observations, occurrences, visibility
from species.models import Observation, Occurrence, Photo, State

Stage = Rollback.State
KIND = "roll_back"
BATCH = 500
NOT_YOU = "Only a reviewer does that, of somebody else; of a reviewer or an admin only an admin."
Progress = Callable[[int, int], object]


def may(by: User, person: User) -> bool:
    """Whether `by` may judge what `person` does here. An imported collection is trusted or not instead."""
    if not (by.is_authenticated and by.is_reviewer) or by.pk == person.pk or person.is_source:
        return False
    return by.is_admin or person.role not in ("reviewer", "admin")


@transaction.atomic
def begin(
    *,
    person: User,
    since: datetime | None,
    kinds: Iterable[str],
    reason: str,
    by: User,
    suspension: Suspension | None = None,
) -> Rollback:
    """Set aside what they did from `since` on, or ever, by a job. What they do from now on stays.

    Raises PermissionDenied, ValidationError by field.
    """
    if not may(by, person):
        raise PermissionDenied(NOT_YOU)
    kinds, reason = [kind for kind in WORDS if kind in set(kinds)], reason.strip()
    if not kinds:
        raise ValidationError({"kinds": "Choose what is rolled back."})
    if not reason:
        raise ValidationError({"reason": "Say why; others will read it."})
    if since is not None and since > timezone.now():
        raise ValidationError({"since": "This moment is still to come."})
    withheld = Withheld.objects.create(user=person, since=since) if PHOTOS in kinds else None
    rollback = Rollback.objects.create(
        person=person,
        by=by,
        reason=reason,
        since=since,
        kinds=kinds,
        suspension=suspension,
        withheld=withheld,
    )
    _work(rollback, f"Roll back what {person} did")
    return rollback


@transaction.atomic
def undo(*, rollback: Rollback, by: User | None) -> Rollback:
    """Give back all of it, by a job. Again is no error. `by` is nobody where a suspension is over by itself.

    Raises PermissionDenied.
    """
    locked = Rollback.objects.select_for_update().select_related("person").get(pk=rollback.pk)
    if by is not None and not may(by, locked.person):
        raise PermissionDenied(NOT_YOU)
    if locked.state in (Stage.APPLYING, Stage.APPLIED):
        locked.state, locked.undone_at, locked.undone_by = Stage.UNDOING, timezone.now(), by
        locked.save(update_fields=["state", "undone_at", "undone_by"])
        if locked.withheld_id is not None:
            Withheld.objects.filter(pk=locked.withheld_id).update(ended_at=timezone.now())
        _work(locked, f"Give back what was rolled back of {locked.person}")
    return locked


def _work(rollback: Rollback, title: str) -> None:
    enqueue(
        kind=KIND,
        arguments={"rollback": str(rollback.pk)},
        by=None,
        title=title,
        key=f"{KIND}:{rollback.pk}",
        again=True,
    )


def carry_out(*, rollback: Rollback, progress: Progress) -> None:
    """Do what its state asks. Safe to repeat, and to stop at any point by an exception of `progress`."""
    if rollback.state == Stage.APPLYING:
        _apply(rollback, progress)
        _finish(rollback, Stage.APPLYING, Stage.APPLIED)
    elif rollback.state == Stage.UNDOING:
        _give_back(rollback, progress)
        _finish(rollback, Stage.UNDOING, Stage.UNDONE)


def _apply(rollback: Rollback, progress: Progress) -> None:
    for kind in rollback.kinds:
        if kind == PHOTOS:
            _show_or_hide(rollback, progress)
            continue
        rows = standing(kind, rollback.person, rollback.since, rollback.created).order_by("created", "id")
        waiting = list(rows.values_list("pk", flat=True))
        for done, pk in enumerate(waiting):
            progress(done, len(waiting))
            with suppress(NotYours):  # its sighting was deleted since it was found
                set_aside(rollback, kind, pk)


def _give_back(rollback: Rollback, progress: Progress) -> None:
    waiting = rollback.rows.filter(given_back_at=None).order_by("id")
    total, done = waiting.count(), 0
    while batch := list(waiting[:BATCH]):
        for each in batch:
            progress(done, total)
            done += 1
            give_back(each)
    if PHOTOS in rollback.kinds:
        _show_or_hide(rollback, progress)


@transaction.atomic
def _finish(rollback: Rollback, before: str, after: str) -> None:
    """Unless it was undone while it was being applied: then the job runs once more."""
    counts = {kind: rollback.rows.filter(kind=kind).count() for kind in rollback.kinds if kind != PHOTOS}
    if PHOTOS in rollback.kinds and after == Stage.APPLIED:
        hidden = Photo.objects.filter(
            owner=rollback.person, created__lte=rollback.created, observation__state=State.PUBLISHED
        )
        counts[PHOTOS] = (hidden.filter(created__gte=rollback.since) if rollback.since else hidden).count()
    elif PHOTOS in rollback.counts:
        counts[PHOTOS] = rollback.counts[PHOTOS]
    Rollback.objects.filter(pk=rollback.pk, state=before).update(state=after, counts=counts)


@transaction.atomic
def set_aside(rollback: Rollback, kind: str, pk: UUID) -> bool:
    """One row, with what rests on it settled anew; False where it does not stand any more."""
    each = KINDS[kind]
    found, locked = _held(each.model, pk)
    at = timezone.now()
    changed: dict[str, Any] = {each.gone: at}
    if each.model is Comment:
        changed |= {
            "hidden_by": rollback.by,
            "hidden_because": f"Rolled back: {rollback.reason}",
            "updated": at,
        }
    elif each.model in (Flag, CommentReport):
        changed |= {"resolved_by": rollback.by}
    if not each.model.objects.filter(pk=pk, **{each.gone: None}).update(**changed):
        return False
    RolledBack.objects.create(rollback=rollback, kind=kind, row=pk, at=at)
    _settle(found, locked)
    return True


@transaction.atomic
def give_back(row: RolledBack) -> bool:
    """One row, as it stood; False where somebody has changed it since, or has said something else in its place."""
    each = KINDS[row.kind]
    back = False
    with suppress(NotYours):
        found, locked = _held(each.model, row.row)
        back = found is not None and _restore(row, found)
        if back:
            _settle(found, locked)
    RolledBack.objects.filter(pk=row.pk).update(given_back_at=timezone.now())
    return back


def _restore(row: RolledBack, found: Any) -> bool:
    each = KINDS[row.kind]
    changed: dict[str, Any] = {each.gone: None}
    if each.model is Comment:
        changed |= {"hidden_by": None, "hidden_because": "", "updated": timezone.now()}
    elif each.model in (Flag, CommentReport):
        changed |= {"resolved_by": None}
    elif each.model in (Identification, Box, FieldMark, Ruling):
        # Whoever follows the lists hears that it is back.
        changed |= {"listed_at": max(timezone.now(), found.listed_at)}
    if _taken(each.model, found):
        return False
    return bool(each.model.objects.filter(pk=row.row, **{each.gone: row.at}).update(**changed))


# Of which another one may have come in its place: one stands of each.
ONE_STANDS: dict[type[Any], tuple[str, ...]] = {
    Identification: ("occurrence", "person"),
    Box: ("occurrence", "photo", "person"),
    AllBoxed: ("photo", "person"),
    FieldMark: ("occurrence", "photo", "person", "mark"),
    Pass: ("occurrence", "person"),
    Ruling: ("occurrence",),
    Flag: ("photo", "by", "kind"),
    CommentReport: ("comment", "by"),
}


def _taken(model: type[Any], found: Any) -> bool:
    if model not in ONE_STANDS:
        return False
    gone = "resolved_at" if model in (Flag, CommentReport) else "withdrawn_at"
    same = {name: getattr(found, model._meta.get_field(name).attname) for name in ONE_STANDS[model]}
    return bool(model.objects.filter(**same, **{gone: None}).exclude(pk=found.pk).exists())


def _held(model: type[Any], pk: UUID) -> tuple[Any, Occurrence | Observation | None]:
    """The row, with the sighting that it is on held. Raises NotYours where that is gone."""
    found = model.objects.filter(pk=pk).first()
    if found is None:
        return None, None
    if model in (AllBoxed, Flag):
        return found, observations.lock(Observation(pk=found.photo.observation_id))
    if model is Comment:
        return found, observations.lock(Observation(pk=found.observation_id))
    if model is CommentReport:
        return found, observations.lock(Observation(pk=found.comment.observation_id))
    return found, occurrences.lock(Occurrence(pk=found.occurrence_id))


def _settle(found: Any, locked: Occurrence | Observation | None) -> None:
    if isinstance(found, Identification) and isinstance(locked, Occurrence):
        queue.said(locked)
        verdicts.settle_held(occurrence=locked)
    elif isinstance(found, Ruling) and isinstance(locked, Occurrence):
        verdicts.settle_held(occurrence=locked)
    elif isinstance(found, Box) and isinstance(locked, Occurrence):
        listing.touch(locked.observation)
        boxes.settle_held(locked, found.photo)
    elif isinstance(found, Pass) and isinstance(locked, Occurrence):
        queue.passed(locked)
    elif isinstance(found, FieldMark) and isinstance(locked, Occurrence):
        listing.touch(locked.observation)


def _show_or_hide(rollback: Rollback, progress: Progress) -> None:
    """Write anew who sees the sightings that photos of theirs are in."""
    own = Observation.objects.filter(observer=rollback.person, state=State.PUBLISHED)
    waiting = list(own.order_by("pk").values_list("pk", flat=True))
    for done, pk in enumerate(waiting):
        progress(done, len(waiting))
        with suppress(NotYours), transaction.atomic():
            locked = observations.lock(Observation(pk=pk))
            was_shown = locked.shown
            if not was_shown and rollback.state == Stage.UNDOING:
                listing.list_last(locked)
            visibility.settle(locked)
