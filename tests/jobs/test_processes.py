"""Real processes, killed and stopped."""

import os
import shutil
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import leases, worker
from jobs.models import Job, State
from notices.models import Notification

from .test_programs import alive

pytestmark = pytest.mark.django_db(transaction=True)

RUN_DUE = """
import django
django.setup()
import tests.jobs.handlers
from jobs import worker
worker.run_due()
"""
WORKER = ["-m", "celery", "-A", "config", "worker", "-P", "threads", "-c", "2", "-I", "tests.jobs.handlers"]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "told"
    folder.mkdir()
    return folder


def told(folder, word: str) -> list[int]:
    """The process ids in the lines that begin with this word."""
    log = folder / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith(word)]


def write_once(alice, folder) -> Job:
    return Job.objects.create(kind="write_once", arguments={"folder": str(folder), "user": str(alice.pk)})


def outlive_lease(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert leases.expire() == 1


def test_a_killed_workers_job_is_found_and_done_once(start, soon, alice, folder):
    made = write_once(alice, folder)
    first = start("-c", RUN_DUE)
    soon(lambda: told(folder, "started"))
    first.kill()
    first.wait()
    made.refresh_from_db()
    assert (made.state, made.attempts) == (State.RUNNING, 1)
    assert worker.run_due() == 0

    assert leases.expire() == 1, "its lease is good for a minute, and it is dead"
    (folder / "go").touch()
    second = start("-c", RUN_DUE)
    assert second.wait(30) == 0
    made.refresh_from_db()
    assert (made.state, made.attempts, made.fence) == (State.DONE, 1, 2)
    assert told(folder, "wrote") == [second.pid]
    assert Notification.objects.count() == 1


def test_a_worker_that_slept_through_its_lease_cannot_write(start, soon, alice, folder):
    made = write_once(alice, folder)
    sleeper = start("-c", RUN_DUE)
    soon(lambda: told(folder, "started"))
    sleeper.send_signal(signal.SIGSTOP)
    outlive_lease(made)
    (folder / "go").touch()
    successor = start("-c", RUN_DUE)
    assert successor.wait(30) == 0
    assert Notification.objects.count() == 1

    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(30) == 0
    assert told(folder, "lost") == [sleeper.pid]
    assert told(folder, "wrote") == [successor.pid]
    assert Notification.objects.count() == 1
    made.refresh_from_db()
    assert (made.state, made.fence) == (State.DONE, 2)


def test_a_worker_needs_no_message_and_gives_back_what_it_cannot_finish(
    start, soon, alice, folder, tmp_path, capfd
):
    (folder / "go").touch()
    unsent = write_once(alice, folder)
    celery = start(*WORKER, "--loglevel", "WARNING")
    soon(lambda: Job.objects.filter(pk=unsent.pk, state=State.DONE).exists(), 40)
    assert Notification.objects.count() == 1
    console: list[str] = []
    soon(lambda: console.append(capfd.readouterr().err) or "is done" in "".join(console), 5)

    shutil.rmtree(tmp_path / "var" / "broker")
    long = Job.objects.create(kind="run_patient_program", arguments={"folder": str(folder)})
    soon(lambda: told(folder, "program"))
    assert alive(told(folder, "program")[0])
    celery.send_signal(signal.SIGTERM)
    assert celery.wait(10) == 0
    assert not alive(told(folder, "program")[0])
    long.refresh_from_db()
    assert (long.state, long.attempts, long.message) == (State.WAITING, 0, leases.RESTARTED)


def test_a_handler_that_hears_nothing_does_not_keep_the_worker(start, soon, folder):
    made = Job.objects.create(kind="hear_nothing", arguments={"folder": str(folder)})
    celery = start(*WORKER)
    soon(lambda: told(folder, "deaf"), 40)
    celery.send_signal(signal.SIGINT)
    assert celery.wait(10) == 1
    made.refresh_from_db()
    assert (made.state, made.attempts) == (State.WAITING, 0)


def test_a_program_does_not_outlive_a_killed_worker(start, soon, folder):
    Job.objects.create(kind="run_patient_program", arguments={"folder": str(folder)})
    first = start("-c", RUN_DUE)
    soon(lambda: told(folder, "program"))
    program = told(folder, "program")[0]
    assert os.getpgid(program) == program
    first.kill()
    soon(lambda: not alive(program), 5)
