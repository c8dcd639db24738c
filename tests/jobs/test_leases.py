import subprocess
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import actions, holders, leases
from jobs.models import Job, State
from jobs.registry import job


@pytest.fixture(autouse=True)
def grow():
    job("grow", max_attempts=2)(lambda context: None)


@pytest.fixture
def waiting(db) -> Job:
    return actions.enqueue(kind="grow")


def long_ago() -> dict:
    return {"lease_until": timezone.now() - timedelta(seconds=1)}


def test_a_claim_counts_the_attempt_and_raises_the_fence(waiting):
    now = timezone.now()
    held = leases.claim(waiting.pk, now)
    assert (held.state, held.attempts, held.fence) == (State.RUNNING, 1, 1)
    assert held.lease_until == now + leases.LEASE
    assert leases.claim(waiting.pk) is None


def test_what_is_not_due_or_not_known_is_not_claimed(waiting):
    assert leases.claim(waiting.pk, waiting.run_after - timedelta(seconds=1)) is None
    stranger = Job.objects.create(kind="unknown")
    assert leases.claim(stranger.pk) is None
    assert leases.claim(actions.enqueue(kind="grow", after=waiting).pk) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_threads_one_gets_the_job():
    jobs = [actions.enqueue(kind="grow") for _ in range(5)]
    barrier = threading.Barrier(4, timeout=30)
    claims, errors = [], []

    def take_all():
        try:
            for each in jobs:
                barrier.wait()
                claims.append(leases.claim(each.pk))
        except Exception as error:
            errors.append(error)
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=take_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(claims) == 20
    assert sorted(claim.pk for claim in claims if claim) == sorted(each.pk for each in jobs)
    assert set(Job.objects.values_list("attempts", "fence")) == {(1, 1)}


def test_a_dead_workers_job_goes_back_in_line(waiting):
    leases.claim(waiting.pk)
    assert leases.expire() == 0
    assert leases.expire(timezone.now() + leases.LEASE * 2) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_until, waiting.holder) == (State.WAITING, None, "")
    assert (waiting.attempts, waiting.lost) == (0, 1), "somebody else ended it"
    assert waiting.message == "The worker stopped half-way. Goes on by itself."


def test_a_job_whose_process_is_gone_is_free_at_once(waiting):
    held = leases.claim(waiting.pk)
    assert held.holder == holders.me() != ""
    with subprocess.Popen(["true"]) as gone:
        pass
    Job.objects.filter(pk=held.pk).update(holder=f"{holders.here()}{gone.pid} 1")
    assert leases.expire() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lost) == (State.WAITING, 1)
    assert not leases.complete(held)


def test_the_holder_is_looked_at_again_under_the_lock(waiting):
    held = leases.claim(waiting.pk)
    assert leases._expire_one(held, timezone.now()) is False


def test_a_processs_word_is_kept_on_other_machines(waiting):
    leases.claim(waiting.pk)
    Job.objects.filter(pk=waiting.pk).update(holder="elsewhere boot 4026531836 0 1 1")
    assert leases.expire() == 0


def test_a_job_that_kills_its_workers_is_put_aside(waiting, alice):
    after = actions.enqueue(kind="grow", after=waiting)
    for _ in range(leases.MOST_LOST):
        assert leases.claim(waiting.pk)
        Job.objects.filter(pk=waiting.pk).update(**long_ago())
        leases.expire()
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert waiting.message == "The worker stopped half-way 10 times, so this was put aside."
    actions.retry(job=waiting, by=alice)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.lost) == (State.WAITING, 0, 0)
    actions.cancel(job=waiting, by=alice)
    after.refresh_from_db()
    assert after.message.startswith("Blocked")


def test_a_job_that_should_stop_and_whose_worker_died_is_stopped(waiting, alice):
    leases.claim(waiting.pk)
    actions.cancel(job=waiting, by=alice)
    Job.objects.filter(pk=waiting.pk).update(**long_ago())
    leases.expire()
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


def test_a_heartbeat_between_look_and_expiry_saves_the_job(waiting, monkeypatch):
    held = leases.claim(waiting.pk)
    Job.objects.filter(pk=waiting.pk).update(**long_ago())
    seen = list(Job.objects.expired())
    assert leases.extend(held)
    assert leases._expire_one(seen[0], timezone.now()) is False
    waiting.refresh_from_db()
    assert waiting.state == State.RUNNING


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_stale_fence_writes_nothing(waiting, taken_over):
    stale = leases.claim(waiting.pk)
    Job.objects.filter(pk=waiting.pk).update(**long_ago())
    leases.expire()
    if taken_over:
        leases.claim(waiting.pk)
    before = Job.objects.values().get(pk=waiting.pk)
    assert not leases.extend(stale)
    assert not leases.complete(stale)
    assert not leases.fail(stale, message="No.", error="")
    assert not leases.fail(stale, message="No.", error="", permanent=True)
    assert not leases.end_cancelled(stale)
    assert not leases.release(stale)
    assert Job.objects.values().get(pk=waiting.pk) == before


def test_failures_come_back_later_and_later_and_then_not_at_all(waiting):
    now = timezone.now()
    assert leases.fail(leases.claim(waiting.pk), message="The mirror is down.", error="Traceback", now=now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (State.WAITING, "Traceback")
    assert waiting.message == "The mirror is down. Tries again by itself: attempt 2 of 2."
    assert timedelta(seconds=3.7) < waiting.run_after - now < timedelta(seconds=6.3)
    assert leases.claim(waiting.pk) is None

    later = now + timedelta(minutes=1)
    leases.fail(leases.claim(waiting.pk, later), message="The mirror is down.", error="Traceback", now=later)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.finished_at) == (State.FAILED, later)
    assert waiting.message == "The mirror is down. Put aside after 2 attempts."


def test_what_cannot_work_is_not_tried_again(waiting):
    leases.fail(leases.claim(waiting.pk), message="The file is empty.", error="", permanent=True)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.message) == (State.FAILED, "The file is empty.")


def test_a_failed_job_that_was_to_stop_is_not_tried_again(waiting, alice):
    held = leases.claim(waiting.pk)
    actions.cancel(job=waiting, by=alice)
    leases.fail(held, message="No.", error="")
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


def test_the_pause_doubles_up_to_an_hour():
    for attempts, seconds in ((1, 5), (2, 10), (5, 80), (11, 3600), (1000, 3600)):
        pauses = {leases.backoff(attempts).total_seconds() for _ in range(20)}
        assert all(0.74 * seconds < pause < 1.26 * seconds for pause in pauses)
        assert len(pauses) > 1


def test_a_shutdown_costs_no_attempt(waiting):
    leases.release(leases.claim(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.message) == (State.WAITING, 0, leases.RESTARTED)
    assert leases.claim(waiting.pk).fence == 2


def test_a_kind_nobody_knows_stays_and_says_so(db, caplog):
    stranger = Job.objects.create(kind="unknown", message=leases.RESTARTED)
    assert leases.explain_unknown_kinds(["gpu"]) == 0
    assert leases.explain_unknown_kinds(["celery"]) == 1
    assert leases.explain_unknown_kinds(["celery"]) == 0
    stranger.refresh_from_db()
    assert stranger.state == State.WAITING
    assert stranger.message == "No worker here knows how to do this (unknown). It waits until one does."
    assert caplog.text.count("No handler for jobs of kind 'unknown'") == 1
