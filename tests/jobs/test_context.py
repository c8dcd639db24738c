import pytest

from accounts.models import User
from jobs import actions, leases
from jobs import context as contexts
from jobs.context import Context
from jobs.models import Job, State
from jobs.outcomes import Cancelled, LostLease, Stopped
from jobs.registry import job


@pytest.fixture
def context(db) -> Context:
    job("grow")(lambda context: None)
    return Context(leases.claim(actions.enqueue(kind="grow", arguments={"cm": 3}).pk))


@pytest.fixture
def always(monkeypatch):
    """Every report and every question reaches the row."""
    monkeypatch.setattr(contexts, "PACE", 0)


def row(context: Context) -> Job:
    return Job.objects.get(pk=context.job.pk)


def take_away(context: Context) -> None:
    Job.objects.filter(pk=context.job.pk).update(fence=context.job.fence + 1)


def test_progress_is_written_at_most_once_a_second(context, django_assert_num_queries):
    assert context.arguments == {"cm": 3}
    with django_assert_num_queries(1):
        for done in range(1, 500):
            context.progress(done, 500, f"{done} grown")
    assert (row(context).progress_done, row(context).message) == (1, "1 grown")
    assert context.take_unwritten()["progress_done"] == 499
    assert context.take_unwritten() == {}


def test_the_console_hears_of_it_now_and_then(context, always, monkeypatch, caplog):
    caplog.set_level("INFO", "jobs")
    context.job.title = "Grow it\nquickly"
    context.progress(1, 5, "1 grown")
    assert caplog.messages == [], "short work says only that it began and ended"
    monkeypatch.setattr(contexts, "TOLD_EVERY", 0)
    context.progress(2, 5, "2 grown,\n3 to go")
    context.progress(3)
    [first, second] = caplog.messages
    assert first == f"Grow it quickly (grow {str(context.job.pk)[:8]}): 2 of 5. 2 grown, 3 to go"
    assert second.endswith(": 2 grown, 3 to go")


def test_progress_beyond_its_total_stops_at_it(context, always):
    context.progress(7, 5)
    assert (row(context).progress_done, row(context).progress_total) == (5, 5)
    context.progress(-1, -1)
    assert (row(context).progress_done, row(context).progress_total) == (0, 0)
    context.progress(9, message="of who knows how many")
    context.progress(10)
    assert (row(context).progress_done, row(context).progress_total) == (10, None)
    assert row(context).message == "of who knows how many"


def test_a_report_tells_the_handler_to_stop(context, always, alice):
    context.check()
    actions.cancel(job=context.job, by=alice)
    with pytest.raises(Cancelled):
        context.progress(1, 2)
    assert context.cancelled
    with pytest.raises(Cancelled):
        context.check()


def test_a_handler_that_reports_rows_and_goes_on_cannot_swallow_it(context, always, alice):
    actions.cancel(job=context.job, by=alice)
    with pytest.raises(Cancelled):
        for number in range(3):
            try:
                context.progress(number, 3)
            except Exception:
                continue


def test_a_lost_lease_is_noticed(context, always):
    take_away(context)
    with pytest.raises(LostLease):
        context.check()
    with pytest.raises(LostLease):
        context.progress(1, 2)
    assert context.lost and not context.cancelled


def test_results_need_the_fence(context):
    with context.commit():
        User.objects.create_user("one@example.org", display_name="One")
    take_away(context)
    with pytest.raises(LostLease):
        with context.commit():
            User.objects.create_user("two@example.org", display_name="Two")
    assert list(User.objects.values_list("display_name", flat=True)) == ["One"]


def test_results_of_a_cancelled_job_do_not_count(context, alice):
    actions.cancel(job=context.job, by=alice)
    with pytest.raises(Cancelled):
        with context.commit():
            pytest.fail("the block was entered")


def test_an_error_among_the_results_leaves_none(context):
    with pytest.raises(RuntimeError):
        with context.commit(finish=True):
            User.objects.create_user("one@example.org", display_name="One")
            raise RuntimeError
    assert not User.objects.exists()
    assert row(context).state == State.RUNNING


def test_results_and_the_end_of_the_job_are_one(context, always):
    with context.commit(finish=True):
        context.progress(2, 2, "Both grown")
    assert (row(context).state, row(context).message) == (State.DONE, "Both grown")
    context.progress(2, 2)
    context.check()


def test_a_shutdown_calls_back_and_raises(context, always, caplog):
    called = []

    def broken():
        raise RuntimeError

    context.on_stop(broken)
    context.on_stop(lambda: called.append("first"))
    context.on_stop(lambda: called.append("taken off"))()
    context.stop()
    assert called == ["first"]
    context.on_stop(lambda: called.append("too late"))
    assert called == ["first", "too late"]
    assert context.stopping
    with pytest.raises(Stopped):
        context.progress(1, 2)
    assert "failed while it was told to stop" in caplog.text
