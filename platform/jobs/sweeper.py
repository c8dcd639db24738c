"""The thread in every worker that finds by query what messages lost: dead workers, retries, wiped brokers."""

import logging
import os
import threading
import time
from collections.abc import Callable

from celery import signals
from celery.concurrency.thread import TaskPool
from django.db import close_old_connections, connections

from jobs import leases, registry, wakeups, worker
from jobs.models import Job

log = logging.getLogger(__name__)

PAUSE = 5.0
# How long handlers get to hear of a shutdown before their jobs are given back regardless (seconds), and how
# long those that still did not hear it keep the process after that.
GRACE = 3.0
LAST_GRACE = 3.0


class Sweeper(threading.Thread):
    """Sweeps every five seconds until told to end; then stops the jobs of this process and ends.

    `give_up` is called if some handler does not hear of it.
    """

    def __init__(self, *, queues: list[str], pool, give_up: Callable[[], object] = lambda: None) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.queues = queues
        self.pool = pool
        self.give_up = give_up
        self._end = threading.Event()
        self._offered = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        try:
            while not self._end.is_set():
                self.sweep_and_survive()
                self._end.wait(PAUSE)
            if not worker.stop(GRACE):
                self._await_the_deaf()
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
        for look in registry.watches():
            try:
                look()
            except Exception:
                # One app's query must not keep the other apps' jobs waiting.
                log.exception("%s.%s failed while it looked for work", look.__module__, look.__qualname__)
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

    def _await_the_deaf(self) -> None:
        deadline = time.monotonic() + LAST_GRACE
        while worker.running():
            if time.monotonic() > deadline:
                log.warning("A handler does not hear of the shutdown; its job was given back, so leave it")
                self.give_up()
                return
            time.sleep(0.05)

    def _take_one(self) -> None:
        with self._lock:
            self._offered -= 1
        close_old_connections()
        try:
            # Whichever is due when the thread gets to it: the one that was seen may be somebody else's by now.
            worker.run_due(self.queues, limit=1)
        except Exception:
            # The pool would keep it to itself.
            log.exception("A job could not be taken or its outcome not be written")
        finally:
            close_old_connections()


_sweeper: Sweeper | None = None


@signals.worker_ready.connect
def start(sender, **_) -> None:
    global _sweeper
    if _sweeper and _sweeper.is_alive():
        return
    queues = list(sender.app.amqp.queues.consume_from)
    # Celery would wait for its threads forever. Their jobs are given back by then and nothing they write
    # counts, so what is cut off is lost already.
    _sweeper = Sweeper(queues=queues, pool=sender.pool, give_up=lambda: os._exit(1))
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
