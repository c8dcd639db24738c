import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import actions, leases, wakeups, worker
from jobs.models import Job, State
from jobs.registry import job

pytestmark = pytest.mark.django_db


@pytest.fixture
def grow():
    calls = []

    @job("grow", queue="tank", max_attempts=3)
    def grow(context):
        calls.append(context.arguments)

    return calls


@pytest.fixture
def sent(monkeypatch):
    """What would have gone to the broker."""
    messages = []
    monkeypatch.setattr(wakeups, "send", lambda job_id, queue: messages.append((job_id, queue)))
    return messages


def failed(job_) -> Job:
    Job.objects.filter(pk=job_.pk).update(
        state=State.FAILED, attempts=3, finished_at=timezone.now(), message="No.", error="Traceback"
    )
    job_.refresh_from_db()
    return job_


def test_enqueue_takes_queue_and_attempts_from_the_registry(grow, alice):
    made = actions.enqueue(kind="grow", arguments={"id": uuid.UUID(int=7)}, by=alice, title="Grow it")
    made.refresh_from_db()
    assert (made.queue, made.max_attempts, made.owner, made.title) == ("tank", 3, alice, "Grow it")
    assert made.arguments == {"id": str(uuid.UUID(int=7))}
    assert made.state == State.WAITING
    assert actions.enqueue(kind="grow", queue="gpu").queue == "gpu"


def test_a_kind_that_nobody_would_run_is_refused(grow):
    with pytest.raises(ValueError, match=r"'shrink'; there are grow"):
        actions.enqueue(kind="shrink")
    assert not Job.objects.exists()


def test_arguments_that_json_cannot_hold_are_refused(grow):
    with pytest.raises(TypeError):
        actions.enqueue(kind="grow", arguments={"file": object()})
    assert not Job.objects.exists()


