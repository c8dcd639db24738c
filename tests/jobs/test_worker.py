import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import actions, leases, worker
from jobs.models import Job, State
from jobs.outcomes import Permanent
from jobs.registry import job


def run(handler, **options) -> Job:
    """One attempt at one job with this handler."""
    job("grow", **options)(handler)
    made = actions.enqueue(kind="grow")
    worker.run_due()
    made.refresh_from_db()
    return made


def raising(error: BaseException):
    def handler(context):
        raise error

    return handler


def test_a_job_is_run_and_done(db):
    def grow(context):
        context.progress(1, 3)
        context.progress(3, 3, "3 grown")

    made = run(grow)
    assert (made.state, made.attempts, made.progress_done) == (State.DONE, 1, 3)
    assert (made.message, made.error, made.lease_until) == ("3 grown", "", None)
    assert worker.running() == 0


def test_the_console_hears_when_it_starts_and_what_came_of_it(db, caplog):
    caplog.set_level("INFO", "jobs")
    run(lambda context: context.progress(1, 1, "resnet34-v1 is live."))
    first, last = caplog.messages
    assert first.endswith("starts.") and last.endswith("is done. resnet34-v1 is live.")


def test_a_job_is_run_once_however_many_wakeups_come(db):
    calls = []
    job("grow")(lambda context: calls.append(1))
    made = actions.enqueue(kind="grow")
    assert worker.run(made.pk) is True
    assert worker.run(str(made.pk)) is False
    assert calls == [1]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("secret path /srv/a"), "An error of ours stopped it (RuntimeError)."),
        (MemoryError(), "There was not enough memory."),
        (SystemExit(2), "An error of ours stopped it (SystemExit)."),
    ],
)
def test_an_error_is_tried_again_and_told_without_its_secrets(db, error, words):
    made = run(raising(error))
    assert made.state == State.WAITING
    assert made.message == f"{words} Tries again by itself: attempt 2 of 5."
    assert type(error).__name__ in made.error
    assert made.run_after > timezone.now()


def test_where_there_is_no_room_a_job_waits_and_loses_no_attempt(db):
    def write(context):
        with open("/dev/full", "w") as file:
            file.write("x")

    made = run(write, max_attempts=1)
    assert (made.state, made.attempts, made.message) == (State.WAITING, 0, worker.FULL_DISK)
    assert made.run_after > timezone.now()


def test_after_the_last_attempt_it_is_put_aside(db):
    made = run(raising(RuntimeError("no")), max_attempts=1)
    assert made.state == State.FAILED
    assert made.message == "An error of ours stopped it (RuntimeError). Put aside after one attempt."
    assert made.error.endswith("RuntimeError: no")


def test_a_permanent_failure_speaks_for_itself(db):
    made = run(raising(Permanent("The file has no rows.")))
    assert (made.state, made.attempts, made.message) == (State.FAILED, 1, "The file has no rows.")


def test_it_succeeds_at_the_second_attempt(db):
    tries = []

    def grow(context):
        tries.append(context.job.attempts)
        if len(tries) == 1:
            raise RuntimeError

    made = run(grow)
    Job.objects.update(run_after=timezone.now())
    assert worker.run_due() == 1
    made.refresh_from_db()
    assert (made.state, tries, made.error, made.message) == (State.DONE, [1, 2], "", "")


def test_a_cancelled_handler_ends_cancelled(db, alice):
    def grow(context):
        actions.cancel(job=context.job, by=alice)
        context.progress(1, 2)
        pytest.fail("it went on")

    made = run(grow)
    assert (made.state, made.message) == (State.CANCELLED, leases.STOPPED)


def test_ctrl_c_in_a_foreground_command_costs_no_attempt(db):
    with pytest.raises(KeyboardInterrupt):
        run(raising(KeyboardInterrupt()))
    made = Job.objects.get()
    assert (made.state, made.attempts) == (State.WAITING, 0)


def test_only_the_asked_for_queue_and_number(db):
    job("grow")(lambda context: None)
    job("train", queue="gpu")(lambda context: None)
    for kind in ("grow", "grow", "train"):
        actions.enqueue(kind=kind)
    assert worker.run_due(queue="gpu") == 1
    assert worker.run_due(limit=1) == 1
    assert worker.run_due() == 1
    assert Job.objects.filter(state=State.DONE).count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_holds_a_long_job(monkeypatch):
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.4))

    def grow(context):
        time.sleep(1.2)
        assert leases.expire() == 0

    assert run(grow).state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_survives_an_error(monkeypatch, caplog):
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=2))
    extend, calls = leases.extend, []

    def sometimes(job):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the database is away")
        return extend(job)

    monkeypatch.setattr(leases, "extend", sometimes)
    assert run(lambda context: time.sleep(1.3)).state == State.DONE
    assert len(calls) == 2
    assert "Heartbeat of job" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_lost_its_lease_is_told_and_writes_nothing(monkeypatch):
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.4))
    told = threading.Event()

    def grow(context):
        context.on_stop(told.set)
        Job.objects.update(fence=99)
        assert told.wait(5)
        context.check()

    made = run(grow)
    assert (made.state, made.fence) == (State.RUNNING, 99)


@pytest.mark.django_db(transaction=True)
def test_a_shutdown_stops_what_runs_and_frees_what_does_not_listen(stoppable):
    started = threading.Barrier(3, timeout=10)
    deaf_may_end = threading.Event()

    @job("listens")
    def listens(context):
        stop = threading.Event()
        context.on_stop(stop.set)
        started.wait()
        assert stop.wait(10)
        context.check()

    @job("deaf")
    def deaf(context):
        started.wait()
        assert deaf_may_end.wait(10)

    made = [actions.enqueue(kind="listens"), actions.enqueue(kind="deaf")]
    threads = [threading.Thread(target=worker.run, args=[each.pk]) for each in made]
    for thread in threads:
        thread.start()
    started.wait()
    assert worker.running() == 2
    begun = time.monotonic()
    assert worker.stop(grace=0.5) is False
    assert time.monotonic() - begun < 3
    freed = {"state": State.WAITING, "attempts": 0, "message": leases.RESTARTED}
    for each in made:
        assert Job.objects.values(*freed).get(pk=each.pk) == freed
    assert worker.run_due() == 0

    deaf_may_end.set()
    for thread in threads:
        thread.join(10)
    assert Job.objects.values(*freed).get(pk=made[1].pk) == freed
    assert worker.stop(grace=0) is True


def test_a_program_that_fails_because_of_the_shutdown_is_not_a_failure(db, stoppable):
    def grow(context):
        worker.stop(grace=0)
        raise RuntimeError("the program ended with -15")

    made = run(grow)
    assert (made.state, made.attempts) == (State.WAITING, 0)
