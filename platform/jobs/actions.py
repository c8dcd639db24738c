"""What people and other apps do with jobs. Whether they may is asked by the views."""

import logging
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from jobs import leases, registry, wakeups
from jobs.context import NO_RIGHT
from jobs.models import UNFINISHED, Job, State

log = logging.getLogger(__name__)


class NotPossible(ValidationError):
    """The job is in no state for this; `message` says so in a sentence."""


@transaction.atomic
def enqueue(
    *,
    kind: str,
    arguments: dict[str, Any] | None = None,
    by: User | None = None,
    after: Job | None = None,
    title: str = "",
    key: str | None = None,
    again: bool = False,
    queue: str | None = None,
) -> Job:
    """A new job, in the caller's transaction: it exists if and only if what it is about does.

    With `after` it starts when that job is done. With `key` there is at most one unfinished job of that key:
    if there is one already it is the answer, and with `again` it runs once more should it be running, so
    that what came in behind its back is found. Raises ValueError for a kind that nobody would run, TypeError
    for arguments that JSON cannot hold.
    """
    known = registry.find(kind)
    if known is None:
        raise ValueError(f"Nothing runs jobs of kind {kind!r}; there are {', '.join(registry.kinds())}.")
    if key is not None:
        standing = _standing(key, again=again)
        if standing:
            return standing
    job = Job(
        kind=kind,
        title=title[:200],
        key=key,
        arguments=arguments or {},
        queue=queue or known.queue,
        owner=by,
        after=after,
        max_attempts=known.max_attempts,
    )
    if after is not None:
        # Locked, so that it cannot fail between this look and our commit without telling us.
        after = Job.objects.select_for_update().get(pk=after.pk)
        if after.can_retry:
            job.message = leases.BLOCKED.format(after)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        # Somebody else made the job of this key since we looked.
        standing = _standing(key, again=again) if key is not None else None
        if standing is None:
            raise
        return standing
    wakeups.send_on_commit(job)
    return job


@transaction.atomic
def cancel(*, job: Job, by: User | None) -> Job:
    """A waiting job ends at once; a running one is asked to, and does when it next reports.

    Raises NotPossible when it has already ended some other way.
    """
    row = Job.objects.select_for_update().get(pk=job.pk)
    if row.state == State.DONE or row.state == State.FAILED:
        raise NotPossible(f"“{row}” has already ended, so there is nothing to stop.")
    if row.state == State.RUNNING:
        row.cancel_requested, row.again = True, False
        row.save(update_fields=["cancel_requested", "again"])
    elif row.state == State.WAITING:
        row.state, row.finished_at, row.message = State.CANCELLED, timezone.now(), leases.STOPPED
        row.save(update_fields=["state", "finished_at", "message"])
        leases.block_successors(row)
    log.info("%s job %s: asked to stop by %s", row.kind, row.pk, by and by.pk)
    return row


@transaction.atomic
def retry(*, job: Job, by: User | None) -> Job:
    """Back in line with all its attempts, and whatever waits for it with it.

    Raises NotPossible when it has not failed or been stopped, when a newer job of the same key stands, or when
    its owner may not have it done any more.
    """
    # The predecessor is locked first, as everywhere, so that two of these never wait for each other.
    after = job.after_id and Job.objects.select_for_update().get(pk=job.after_id)
    row = Job.objects.select_for_update().get(pk=job.pk)
    if row.state == State.DONE:
        raise NotPossible(f"“{row}” is done, so there is nothing to try again.")
    if row.state in UNFINISHED:
        return row
    known = registry.find(row.kind)
    if known is not None and not known.may(row.owner):
        raise NotPossible(NO_RIGHT.format(row.owner))
    row.state, row.run_after, row.started_at, row.finished_at = State.WAITING, timezone.now(), None, None
    row.attempts, row.lost, row.progress_done, row.progress_total, row.error = 0, 0, 0, None, ""
    row.message = leases.BLOCKED.format(after) if after and after.can_retry else ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NotPossible(f"“{row}” is already being done by a newer job.") from error
    leases.unblock_successors(row)
    wakeups.send_on_commit(row)
    log.info("%s job %s: tried again by %s", row.kind, row.pk, by and by.pk)
    return row


@transaction.atomic
def forget(*, kind: str, before: datetime) -> int:
    """Delete jobs of a kind that were done and made before then, and that nothing waited for; how many.

    For kinds that come by the thousand and are nobody's: what a person asked for stays as a record.
    """
    done = Job.objects.filter(kind=kind, created__lt=before, state=State.DONE, owner=None)
    followed = Job.objects.filter(after=OuterRef("pk"))
    return done.exclude(Exists(followed)).delete()[0]


def _standing(key: str, *, again: bool) -> Job | None:
    """The unfinished job of this key; one that runs is marked to run again when that is asked for."""
    unfinished = Job.objects.unfinished().filter(key=key)
    if again:
        unfinished.filter(state=State.RUNNING, cancel_requested=False).update(again=True)
    return unfinished.first()