def test_the_job_exists_if_and_only_if_the_transaction_does(grow, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(RuntimeError):
            with transaction.atomic():
                actions.enqueue(kind="grow")
                raise RuntimeError
        made = actions.enqueue(kind="grow")
        assert sent == []
    assert list(Job.objects.all()) == [made]
    assert sent == [(str(made.pk), "tank")]


def test_a_broken_broker_is_no_reason_to_fail(grow, settings, caplog, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("the broker's folder is gone")

    monkeypatch.setattr(wakeups.current_app, "send_task", broken)
    assert wakeups.send("some-id", "tank") is False
    assert "the sweeper will find it" in caplog.text


def test_a_standing_job_is_there_once(grow):
    first = actions.enqueue(kind="grow", key="everything")
    assert actions.enqueue(kind="grow", key="everything") == first
    worker.run_due()
    second = actions.enqueue(kind="grow", key="everything")
    assert second != first
    assert Job.objects.count() == 2


def test_what_comes_in_behind_a_running_jobs_back_makes_it_run_again(alice):
    runs = []

    @job("suggest")
    def suggest(context):
        runs.append(context.job.fence)
        if len(runs) == 1:
            # Somebody uploads a photo just after this handler looked for the last time.
            assert actions.enqueue(kind="suggest", key="suggest", again=True) == context.job
            assert actions.enqueue(kind="suggest", key="suggest") == context.job

    made = actions.enqueue(kind="suggest", key="suggest", again=True)
    assert worker.run_due() == 2
    made.refresh_from_db()
    assert (made.state, made.again, runs) == (State.DONE, False, [1, 2])


def test_cancelling_what_waits_ends_it_at_once(grow, alice):
    made = actions.cancel(job=actions.enqueue(kind="grow"), by=alice)
    assert (made.state, made.message) == (State.CANCELLED, leases.STOPPED)
    assert worker.run_due() == 0
    assert grow == []
    assert actions.cancel(job=made, by=alice).state == State.CANCELLED


def test_cancelling_what_runs_asks_it_to_stop(grow, alice):
    made = actions.enqueue(kind="grow")
    held = leases.claim(made.pk)
    asked = actions.cancel(job=made, by=alice)
    assert (asked.state, asked.cancel_requested, asked.can_cancel) == (State.RUNNING, True, False)
    assert leases.end_cancelled(held)
    made.refresh_from_db()
    assert made.state == State.CANCELLED


def test_what_has_ended_cannot_be_stopped(grow, alice):
    made = actions.enqueue(kind="grow", title="Grow it")
    worker.run_due()
    with pytest.raises(actions.NotPossible, match="“Grow it” has already ended"):
        actions.cancel(job=made, by=alice)
    with pytest.raises(actions.NotPossible, match="“Grow it” is done"):
        actions.retry(job=made, by=alice)


def test_retrying_gives_back_every_attempt(grow, alice, sent, django_capture_on_commit_callbacks):
    made = failed(actions.enqueue(kind="grow"))
    with django_capture_on_commit_callbacks(execute=True):
        back = actions.retry(job=made, by=alice)
    assert (back.state, back.attempts, back.message, back.error) == (State.WAITING, 0, "", "")
    assert back.finished_at is None
    assert sent == [(str(made.pk), "tank")]
    assert worker.run_due() == 1
    assert actions.retry(job=actions.enqueue(kind="grow"), by=alice).state == State.WAITING


def test_retrying_gives_way_to_a_newer_job_of_the_key(grow, alice):
    old = actions.cancel(job=actions.enqueue(kind="grow", key="k"), by=alice)
    actions.enqueue(kind="grow", key="k")
    with pytest.raises(actions.NotPossible, match="newer job"):
        actions.retry(job=old, by=alice)
    old.refresh_from_db()
    assert old.state == State.CANCELLED


def test_a_chain_runs_in_order():
    order = []
    for name in ("freeze", "import", "train"):
        job(name)(lambda context, name=name: order.append(name))
    first = actions.enqueue(kind="import")
    second = actions.enqueue(kind="freeze", after=first)
    actions.enqueue(kind="train", after=second)
    assert worker.run_due() == 3
    assert order == ["import", "freeze", "train"]


def test_a_failure_blocks_the_chain_until_it_is_retried(grow, alice):
    first = actions.enqueue(kind="grow", title="Import")
    second = actions.enqueue(kind="grow", after=first)
    third = actions.enqueue(kind="grow", after=second)
    leases.fail(leases.claim(first.pk), message="The file is empty.", error="", permanent=True)
    for waiting in (second, third):
        waiting.refresh_from_db()
        assert waiting.state == State.WAITING
    assert second.message == leases.BLOCKED.format("Import")
    first.refresh_from_db()
    late = actions.enqueue(kind="grow", after=first)
    assert late.message == second.message
    assert worker.run_due() == 0

    actions.retry(job=first, by=alice)
    second.refresh_from_db()
    assert second.message == ""
    assert worker.run_due() == 4


def test_cancelling_blocks_the_chain_too_and_a_retried_successor_says_so(grow, alice):
    first = actions.enqueue(kind="grow")
    second = actions.enqueue(kind="grow", after=first)
    actions.cancel(job=first, by=alice)
    second.refresh_from_db()
    assert second.message.startswith("Blocked: “Grow”")
    actions.cancel(job=second, by=alice)
    assert actions.retry(job=second, by=alice).message.startswith("Blocked: “Grow”")


def test_what_was_done_long_ago_and_was_nobodys_is_forgotten(grow, alice):
    now = timezone.now()
    old, chained, fresh = (actions.enqueue(kind="grow") for _ in range(3))
    asked_for = actions.enqueue(kind="grow", by=alice)
    worker.run_due("tank")
    waiting = actions.enqueue(kind="grow")
    successor = actions.enqueue(kind="grow", after=chained)
    Job.objects.exclude(pk=fresh.pk).update(created=now - leases.LEASE)
    assert actions.forget(kind="shrink", before=now) == 0
    assert actions.forget(kind="grow", before=now - leases.LEASE / 2) == 1
    left = {chained, fresh, asked_for, waiting, successor}
    assert set(Job.objects.all()) == left and old not in left
