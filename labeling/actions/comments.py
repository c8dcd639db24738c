"""What people write about sightings: said, mended for a quarter of an hour, taken back, reported and hidden."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions import notices
from labeling.models import Comment, CommentReport
from labeling.queries import newcomers
from labeling.queries.comments import open_reports
from species.access import NotYours
from species.actions import observations
from species.models import Observation
from species.queries.names import Names

EDITABLE = timedelta(minutes=15)
# They turn the text around them: what stands after a comment would be read backwards.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@transaction.atomic
def add(*, observation: Observation, text: str, by: User) -> Comment:
    """Write about a sighting. Raises PermissionDenied, or ValidationError by field."""
    locked = observations.lock(observation)
    if not access.can_comment(by, locked):
        raise PermissionDenied("You cannot write about what you cannot see. Sign in first.")
    text, now = _clean(text), timezone.now()
    newcomers.check_comment(by, text)
    comment = Comment.objects.create(
        observation=locked,
        person=by,
        text=text,
        names_taxon=Names().is_in(text),
        created=now,
        updated=now,
        listed_at=max(now, locked.listed_at),
        shown=locked.shown,
    )
    notices.tell_of_comment(comment=comment)
    return comment


@transaction.atomic
def edit(*, comment: Comment, text: str, by: User) -> Comment:
    """Say it otherwise, for a quarter of an hour.

    Raises PermissionDenied, ValidationError; NotYours where it is gone.
    """
    locked = _lock(comment)
    _own(locked, by, "Only who wrote it changes it.")
    text = _clean(text)
    if locked.withdrawn_at is not None:
        raise ValidationError("You took that back. Write another one.")
    if timezone.now() - locked.created > EDITABLE:
        raise ValidationError(
            "It can be changed for a quarter of an hour. Take it back, or write another one."
        )
    if text != locked.text:
        before, locked.text, locked.names_taxon = locked.text, text, Names().is_in(text)
        locked.edited_at = timezone.now()
        _save(locked, "text", "names_taxon", "edited_at")
        notices.tell_of_comment(comment=locked, before=before)
    return locked


@transaction.atomic
def withdraw(*, comment: Comment, by: User) -> Comment:
    """Take back what one wrote: its words are deleted, its place stays. Again is no error.

    Raises PermissionDenied; NotYours where it is gone.
    """
    locked = _lock(comment)
    _own(locked, by, "Only who wrote it takes it back.")
    if locked.withdrawn_at is None:
        locked.text, locked.names_taxon, locked.withdrawn_at = "", False, timezone.now()
        _save(locked, "text", "names_taxon", "withdrawn_at")
    return locked


@transaction.atomic
def report(*, comment: Comment, by: User, reason: str = "") -> CommentReport:
    """Point out to reviewers that it should not stand. The same person's again, while it is open, is the same one.

    Raises PermissionDenied, ValidationError; NotYours where it is gone.
    """
    locked = _lock(comment)
    if not access.can_comment(by, locked.observation):
        raise PermissionDenied("You cannot report what you cannot see. Sign in first.")
    if locked.person_id == by.pk:
        raise ValidationError("It is yours: take it back.")
    if not locked.stands:
        raise ValidationError("It is taken back or hidden already.")
    reason = reason.strip()
    report, _ = CommentReport.objects.get_or_create(
        comment=locked, by=by, resolved_at=None, defaults={"reason": reason}
    )
    if reason and report.reason != reason:
        report.reason = reason
        report.save(update_fields=["reason"])
    return report


@transaction.atomic
def hide(*, comment: Comment, reason: str, by: User) -> Comment:
    """Show its words to reviewers and to who wrote it alone. Reports of it are dealt with. Again is no error.

    Raises PermissionDenied, ValidationError; NotYours where it is gone.
    """
    locked = _lock(comment)
    _moderated(locked, by)
    reason = _reason(reason)
    if locked.hidden_at is None:
        locked.hidden_at, locked.hidden_by, locked.hidden_because = timezone.now(), by, reason
        _save(locked, "hidden_at", "hidden_by", "hidden_because")
        notices.tell_writer(comment=locked, text=f"{by} hid a comment of yours: {reason}", by=by)
    _resolve(locked, by, "It is hidden.")
    return locked


@transaction.atomic
def unhide(*, comment: Comment, reason: str, by: User) -> Comment:
    """Show it to everybody again, and tell its writer why. Again is no error. Raises as `hide` does."""
    locked = _lock(comment)
    _moderated(locked, by)
    reason = _reason(reason)
    if locked.hidden_at is not None:
        locked.hidden_at, locked.hidden_by, locked.hidden_because = None, None, ""
        _save(locked, "hidden_at", "hidden_by", "hidden_because")
        notices.tell_writer(comment=locked, text=f"{by} shows a comment of yours again: {reason}", by=by)
    return locked


@transaction.atomic
def resolve(*, report: CommentReport, by: User) -> CommentReport:
    """The comment may stand: said by a reviewer. Again is no error. Raises as `hide` does."""
    locked = _lock(Comment(pk=report.comment_id))
    _moderated(locked, by)
    _resolve(locked, by, "It may stand.")
    report.refresh_from_db()
    return report


@transaction.atomic
def reopen(*, reports: Iterable[UUID], by: User) -> None:
    """Those of these that one dealt with oneself are open again, unless they were made again since."""
    for each in CommentReport.objects.select_for_update().filter(pk__in=list(reports), resolved_by=by):
        again = CommentReport.objects.filter(comment=each.comment_id, by=each.by_id, resolved_at=None)
        if not again.exists():
            each.resolved_at, each.resolved_by = None, None
            each.save(update_fields=["resolved_at", "resolved_by"])


def _resolve(locked: Comment, by: User, text: str) -> None:
    for each in open_reports(locked).select_related("by"):
        each.resolved_at, each.resolved_by = timezone.now(), by
        each.save(update_fields=["resolved_at", "resolved_by"])
        notices.tell_reporter(
            report=each, text=f"{by} looked at the comment that you reported. {text}", by=by
        )


def _lock(comment: Comment) -> Comment:
    """The comment, with its sighting held; by its id: the row may be gone since it was read."""
    of = Comment.objects.filter(pk=comment.pk).values_list("observation", flat=True).first()
    if of is None:
        raise NotYours("No such comment.")
    held = observations.lock(Observation(pk=of))
    found = Comment.objects.select_related("person").filter(pk=comment.pk).first()
    if found is None:
        raise NotYours("No such comment.")
    found.observation = held
    return found


def _own(locked: Comment, by: User, refusal: str) -> None:
    if locked.person_id != by.pk or not by.is_active:
        raise PermissionDenied(refusal)


def _moderated(locked: Comment, by: User) -> None:
    if not access.can_moderate(by, locked):
        raise PermissionDenied("Only a reviewer does that, and of what others wrote, on sightings of others.")


def _save(locked: Comment, *fields: str) -> None:
    locked.updated = timezone.now()
    locked.save(update_fields=[*fields, "updated"])


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({"reason": "Say why."})
    return text


def _clean(text: str) -> str:
    """Without what cannot be seen and turns what can; lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    kept = visible(lines).strip()
    if not kept:
        raise ValidationError({"text": "Write something."})
    if len(kept) > Comment.LONGEST:
        raise ValidationError({"text": f"A comment has at most {Comment.LONGEST} characters."})
    return kept


def visible(text: str) -> str:
    """Without what cannot be seen, ends of lines apart, and turns what can."""
    return "".join(
        letter
        for letter in text
        if letter == "\n" or not (letter in TURNING or unicodedata.category(letter) == "Cc")
    )


def is_editable(comment: Comment, now: datetime | None = None) -> bool:
    return comment.withdrawn_at is None and (now or timezone.now()) - comment.created <= EDITABLE
