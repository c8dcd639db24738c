"""Counters and columns are right after writers at once were killed: they change with what they count, or not."""

import random
import signal
import subprocess
import sys
import time

from tests.end_to_end.site import ROOT, Site

PREPARE = """
from accounts import actions as accounts
from accounts.models import Role
from tests import universe

universe.plant_tree()
people = [
    accounts.sign_up(email=f"{name}@example.org", password=None, display_name=name.title())
    for name in ("alice", "bob", "charlie")
]
accounts.sign_up(email="rita@example.org", password=None, display_name="Rita", role=Role.REVIEWER)
for number in range(12):
    universe.sighting(
        people[number % 3], seed=number, photos=2, size=(64, 48), latitude=47.2, longitude=11.4 + number / 4
    )
"""
LOOK = """
from species.actions import tallies
from species.models import CellTally, Tally
from species.places.cells import WORLD
from species.queries import cells, visibility
from species.queries.cells import Asked
from tests import oracle

wrong = [*tallies.differing(), *map(str, visibility.differing())]
tallies.gather()
for model in (Tally, CellTally):
    rows = model.objects.values_list(*model.KEY)
    wrong += ["twice"] * (len(rows) - len(set(rows)))
found = cells.in_view(WORLD, 3, Asked())
told = {cell: (count.all, count.verified) for cell, count in found.counts.items()}
wrong += [] if (told, found.nowhere.all) == oracle.hexagons(2) else ["hexagons"]
print(wrong + tallies.differing())
"""


def test_counters_of_killed_writers_are_right(tmp_path, full, record, migrated):
    writers, kills, writes = (8, 20, 10_000) if full else (3, 3, 150)
    site, dice, log = Site(tmp_path, like=migrated), random.Random(3), tmp_path / "acts"
    log.touch()

    def begin() -> subprocess.Popen:
        code = f"from tests.chaos import acts; acts.go_on({dice.random()!r}, {writes}, {str(log)!r})"
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", code],
            cwd=ROOT,
            env=site.env,
            stderr=subprocess.PIPE,
            text=True,
        )

    def done() -> int:
        return log.stat().st_size

    running: list[subprocess.Popen] = []
    try:
        site.manage("migrate", "-v0")
        site.shell(PREPARE)
        running = [begin() for _ in range(writers)]
        started = time.monotonic()
        for number in range(1, kills + 1):
            while done() < writes * number / (kills + 1):
                fallen = [each.stderr.read()[-2000:] for each in running if each.poll()]
                assert not fallen, fallen[0]
                time.sleep(0.02)
            victim = running.pop(dice.randrange(len(running)))
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            running.append(begin())
        while done() < writes:
            time.sleep(0.02)
        seconds = time.monotonic() - started
        for each in running:
            each.kill()
            each.wait()
        assert site.shell(LOOK) == "[]"
        record(
            "counters of killed writers", acts=done(), kills=kills + writers, a_second=round(done() / seconds)
        )
    finally:
        for each in running:
            each.kill()
        site.close()
