"""A worker that is stopped past its lease and goes on later finds nothing to write to."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from ops import supervisor
from tests.chaos import ledger, rounds
from tests.chaos.victims import Family, Process
from tests.end_to_end.site import ROOT, Site

pytestmark = pytest.mark.long

LEASE = 4
WORKER = [
    *(sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", "--pool", "threads"),
    *("--concurrency", "2", "--queues", "celery,gpu", "--loglevel", "WARNING", "--without-mingle"),
]


@contextmanager
def another_worker(site: Site):
    """A second one beside the site's own, as on another machine of the same site."""
    env = supervisor.environment(site.var, site.port) | site.env
    process = subprocess.Popen(
        WORKER,
        cwd=ROOT,
        env=env,
        stdout=site.log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def stop_outside_of_transactions(site: Site, worker: Process) -> None:
    """SIGSTOP, at a moment when it holds no lock: a stopped one would keep everybody out, whatever we do."""
    for _ in range(100):
        os.kill(worker.id, signal.SIGSTOP)
        if ledger.is_free(site):
            return
        os.kill(worker.id, signal.SIGCONT)
        time.sleep(0.05)
    raise AssertionError("it is always in a transaction")


def wait_until_running(site: Site, stage: str) -> None:
    """Looks often: a dataset of a dozen photos is frozen within 70 ms."""
    deadline = time.monotonic() + 240
    while stage not in ledger.running(site):
        assert time.monotonic() < deadline, f"{stage} did not come:\n{site.out[-4000:]}"
        time.sleep(0.01)


@pytest.mark.timeout(900)
def test_a_worker_that_slept_through_its_lease_cannot_write(tmp_path, full, record, migrated):
    site = Site(tmp_path, like=migrated, DRAWINGS="0", TRAIN_OPTIONS=rounds.QUICK, JOB_LEASE=str(LEASE))
    family = Family(site)
    stages = ("import", "freeze", "train", "suggest") if full else ("train",)
    photos, slept = 12, []
    try:
        site.start()
        for number, stage in enumerate(stages):
            folder = rounds.collection(tmp_path / f"camera {number}", photos, number)
            rounds.begin(site, folder, before="" if number else rounds.ACCOUNT)
            wait_until_running(site, stage)
            [worker] = family.look()["worker"]
            stop_outside_of_transactions(site, worker)
            began = time.monotonic()
            held = ledger.held(site)
            with another_worker(site):
                # What the first one held is taken over, and everything goes on to its end.
                site.wait(lambda: ledger.is_idle(site), 240, "the other worker's work")
                before = ledger.results(site)
                os.kill(worker.id, signal.SIGCONT)
                slept.append(time.monotonic() - began)
                if held:
                    site.wait(
                        lambda: "this attempt ends here" in site.out, 60, "the end of the first attempt"
                    )
                family.look()
                time.sleep(2)
                assert ledger.results(site) == before
        found = rounds.counts(site)
        total = photos * len(stages)
        assert found["jobs"] == {"done": found["jobs"]["done"]}, found["troubles"]
        for what in ("photos", "files", "sightings", "occurrences", "verified", "opinions", "suggestions"):
            assert found[what] == total, (what, found)
        assert found["models"] == list(range(1, len(stages) + 1)) and found["live"] == 1
        assert family.orphans() == []
        site.manage("fsck", "--deep")
    finally:
        site.close()
    assert family.left() == []
    record(
        "SIGSTOP past the lease", stages=", ".join(stages), slept_s="/".join(f"{each:.0f}" for each in slept)
    )
