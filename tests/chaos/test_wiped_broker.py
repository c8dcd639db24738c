"""The broker only rings the bell: whatever it forgets, the rows are there."""

import os
import shutil
import signal
import time

import pytest
import redis

from tests.chaos import ledger, rounds
from tests.chaos.victims import Family
from tests.end_to_end.site import Site

pytestmark = pytest.mark.long


def wipe(site: Site) -> int:
    """Forget every message; how many there were."""
    if site.database.url:
        broker = redis.Redis.from_url(site.env["CELERY_BROKER_URL"])
        messages = sum(broker.llen(queue) for queue in ("celery", "gpu"))
        broker.flushdb()
        return messages
    folder = site.var / "broker"
    messages = len(list((folder / "queue").iterdir()))
    shutil.rmtree(folder)
    return messages


@pytest.mark.timeout(600)
def test_a_wiped_broker_loses_nothing(tmp_path, full, record, migrated):
    site = Site(tmp_path, like=migrated, DRAWINGS="0", TRAIN_OPTIONS=rounds.QUICK)
    if site.database.url:
        # Of its own: another site's worker would take the messages before they are lost.
        site.env["CELERY_BROKER_URL"] = f"{site.env['CELERY_BROKER_URL'].rpartition('/')[0]}/9"
    family = Family(site)
    photos, imports = 6, 5 if full else 2
    try:
        site.start()
        [worker] = family.look()["worker"]
        # Nobody listens while the messages are sent, so that every one of them is there to be lost.
        os.kill(worker.id, signal.SIGSTOP)
        for number in range(imports):
            folder = rounds.collection(tmp_path / f"camera {number}", photos, number)
            rounds.begin(site, folder, before="" if number else rounds.ACCOUNT, train=full and not number)
        lost = wipe(site)
        began = time.monotonic()
        os.kill(worker.id, signal.SIGCONT)
        # And once more in the middle of it.
        site.wait(lambda: ledger.running(site), 60, "the first job")
        wipe(site)
        # With a model there is work that is found after the last job has ended.
        over = ledger.is_idle if full else lambda site: not ledger.unfinished(site)
        site.wait(lambda: over(site), 240, "all jobs")
        took = time.monotonic() - began
        found = rounds.counts(site)
        assert lost >= imports
        assert found["jobs"] == {"done": found["jobs"]["done"]}, found["troubles"]
        for what in ("photos", "files", "sightings", "occurrences", "verified", "opinions"):
            assert found[what] == photos * imports, (what, found)
        assert found["datasets"] == [[version, "frozen"] for version in range(1, imports + 1)]
        assert family.orphans() == []
        site.manage("fsck", "--deep", "--grace", "0")
    finally:
        site.close()
    assert family.left() == []
    record("wiped broker", messages_lost=lost, jobs=found["jobs"]["done"], all_done_after_s=f"{took:.0f}")
