from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import source_account
from jobs import registry, worker
from jobs.actions import cancel, enqueue
from jobs.models import Job, State
from jobs.outcomes import Cancelled
from labeling import tasks
from labeling.imports import run as run_imports
from species.models import (
    ImportBatch,
    Observation,
    Occurrence,
    Photo,
    Tally,
)
from tests.labeling.imports.collecting import COLUMNS


def job_for(folder, by, **more) -> Job:
    said = {"path": str(folder), "source": "cameras", "by": str(by.pk), "license": "MIT", "credit": "© K"}
    said |= {"consents": ["show", "research", "train"], "trust": True, "reason": "Named in the hand."}
    return enqueue(kind="import", arguments=said | more, by=by, title="Import cameras")


def test_the_job(folder, ada):
    job = job_for(folder, ada)
    worker.run_due()
    job.refresh_from_db()
    assert (job.state, job.progress_done, job.progress_total) == (State.DONE, 4, 4)
    assert job.message == "4 photos new, 0 here already, in 2 sightings."
    assert Occurrence.objects.verified().count() == 2


@pytest.mark.parametrize(
    ("more", "what"),
    [({"license": "none of yours"}, "SPDX"), ({"path": "/nowhere/at/all"}, "There is no")],
)
def test_the_job_says_what_it_cannot_do_and_does_not_try_again(folder, ada, more, what):
    job = job_for(folder, ada, **more)
    worker.run_due()
    job.refresh_from_db()
    assert job.state == State.FAILED and what in job.message and job.attempts == 1
    assert "/nowhere" not in job.message, "where folders lie on the server is not told"


def test_a_job_that_took_nothing_in_has_failed(folder, ada):
    (folder / "observations.csv").write_text(f"{COLUMNS}\n0.jpg,A,Piscis rarus,,")
    job = job_for(folder, ada)
    worker.run_due()
    job.refresh_from_db()
    assert job.state == State.FAILED and "Piscis rarus" in job.message


def test_the_job_can_be_stopped_and_goes_on(folder, ada, monkeypatch):
    real = run_imports._Run.take
    job = job_for(folder, ada)

    def take_and_cancel(run, one):
        real(run, one)
        cancel(job=job, by=ada)
        raise Cancelled

    with monkeypatch.context() as patch:
        patch.setattr(run_imports._Run, "take", take_and_cancel)
        worker.run_due()
    job.refresh_from_db()
    assert job.state == State.CANCELLED and Observation.objects.published().count() == 1
    job_for(folder, ada)
    worker.run_due()
    assert Observation.objects.published().count() == 2


def command(*arguments, **options) -> str:
    out = StringIO()
    call_command("import_photos", *map(str, arguments), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_the_command(folder, rita):
    with (folder / "observations.csv").open("a") as table:
        table.write("\nx.jpg,Z,Salmo trutta,,\ny.jpg,Z,Piscis rarus,,")
    said = command(
        folder, "--by", "RITA@example.org", "--license", "MIT", "--trust", "cameras", "--reason", "Seen.",
        "--consent", "show, research,train", "--credit", "© K",
    )  # fmt: skip
    assert said.startswith("4 photos new, 0 here already, in 2 sightings. 2 of 6 rows skipped.")
    assert "Skipped: There is no file x.jpg.\n  observations.csv line 6" in said
    assert Occurrence.objects.verified().count() == 2
    assert ImportBatch.objects.get().consents == ["research", "show", "train"]
    assert source_account(name="cameras") == ImportBatch.objects.get().source


def test_the_folder_names_the_source(folder, rita):
    command(folder, "--by", rita.email, "--license", "MIT")
    assert ImportBatch.objects.get().source == source_account(name="cameras")
    assert ImportBatch.objects.get().consents == ["show"]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--by", "nobody@example.org", "--license", "MIT"], "Nobody here"),
        (["--by", "rita@example.org", "--license", "x"], "SPDX"),
        (["--by", "rita@example.org", "--license", "MIT", "--source", "a", "--trust", "b"], "which is it"),
        (["--by", "rita@example.org"], "--license"),
    ],
)
def test_the_command_says_what_is_missing(folder, rita, arguments, what):
    with pytest.raises(CommandError, match=what):
        command(folder, *arguments)
    assert not Photo.objects.exists()


def test_counters_are_gathered_once_in_a_while(monkeypatch, db):
    def one_more() -> None:
        Tally.objects.create(kind="all", status="needs_id", count=1)

    def rows_after(watching: float) -> int:
        monkeypatch.setattr(tasks, "GATHER_EVERY", watching)
        one_more()
        one_more()
        tasks.gather_tallies()
        return Tally.objects.count()

    monkeypatch.setattr(tasks, "_gathered", float("-inf"))
    assert [rows_after(60), rows_after(60), rows_after(0)] == [1, 3, 1]
    assert tasks.gather_tallies in registry.watches()
