"""The thread in every worker that finds by query what messages lost: dead workers, retries, wiped brokers."""

import logging
import threading

from celery import signals
from celery.concurrency.thread import TaskPool
from django.db import close_old_connections, connections

from jobs import leases, registry, wakeups, worker
from jobs.models import Job

log = logging.getLogger(__name__)

PAUSE = 5.0
# How long handlers get to hear of a shutdown before their jobs are given back regardless (seconds).
GRACE = 3.0


class Sweeper(threading.Thread):
    """Sweeps every five seconds until told to end; then stops the jobs of this process and ends."""

    def __init__(self, *, queues: list[str], pool) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.queues = queues
        self.pool = pool
        self._end = threading.Event()
        self._offered = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        try:
            while not self._end.is_set():
                self.sweep_and_survive()
                self._end.wait(PAUSE)
            worker.stop(GRACE)
        except BaseException:
            log.critical("The sweeper died; jobs whose wake-up is lost stay waiting", exc_info=True)
            raise
        finally:
            connections.close_all()

    def end(self) -> None:
        self._end.set()

    def sweep_and_survive(self) -> None:
        close_old_connections()
        try:
            self.sweep()
        except Exception:
            log.exception("A sweep failed; the next one is in %s seconds", PAUSE)
            connections.close_all()

    def sweep(self) -> None:
        leases.expire()
        leases.explain_unknown_kinds(self.queues)
        due = Job.objects.due(queue=self.queues).claimable(registry.kinds())
        if isinstance(self.pool, TaskPool):
            # Straight into the worker's own threads, past the broker: it may be down, or have been wiped.
            with self._lock:
                free = self.pool.limit - worker.running() - self._offered
            for _ in due.values_list("pk")[: max(0, free)]:
                with self._lock:
                    self._offered += 1
                self.pool.apply_async(self._take_one, callback=lambda result: None)
        else:
            for pk, queue in due.values_list("pk", "queue")[:10]:
                wakeups.send(str(pk), queue)

    def _take_one(self) -> None:
        with self._lock:
            self._offered -= 1
        # Whichever is due when the thread gets to it: the one that was seen may be somebody else's by now.
        worker.run_due(self.queues, limit=1)


_sweeper: Sweeper | None = None


@signals.worker_ready.connect
def start(sender, **_) -> None:
    global _sweeper
    _sweeper = Sweeper(queues=list(sender.app.amqp.queues.consume_from), pool=sender.pool)
    _sweeper.start()


@signals.worker_shutting_down.connect
def end(**_) -> None:
    # Called from inside a signal handler: the work is the sweeper thread's.
    if _sweeper:
        _sweeper.end()


@signals.worker_shutdown.connect
def wait_for_end(**_) -> None:
    if _sweeper:
        _sweeper.end()
        _sweeper.join(GRACE + 2)
