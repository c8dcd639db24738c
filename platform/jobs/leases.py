"""What happens to a row between a worker taking a job and letting go of it.

Each function is one conditional update. Those about a job that runs start from `held(job)`: state and fence
are still this attempt's, or nothing is written and the answer is False.
"""

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from jobs import holders, registry, wakeups
from jobs.models import Job, State

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE)
BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(hours=1)

BLOCKED = "Blocked: “{}” did not finish. Try that one again, and this goes on by itself."
# A worker that dies is seldom its job's fault; a job whose workers die this often is put aside.
MOST_LOST = 10

DIED = "The worker stopped half-way. Goes on by itself."
DIED_FOR_GOOD = "The worker stopped half-way {} times, so this was put aside."
RESTARTED = "The worker was shut down. Goes on by itself when it is back."
STOPPED = "Stopped on request."
UNKNOWN_KIND = "No worker here knows how to do this ({}). It waits until one does."


def backoff(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … up to an hour, a quarter more or less so that jobs that failed together part ways."""
    return min(BACKOFF * 2 ** min(attempts - 1, 20), LONGEST_BACKOFF) * random.uniform(0.75, 1.25)


@transaction.atomic
def claim(job_id, now: datetime | None = None) -> Job | None:
    """Take a due job for one attempt; None when it is not due, not known here, or somebody was quicker.

    Reading the row back inside the transaction matters: outside it a worker that was stopped between the two
    for longer than the lease would read, and then hold, the fence of the worker that came after it.
    """
    now = now or timezone.now()
    taken = (
        Job.objects.due(now)
        .claimable(registry.kinds())
        .filter(pk=job_id)
        .order_by()
        .update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            fence=F("fence") + 1,
            lease_until=now + LEASE,
            holder=holders.me(),
            started_at=now,
            progress_done=0,
            progress_total=None,
            message="",
        )
    )
    return Job.objects.select_related("owner").get(pk=job_id) if taken else None


def extend(job: Job, now: datetime | None = None) -> bool:
    """The heartbeat."""
    return bool(Job.objects.held(job).update(lease_until=(now or timezone.now()) + LEASE))


@transaction.atomic
def complete(job: Job, now: datetime | None = None, **last_progress) -> bool:
    """Done; or back in line at once if something came in meanwhile."""
    now = now or timezone.now()
    row = _locked(job)
    if row is None:
        return False
    if row.again:
        Job.objects.held(job).update(**last_progress | _waiting(now), attempts=0, lost=0)
        wakeups.send_on_commit(job)
    else:
        Job.objects.held(job).update(**last_progress | _finished(State.DONE, now), error="")
        for successor in Job.objects.successors(job):
            wakeups.send_on_commit(successor)
    return True


@transaction.atomic
def fail(
    job: Job,
    *,
    message: str,
    error: str,
    permanent: bool = False,
    now: datetime | None = None,
    **last_progress,
) -> bool:
    """Back in line after a pause; or, when it cannot work or was tried often enough, put aside as failed."""
    now = now or timezone.now()
    row = _locked(job)
    if row is None:
        return False
    if not permanent and job.attempts < job.max_attempts:
        if row.cancel_requested:
            # Whoever asked it to stop does not want the next attempt.
            return end_cancelled(job, now, **last_progress)
        again = f"{message} Tries again by itself: attempt {job.attempts + 1} of {job.max_attempts}."
        waiting = _waiting(now + backoff(job.attempts)) | {"message": again, "error": error}
        Job.objects.held(job).update(**last_progress | waiting)
        return True
    if not permanent:
        tries = "one attempt" if job.attempts == 1 else f"{job.attempts} attempts"
        message = f"{message} Put aside after {tries}."
    ended = _finished(State.FAILED, now) | {"message": message, "error": error}
    Job.objects.held(job).update(**last_progress | ended)
    block_successors(job)
    return True


@transaction.atomic
def end_cancelled(job: Job, now: datetime | None = None, **last_progress) -> bool:
    """The handler heard that it should stop, and did."""
    cancelled = _finished(State.CANCELLED, now or timezone.now()) | {"message": STOPPED}
    ended = Job.objects.held(job).update(**last_progress | cancelled)
    if ended:
        block_successors(job)
    return bool(ended)


@transaction.atomic
def release(job: Job, now: datetime | None = None) -> bool:
    """Give the job back because this worker is going away: not the job's fault, the attempt doesn't count."""
    now = now or timezone.now()
    row = _locked(job)
    if row is None:
        return False
    if row.cancel_requested:
        return end_cancelled(job, now)
    waiting = _waiting(now) | {"message": RESTARTED, "attempts": Greatest(F("attempts") - 1, Value(0))}
    Job.objects.held(job).update(**waiting)
    wakeups.send_on_commit(job)
    return True


@transaction.atomic
def postpone(job: Job, *, message: str, pause: timedelta, now: datetime | None = None) -> bool:
    """Give the job back for a while, because of something that no attempt can help: it does not count."""
    row = _locked(job)
    if row is None:
        return False
    now = now or timezone.now()
    if row.cancel_requested:
        return end_cancelled(job, now)
    attempts = Greatest(F("attempts") - 1, Value(0))
    Job.objects.held(job).update(**_waiting(now + pause) | {"message": message, "attempts": attempts})
    return True


def expire(now: datetime | None = None) -> int:
    """Free every job whose worker is gone or was not heard of for a lease; how many there were.

    The attempt does not count, for somebody outside ended it; but a job that kills its worker each time is put
    aside in the end.
    """
    now = now or timezone.now()
    found = {*Job.objects.expired(now), *Job.objects.orphaned()}
    return sum(_expire_one(job, now) for job in found)


@transaction.atomic
def _expire_one(job: Job, now: datetime) -> bool:
    # The lease is asked again under the lock: a heartbeat may have come in since the row was read.
    row = _locked(job)
    if row is None or row.lease_until >= now and not holders.is_dead(row.holder):
        return False
    if row.cancel_requested:
        return end_cancelled(row, now)
    lost = {"lost": row.lost + 1, "attempts": max(0, row.attempts - 1)}
    if row.lost + 1 < MOST_LOST:
        log.warning("%s job %s lost its worker (%d so far)", row.kind, row.pk, row.lost + 1)
        Job.objects.held(row).update(**_waiting(now) | lost | {"message": DIED})
        wakeups.send_on_commit(row)
    else:
        log.error("%s job %s lost its worker %d times, put aside", row.kind, row.pk, row.lost + 1)
        message = DIED_FOR_GOOD.format(row.lost + 1)
        Job.objects.held(row).update(**_finished(State.FAILED, now) | lost | {"message": message})
        block_successors(row)
    return True


def block_successors(job: Job) -> None:
    """Say on the jobs that wait for this one why they do not start."""
    Job.objects.successors(job).update(message=BLOCKED.format(job))


def unblock_successors(job: Job) -> None:
    Job.objects.successors(job).update(message="")


def explain_unknown_kinds(queues: list[str] | None = None) -> int:
    """Say on due jobs of these queues that nobody in this process can run them; how many are newly told."""
    strangers = Job.objects.due(queue=queues).exclude(kind__in=registry.kinds())
    strangers = strangers.exclude(message__startswith=UNKNOWN_KIND.partition("{")[0])
    told = 0
    for job in strangers:
        log.error("No handler for jobs of kind %r (job %s)", job.kind, job.pk)
        same = Job.objects.filter(pk=job.pk, state=State.WAITING)
        told += same.update(message=UNKNOWN_KIND.format(job.kind))
    return told


def _locked(job: Job) -> Job | None:
    """The row as it is now, if it is still this attempt's, and until the transaction ends."""
    return Job.objects.held(job).select_for_update().first()


def _waiting(run_after: datetime) -> dict:
    return {
        "state": State.WAITING,
        "run_after": run_after,
        "lease_until": None,
        "holder": "",
        "cancel_requested": False,
        "again": False,
        "message": "",
    }


def _finished(state: State, now: datetime) -> dict:
    return {
        "state": state,
        "finished_at": now,
        "lease_until": None,
        "holder": "",
        "cancel_requested": False,
        "again": False,
    }
