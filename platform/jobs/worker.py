"""Runs jobs in this process: claim, heartbeat, handler, outcome."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, connections

from jobs import leases, registry
from jobs.context import Context
from jobs.full_disk import SENTENCE, is_full_disk
from jobs.leases import claim
from jobs.models import Job
from jobs.outcomes import Cancelled, LostLease, Permanent, Stopped

__all__ = ["claim", "run", "run_due", "running", "stop"]

log = logging.getLogger(__name__)

TRACEBACK_LINES = 25
SETTLE_TRIES = 5
# Where the disk is full, no attempt can help; people make room, and nobody has to tell the jobs.
FULL_DISK_PAUSE = timedelta(seconds=15)
FULL_DISK = f"{SENTENCE} Goes on by itself when there is room."

_running: dict[str, Context] = {}
_lock = threading.Lock()
_stopping = threading.Event()


def run(job_id) -> bool:
    """Run one job if it is due and nobody else has it; True if this process ran it, whatever came of it."""
    if _stopping.is_set():
        return False
    _drop_old_connections()
    try:
        job = claim(job_id)
        if job is None:
            return False
        with _registered(Context(job)) as context:
            with _heartbeat(context):
                _run_handler(context)
        return True
    finally:
        _drop_old_connections()


def run_due(queue: str | Iterable[str] | None = None, limit: int | None = None) -> int:
    """Run what is due, oldest first, one after another, successors included; how many ran."""
    ran = 0
    while (limit is None or ran < limit) and not _stopping.is_set():
        due = Job.objects.due(queue=queue).claimable(registry.kinds()).values_list("pk", flat=True).first()
        if due is None:
            break
        ran += run(due)
    return ran


def running() -> int:
    """How many jobs this process runs just now."""
    return len(_running)


def stop(grace: float = 3.0) -> bool:
    """Tell every running handler to stop, start no more, and free what does not stop within `grace` seconds.

    True if all did. A handler that ends later finds its fence gone and writes nothing.
    """
    with _lock:
        _stopping.set()
        contexts = list(_running.values())
    for context in contexts:
        context.stop()
    deadline = time.monotonic() + grace
    while _running and time.monotonic() < deadline:
        time.sleep(0.05)
    deaf = list(_running.values())
    for context in deaf:
        if leases.release(context.job):
            log.warning("Job %s did not stop in time and was given back", context.job.pk)
    return not deaf


def _drop_old_connections() -> None:
    """As a web request does at its start and end: the threads of a worker live for weeks."""
    # In somebody's transaction (a test's) the connection is in use and looks obsolete all the same.
    if not connection.in_atomic_block:
        close_old_connections()


def _run_handler(context: Context) -> None:
    job = context.job
    kind = registry.find(job.kind)
    assert kind is not None  # claimed, so known
    log.info("%s starts%s.", context.name, f", attempt {job.attempts}" if job.attempts > 1 else "")
    try:
        kind.handler(context)
    except Cancelled:
        _settle(context, leases.end_cancelled)
    except Stopped:
        _settle(context, leases.release)
    except LostLease:
        log.warning("%s job %s was taken over by another worker; this attempt ends here", job.kind, job.pk)
    except (Exception, SystemExit) as error:
        # A program that was terminated because of a shutdown fails, too, and often before anybody asks.
        if context.stopping:
            _settle(context, leases.release)
        elif is_full_disk(error, settings.VAR):
            log.warning("%s job %s waits: %r", job.kind, job.pk, error)
            _settle(context, partial(leases.postpone, message=FULL_DISK, pause=FULL_DISK_PAUSE))
        elif not context.lost:
            log.exception("%s job %s failed, attempt %d", job.kind, job.pk, job.attempts)
            text = "".join(traceback.format_exception(error)).splitlines()[-TRACEBACK_LINES:]
            permanent = isinstance(error, Permanent)
            fail = partial(leases.fail, message=_words(error), error="\n".join(text), permanent=permanent)
            _settle(context, fail)
    except BaseException:
        # Ctrl-C in a foreground command: the job did nothing wrong.
        _settle(context, leases.release)
        raise
    else:
        _settle(context, partial(leases.complete, **context.take_unwritten()))
        if not context.lost:
            log.info("%s is done. %s", context.name, context.said)


def _settle(context: Context, outcome: Callable[[Job], bool]) -> None:
    """Write how it ended, patiently: failing here would repeat the whole job."""
    for attempt in range(SETTLE_TRIES):
        try:
            outcome(context.job)
            return
        except (DatabaseError, InterfaceError):
            if connection.in_atomic_block or attempt == SETTLE_TRIES - 1:
                raise
            log.exception("The outcome of job %s was not written; trying again", context.job.pk)
            connection.close()
            time.sleep(1 + attempt)


def _words(error: BaseException) -> str:
    """What the owner of the job reads. Only `Permanent` speaks to them: other texts may name paths."""
    if isinstance(error, Permanent):
        return str(error)
    if isinstance(error, MemoryError):
        return "There was not enough memory."
    return f"An error of ours stopped it ({type(error).__name__})."


@contextmanager
def _registered(context: Context):
    key = str(context.job.pk)
    with _lock:
        _running[key] = context
        late = _stopping.is_set()
    if late:
        context.stop()
    try:
        yield context
    finally:
        with _lock:
            _running.pop(key, None)


@contextmanager
def _heartbeat(context: Context):
    """Extend the lease from a thread of its own while the block runs."""
    if connection.in_atomic_block:
        # Inside somebody's transaction (a test's) no other connection can see the row, let alone extend it;
        # and nobody can take it either.
        yield
        return
    over = threading.Event()
    beat = threading.Thread(
        target=_beat, args=(context, over), name=f"heartbeat-{context.job.pk}", daemon=True
    )
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join(timeout=5)


def _beat(context: Context, over: threading.Event) -> None:
    pause = leases.LEASE.total_seconds() / 4
    try:
        while not over.wait(pause):
            try:
                held = leases.extend(context.job)
            except Exception:
                # Three more chances before the lease ends; a fresh connection each.
                log.exception("Heartbeat of job %s failed", context.job.pk)
                connection.close()
            else:
                if not held and not over.is_set():
                    context.lose()
                    return
    finally:
        connections.close_all()
