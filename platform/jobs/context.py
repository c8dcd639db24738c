"""What a handler holds while it runs: its job, its progress, and the only door through which results go."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from jobs import leases, registry
from jobs.models import Job
from jobs.outcomes import Cancelled, LostLease, Permanent, Stopped

log = logging.getLogger(__name__)

NO_RIGHT = "{} may not have this done any more, so it was not. Somebody who may has to ask for it anew."
# The row is written and read at most this often (seconds), however often a handler reports.
PACE = 1.0
# The worker's console hears of a running job at most this often (seconds).
TOLD_EVERY = 10.0


class Context:
    """One attempt at one job. Used by the handler's own thread, except for `stop` and `lose`."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.arguments: dict[str, Any] = job.arguments
        self._interrupted: type[Cancelled | LostLease | Stopped] | None = None
        self._finished = False
        self._looked = time.monotonic()
        self._wrote = float("-inf")
        self._told = time.monotonic()
        self.said = ""
        self._unwritten: dict[str, Any] = {}
        self._callbacks: dict[object, Callable[[], object]] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What the job is called on a console: titles come from people, and one line is one line."""
        return " ".join(f"{self.job} ({self.job.kind} {str(self.job.pk)[:8]})".split())

    # --- asked by the handler ---------------------------------------------------------------------------

    @property
    def cancelled(self) -> bool:
        """Has somebody asked for this job to stop? Reads the row at most once a second."""
        self._look()
        return self._interrupted is Cancelled

    @property
    def stopping(self) -> bool:
        """Is this worker shutting down?"""
        return self._interrupted is Stopped

    @property
    def lost(self) -> bool:
        return self._interrupted is LostLease

    def check(self) -> None:
        """Raise Cancelled, Stopped or LostLease if this attempt should end; otherwise cheap."""
        self._look()
        if self._interrupted:
            raise self._interrupted

    def check_right(self) -> None:
        """Raise Permanent if the job's owner may not have this done any more: roles change while jobs wait."""
        kind = registry.find(self.job.kind)
        if self.job.owner_id is not None and kind is not None:
            self.job.owner.refresh_from_db()
            if not kind.may(self.job.owner):
                raise Permanent(NO_RIGHT.format(self.job.owner))

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is; an empty message leaves the last one. Raises what `check` raises.

        Call it at least every few seconds: this is also how a handler hears that it should stop. Only one
        call a second reaches the database, and the last one always does.
        """
        done = max(0, int(done))
        if total is not None:
            total = max(0, int(total))
            done = min(done, total)
        self._unwritten |= {"progress_done": done, "progress_total": total}
        if message:
            self._unwritten["message"] = message[:500]
            self.said = " ".join(message.split())
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            log.info("%s: %s", self.name, f"{done} of {total}. {self.said}" if total else self.said)
        if self._interrupted:
            raise self._interrupted
        if self._finished or time.monotonic() - self._wrote < PACE:
            return
        self._wrote = time.monotonic()
        self._write()

    @contextmanager
    def commit(self, *, finish: bool = False) -> Iterator[None]:
        """An atomic block for results, entered only while the job is still ours and nobody cancelled it.

        The update locks the row (on SQLite the database), so no other worker can take the job before the
        block ends. With `finish` the job is done in the same transaction: its results exist exactly once,
        whatever dies when. Make it the last thing the handler does. Raises Cancelled or LostLease.
        """
        with transaction.atomic():
            ours = Job.objects.held(self.job).filter(cancel_requested=False)
            if not ours.update(lease_until=timezone.now() + leases.LEASE):
                self._find_out_why()
                raise self._interrupted or LostLease
            yield
            if finish and not leases.complete(self.job, **self.take_unwritten()):
                raise LostLease
        self._finished = self._finished or finish

    def on_stop(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called, from another thread, when the worker shuts down or the lease is lost.

        It must return at once. Gives a function that takes the callback off again.
        """
        token = object()
        with self._lock:
            too_late = self.stopping or self.lost
            if not too_late:
                self._callbacks[token] = callback
        if too_late:
            callback()

        def take_off() -> None:
            self._callbacks.pop(token, None)

        return take_off

    # --- told by the worker -----------------------------------------------------------------------------

    def stop(self) -> None:
        """The worker is shutting down."""
        self._interrupt(Stopped)

    def lose(self) -> None:
        """The heartbeat found the row in other hands."""
        if not self._finished:
            self._interrupt(LostLease)

    def take_unwritten(self) -> dict[str, Any]:
        """The progress that was reported since the row was last written."""
        unwritten, self._unwritten = self._unwritten, {}
        return unwritten

    # --- within -----------------------------------------------------------------------------------------

    def _interrupt(self, why: type[LostLease | Stopped]) -> None:
        with self._lock:
            self._interrupted = self._interrupted or why
            callbacks = list(self._callbacks.values())
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("A callback of job %s failed while it was told to stop", self.job.pk)

    def _look(self) -> None:
        if self._interrupted or self._finished or time.monotonic() - self._looked < PACE:
            return
        self._find_out_why()

    def _find_out_why(self) -> None:
        self._looked = time.monotonic()
        cancel = Job.objects.held(self.job).values_list("cancel_requested", flat=True).first()
        if cancel is None:
            self._interrupted = self._interrupted or LostLease
        elif cancel:
            self._interrupted = self._interrupted or Cancelled

    def _write(self) -> None:
        fields = self.take_unwritten()
        try:
            written = Job.objects.held(self.job).filter(cancel_requested=False).update(**fields)
        except OperationalError:
            if connection.in_atomic_block:
                raise
            # A busy database is no reason to throw away an hour of work; the next report will get through.
            log.warning("Progress of job %s was not written", self.job.pk, exc_info=True)
            self._unwritten = fields | self._unwritten
            return
        if not written:
            self._find_out_why()
            raise self._interrupted or LostLease
