"""What a reviewer does on the review page: to one or to many at once, kept so that it can be undone as one.

Each occurrence is a transaction of its own; the act says what is done as it goes, so that what was broken off can be
undone, too.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions import comments, flags, identifications, routing, rulings
from labeling.models import (
    CommentReport,
    Flag,
    FoundRight,
    Identification,
    ReviewAct,
    ReviewCase,
    Ruling,
)
from labeling.queries import review, review_items
from labeling.queries.review import MANY, Row
from labeling.queries.rulings import who_says_what
from species.actions import occurrences
from species.models import Occurrence, Status, Taxon
from species.queries import taxa

NOT_YOURS = "Only a reviewer does that, on published sightings of others."
OWN = "It is your own upload."
DISPUTED = "People disagree about it: nothing is agreed that could be right."
NO_LEADER = "No name leads: look at it by itself."
TOO_MANY = f"At most {MANY} at once."
Kind = TypeVar("Kind", bound=Model)
Deed = Callable[[Row, Occurrence], dict[str, Any]]


def rule(
    *,
    rows: Iterable[Row],
    queue: str,
    reason: str,
    by: User,
    taxon: Taxon | None = None,
    leading: bool = False,
    confirmed: bool = False,
    many: bool = False,
) -> ReviewAct:
    """Rule on each of these: as `taxon`, as the name that leads there (`leading`), or that it can't be settled.

    Raises PermissionDenied; ValidationError without a reason or for too many; unless these are `many`, each of which
    says in the act why it was refused, also what `rulings.rule` raises.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why; others will read it."})

    def deed(row: Row, locked: Occurrence) -> dict[str, Any]:
        name = _leading(locked) if leading else taxon
        former = Ruling.objects.filter(occurrence=locked, withdrawn_at=None).first()
        ruling = rulings.rule(occurrence=locked, taxon=name, reason=reason, by=by, confirmed=confirmed)
        done = {"ruling": str(ruling.pk), "cases": _close(locked, by)}
        return done | ({"former": str(former.pk)} if former else {})

    return _act(ReviewAct.Kind.RULE, rows, queue, by, deed, many, reason.strip())


def agree(*, rows: Iterable[Row], queue: str, by: User, many: bool = False) -> ReviewAct:
    """Say oneself what leads, as anybody can; raises as `rule` does."""

    def deed(row: Row, locked: Occurrence) -> dict[str, Any]:
        former = Identification.objects.filter(occurrence=locked, person=by, withdrawn_at=None).first()
        name = _leading(locked)
        if former is not None and former.taxon_id == name.pk:
            raise ValidationError("You have said so already.")
        said = identifications.add(occurrence=locked, taxon=name, by=by, others_on_screen=True)
        done = {"identification": str(said.pk), "cases": _close(locked, by, ReviewCase.Queue.FIRST)}
        return done | ({"former": str(former.pk)} if former else {})

    return _act(ReviewAct.Kind.AGREE, rows, queue, by, deed, many)


def right(*, rows: Iterable[Row], queue: str, by: User, many: bool = False) -> ReviewAct:
    """What is agreed of each is right; lasts until something else is. Raises as `rule` does."""

    def deed(row: Row, locked: Occurrence) -> dict[str, Any]:
        if not access.can_rule(by, locked):
            raise PermissionDenied(NOT_YOURS)
        if locked.status == Status.DISPUTED:
            raise ValidationError(DISPUTED)
        FoundRight.objects.filter(occurrence=locked, withdrawn_at=None).update(withdrawn_at=timezone.now())
        found = FoundRight.objects.create(
            occurrence=locked, status=locked.status, taxon_id=locked.agreed_taxon_id, by=by
        )
        return {
            "right": str(found.pk),
            "cases": _close(locked, by),
            "routed": routing.found_right(occurrence=locked),
        }

    return _act(ReviewAct.Kind.RIGHT, rows, queue, by, deed, many)


def resolve(*, rows: Iterable[Row], queue: str, by: User, many: bool = False) -> ReviewAct:
    """What was pointed out is dealt with: a flag, or all reports of a comment. Raises as `rule` does."""

    def deed(row: Row, locked: Occurrence) -> dict[str, Any]:
        if isinstance(row.about, Flag):
            if row.about.resolved_at is not None:
                raise ValidationError("It is dealt with already.")
            flags.resolve(flag=row.about, by=by)
            return {"flag": str(row.about.pk)}
        if not isinstance(row.about, CommentReport):
            raise ValidationError("Nothing is flagged here.")
        standing = CommentReport.objects.filter(comment=row.about.comment_id, resolved_at=None)
        reports = [str(each) for each in standing.values_list("pk", flat=True)]
        comments.resolve(report=row.about, by=by)
        return {"reports": reports}

    return _act(ReviewAct.Kind.RESOLVE, rows, queue, by, deed, many)


