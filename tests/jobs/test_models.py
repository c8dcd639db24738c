from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Job, State

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("job_state_known|job_finished_at", {"state": "asleep"}),
        ("job_progress_within_total", {"progress_done": 3, "progress_total": 2}),
        ("job_lease_while_running", {"state": State.RUNNING, "started_at": NOW}),
        ("job_lease_while_running", {"state": State.RUNNING, "lease_until": NOW}),
        ("job_lease_while_running", {"lease_until": NOW}),
        ("job_finished_at_when_finished", {"state": State.DONE}),
        ("job_finished_at_when_finished", {"state": State.FAILED}),
        ("job_finished_at_when_finished", {"finished_at": NOW}),
        ("job_flags_while_running", {"cancel_requested": True}),
        ("job_flags_while_running", {"again": True}),
        ("job_attempts_within_max", {"attempts": 6}),
        ("job_attempts_within_max", {"max_attempts": 0}),
    ],
)
def test_columns_that_must_agree_do(constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.create(kind="grow", **fields)


def test_a_job_is_not_its_own_predecessor():
    job = Job.objects.create(kind="grow")
    with pytest.raises(IntegrityError, match="job_not_after_itself"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(after=job)


def test_one_unfinished_job_per_key_and_any_number_of_finished_ones():
    for _ in range(2):
        Job.objects.create(kind="grow", key="a", state=State.DONE, finished_at=NOW)
    Job.objects.create(kind="grow", key="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="grow", key="a")
    Job.objects.create(kind="grow", key="b")
    Job.objects.create(kind="grow")
    Job.objects.create(kind="grow")


def test_due_is_what_waits_and_whose_time_and_predecessor_have_come():
    now = timezone.now()
    done = Job.objects.create(kind="a", state=State.DONE, finished_at=now)
    failed = Job.objects.create(kind="b", state=State.FAILED, finished_at=now)
    first = Job.objects.create(kind="c", created=now - timedelta(hours=1))
    second = Job.objects.create(kind="d", after=done, queue="gpu")
    Job.objects.create(kind="e", after=failed)
    Job.objects.create(kind="f", after=first)
    later = Job.objects.create(kind="g", run_after=now + timedelta(minutes=1))
    Job.objects.create(kind="h", state=State.RUNNING, started_at=now, lease_until=now)

    now = timezone.now()
    assert list(Job.objects.due(now)) == [first, second]
    assert list(Job.objects.due(now, queue="gpu")) == [second]
    assert list(Job.objects.due(now, queue=["celery", "gpu"])) == [first, second]
    assert list(Job.objects.due(now).claimable(["d", "e"])) == [second]
    assert later in Job.objects.due(now + timedelta(minutes=2))


def test_percent_says_100_only_when_done():
    assert Job(progress_done=999, progress_total=1000).percent == 99
    assert Job(progress_done=3, progress_total=3).percent == 99
    assert Job(progress_done=3).percent is None
    assert Job(progress_done=0, progress_total=0).percent is None
    assert Job(state=State.DONE, progress_done=1, progress_total=3).percent == 100


def test_time_left_follows_the_pace_so_far():
    job = Job(state=State.RUNNING, started_at=timezone.now() - timedelta(seconds=60))
    assert job.left is None
    job.progress_done, job.progress_total = 30, 40
    assert job.left.total_seconds() == pytest.approx(20, abs=1)
    job.state, job.finished_at = State.DONE, timezone.now()
    assert job.left is None
    assert job.took.total_seconds() == pytest.approx(60, abs=1)


def test_a_job_without_a_title_is_called_by_its_kind():
    assert str(Job(kind="freeze_dataset")) == "Freeze dataset"
    assert str(Job(kind="freeze_dataset", title="Dataset v13")) == "Dataset v13"
