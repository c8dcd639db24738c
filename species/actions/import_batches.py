"""Every write about imports as a whole: begun, taken back, given back."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs.actions import enqueue
from notices.actions import notify
from species.access import NotYours
from species.actions import listing, observations, visibility
from species.actions.photos import check_purposes
from species.models import BatchWithdrawal, ImportBatch, Observation, State

KIND = "follow_batch"
LONGEST = 2000
FOR_REVIEWERS = "Only a reviewer does that."
Progress = Callable[[int, int], object]


@transaction.atomic
def start(
    *,
    source: User,
    licence: str,
    by: User,
    credit: str = "",
    consents: Iterable[str] = (),
) -> ImportBatch:
    """One import: `by` answers for the licence and the consents of everything it brings from `source`."""
    if not source.is_source:
        raise ValidationError({"source": "Imports belong to a source account."})
    purposes = sorted(set(consents))
    check_purposes(purposes)
    if not licence.strip():
        raise ValidationError({"licence": "Say under which licence the photos come (an SPDX id)."})
    return ImportBatch.objects.create(
        source=source,
        operator=by,
        licence=licence.strip(),
        credit=credit.strip(),
        consents=purposes,
    )


@transaction.atomic
def withdraw(*, batch: ImportBatch, reason: str, by: User) -> BatchWithdrawal:
    """Show and give nobody what came with it, from the next page on its own and soon its lists, by a job.

    What published datasets hold they hold. Raises PermissionDenied; ValidationError, also where it is withdrawn.
    """
    _may(by)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why; others will read it."})
    if len(reason) > LONGEST:
        raise ValidationError({"reason": f"At most {LONGEST} characters."})
    _hold(batch)
    standing = standing_withdrawal(batch)
    if standing is not None:
        raise ValidationError(f"{standing.by} withdrew it already: “{standing.reason}”")
    made = BatchWithdrawal.objects.create(batch=batch, by=by, reason=reason)
    _follow_later(batch, by)
    _tell(batch, by, f"{by} withdrew what you imported from {batch.source}: {reason}")
    return made


@transaction.atomic
def restore(*, batch: ImportBatch, by: User) -> ImportBatch:
    """Show again what came with it, by a job. Again is no error. Raises PermissionDenied."""
    _may(by)
    _hold(batch)
    standing = standing_withdrawal(batch)
    if standing is None:
        return batch
    standing.restored_at, standing.restored_by = timezone.now(), by
    standing.save(update_fields=["restored_at", "restored_by"])
    _follow_later(batch, by)
    _tell(batch, by, f"{by} restored what you imported from {batch.source}.")
    return batch


def standing_withdrawal(batch: ImportBatch) -> BatchWithdrawal | None:
    return batch.withdrawals.select_related("by").filter(restored_at=None).first()


def follow(*, batch: ImportBatch, progress: Progress) -> None:
    """Write anew who sees what came with it. Safe to repeat, and to stop at any point by an exception of `progress`."""
    came = Observation.objects.filter(batch=batch, state=State.PUBLISHED).order_by("pk")
    waiting = list(came.values_list("pk", flat=True))
    for done, pk in enumerate(waiting):
        progress(done, len(waiting))
        with suppress(NotYours), transaction.atomic():
            locked = observations.lock(Observation(pk=pk))
            if not locked.shown and standing_withdrawal(batch) is None:
                # Whoever follows the lists hears that it is back.
                listing.list_last(locked)
            visibility.settle(locked)


def _may(by: User) -> None:
    if not (by.is_authenticated and by.is_reviewer):
        raise PermissionDenied(FOR_REVIEWERS)


def _hold(batch: ImportBatch) -> None:
    """Two who judge one import do so one after the other, and nothing of its source is just being published."""
    User.objects.select_for_update(no_key=True).get(pk=batch.source_id)


def _follow_later(batch: ImportBatch, by: User) -> None:
    enqueue(
        kind=KIND,
        arguments={"batch": str(batch.pk)},
        by=by,
        title=f"Let lists follow what became of an import from {batch.source}",
        key=f"{KIND}:{batch.pk}",
        again=True,
    )


def _tell(batch: ImportBatch, by: User, text: str) -> None:
    if batch.operator_id != by.pk:
        notify(
            user=batch.operator,
            kind="ruling",
            text=text,
            url=batch.get_absolute_url(),
            about=f"batch:{batch.pk}",
        )
