import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from celery.concurrency.solo import TaskPool as SoloPool
from celery.concurrency.thread import TaskPool
from django.utils import timezone

from jobs import actions, leases, registry, sweeper, wakeups
from jobs.models import Job, State
from jobs.registry import job
from jobs.sweeper import Sweeper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool():
    pool = TaskPool(2)
    assert isinstance(pool.executor, ThreadPoolExecutor)
    yield pool
    pool.executor.shutdown()


def test_a_sweep_runs_what_no_message_announced_two_at_a_time(pool):
    running, most = [], []

    @job("grow")
    def grow(context):
        running.append(1)
        # Until there is another, however late a busy machine begins it; the fifth waits in vain.
        until = time.monotonic() + 2
        while len(running) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        most.append(len(running))
        time.sleep(0.1)
        running.pop()

    for _ in range(5):
        actions.enqueue(kind="grow")
    actions.enqueue(kind="grow", queue="elsewhere")
    sweep = Sweeper(queues=["celery"], pool=pool)
    deadline = time.monotonic() + 20
    while Job.objects.filter(state=State.DONE).count() < 5 and time.monotonic() < deadline:
        sweep.sweep()
        time.sleep(0.05)
    assert Job.objects.filter(queue="celery", state=State.DONE).count() == 5
    assert Job.objects.get(queue="elsewhere").state == State.WAITING
    assert max(most) == 2


def test_a_sweep_finds_the_jobs_of_dead_workers_and_of_unknown_kinds(pool):
    job("grow")(lambda context: None)
    made = actions.enqueue(kind="grow")
    leases.claim(made.pk)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    stranger = Job.objects.create(kind="unknown")
    Sweeper(queues=["celery"], pool=pool).sweep()
    pool.executor.shutdown()
    made.refresh_from_db()
    stranger.refresh_from_db()
    assert (made.state, made.fence) == (State.DONE, 2)
    assert stranger.message.startswith("No worker here knows")


def test_a_sweep_looks_for_work_and_survives_who_looks_badly(pool, caplog):
    @registry.watch
    def looks_badly():
        raise RuntimeError("no such column")

    @registry.watch
    def looks():
        actions.enqueue(kind="grow", key="grow")

    job("grow")(lambda context: None)
    Sweeper(queues=["celery"], pool=pool).sweep()
    pool.executor.shutdown()
    assert Job.objects.get().state == State.DONE
    assert "looks_badly failed while it looked for work" in caplog.text


def test_another_kind_of_pool_gets_messages(monkeypatch):
    sent = []
    monkeypatch.setattr(wakeups, "send", lambda job_id, queue: sent.append((job_id, queue)))
    job("grow")(lambda context: None)
    made = Job.objects.create(kind="grow")
    Sweeper(queues=["celery"], pool=SoloPool(1)).sweep()
    assert sent == [(str(made.pk), "celery")]


def test_an_error_in_a_pool_thread_is_not_kept_secret(monkeypatch, caplog, pool):
    def broken(*args, **kwargs):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(sweeper.worker, "run_due", broken)
    job("grow")(lambda context: None)
    actions.enqueue(kind="grow")
    Sweeper(queues=["celery"], pool=pool).sweep()
    pool.executor.shutdown()
    assert "A job could not be taken" in caplog.text


def test_an_error_does_not_end_the_sweeping(monkeypatch, stoppable, caplog, pool):
    monkeypatch.setattr(sweeper, "PAUSE", 0.02)
    sweeps = []

    def failing(now=None):
        sweeps.append(1)
        raise RuntimeError("the database is away")

    monkeypatch.setattr(leases, "expire", failing)
    thread = Sweeper(queues=["celery"], pool=pool)
    thread.start()
    deadline = time.monotonic() + 10
    while len(sweeps) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    thread.end()
    thread.join(10)
    assert len(sweeps) >= 3
    assert not thread.is_alive()
    assert "A sweep failed" in caplog.text