def undo(*, act: ReviewAct, by: User) -> ReviewAct:
    """As if it had not been done, of each that it was done to; what came after it by others stays. Again is no error.

    Raises PermissionDenied: everybody undoes their own acts.
    """
    if act.by_id != by.pk or not by.is_reviewer:
        raise PermissionDenied("Everybody undoes their own acts.")
    for done in reversed(act.done if act.undone_at is None else []):
        # What is gone by now, or shown no more, is nobody's to undo.
        with suppress(Http404, PermissionDenied), transaction.atomic():
            _undo(done, by)
    if act.undone_at is None:
        act.undone_at = timezone.now()
        act.save(update_fields=["undone_at"])
    return act


def _act(
    kind: str, rows: Iterable[Row], queue: str, by: User, deed: Deed, many: bool, reason: str = ""
) -> ReviewAct:
    if not (by.is_authenticated and by.is_reviewer):
        raise PermissionDenied(NOT_YOURS)
    rows = list(rows)
    if len(rows) > MANY:
        raise ValidationError(TOO_MANY)
    of = review.occurrences(rows)
    act = ReviewAct(by=by, kind=kind, queue=queue, reason=reason)
    for row in rows:
        try:
            with transaction.atomic():
                if row.key not in of:
                    raise ValidationError("It is gone.")
                locked = occurrences.lock(Occurrence(pk=of[row.key]))
                if not access.can_rule(by, locked):
                    raise PermissionDenied(OWN if by.is_reviewer else NOT_YOURS)
                done = {"of": str(locked.pk), "row": str(row.key)} | deed(row, locked)
                act.done.append(done)
                act.save()
        except (PermissionDenied, ValidationError, Http404) as refusal:
            if not many:
                raise
            asked = refusal.overruled.counted if isinstance(refusal, rulings.Unconfirmed) else ""
            said = {"row": str(row.key), "why": asked or _why(refusal)}
            act.refused.append(said | ({"unconfirmed": True} if asked else {}))
    if act.refused:
        act.save()
    return act


def _why(refusal: Exception) -> str:
    return " ".join(getattr(refusal, "messages", None) or [str(refusal)])


def _leading(locked: Occurrence) -> Taxon:
    """The name that leads there. Raises ValidationError where none does."""
    ids, alone = review_items.ranked(locked, who_says_what(locked), taxa.tree())
    if not alone:
        raise ValidationError(NO_LEADER)
    return Taxon.objects.get(pk=ids[0])


def _close(locked: Occurrence, by: User, *queues: str) -> list[str]:
    """Nobody need look at it for these reasons any more; which they were."""
    standing = ReviewCase.objects.filter(occurrence=locked, closed_at=None)
    if queues:
        standing = standing.filter(queue__in=queues)
    ids = list(standing.values_list("pk", flat=True))
    ReviewCase.objects.filter(pk__in=ids).update(closed_at=timezone.now(), closed_by=by)
    return [str(each) for each in ids]


def _undo(done: dict[str, Any], by: User) -> None:
    occurrences.lock(Occurrence(pk=UUID(done["of"])))
    former = done.get("former")
    if ruling := _row(Ruling, done.get("ruling")):
        rulings.undo(ruling=ruling, former=_row(Ruling, former), by=by)
    elif (said := _row(Identification, done.get("identification"))) and said.withdrawn_at is None:
        identifications.withdraw(identification=said, by=by)
        if earlier := _row(Identification, former):
            identifications.say_again(identification=earlier, by=by)
    elif "right" in done:
        standing = FoundRight.objects.filter(pk=done["right"], withdrawn_at=None)
        standing.update(withdrawn_at=timezone.now())
        routing.open_again(ids=done.get("routed", []))
    elif flag := _row(Flag, done.get("flag")):
        flags.reopen(flag=flag, by=by)
    elif "reports" in done:
        comments.reopen(reports=[UUID(each) for each in done["reports"]], by=by)
    open_again = ReviewCase.objects.filter(
        occurrence=OuterRef("occurrence"), queue=OuterRef("queue"), closed_at=None
    )
    closed = ReviewCase.objects.filter(~Exists(open_again), pk__in=done.get("cases", ()), closed_by=by)
    ids = list(closed.values_list("pk", flat=True))
    ReviewCase.objects.filter(pk__in=ids).update(closed_at=None, closed_by=None)


def _row(model: type[Kind], id: str | None) -> Kind | None:
    return model._default_manager.filter(pk=id).first() if id else None
