"""Fills a database with a large made-up library: so many sightings and all that hangs on them, no image files.

The same size, seed and day make the same rows on both databases, but for when the names were loaded. What the product
decides (trees, verdicts, floors, public places) is decided by its own functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

from django.core.management import call_command

from benchmarks import world as worlds
from benchmarks.bulk import Bulk, Model, Row, analyze
from benchmarks.sightings import MODELS, Sightings
from benchmarks.world import DAY, World, stamp, uid
from jobs.models import Job
from species.models import Listing, Observation

CHUNK = 2000
BULK: tuple[Model, ...] = (*MODELS, Job)


def fill(
    size: int, *, seed: int = 1, day: date | None = None, tell: Callable[[str], object] = lambda text: None
) -> None:
    """`size` sightings up to the eve of `day` (today), unless they are there. Raises ValueError where others are."""
    call_command("migrate", verbosity=0)
    there = Observation.objects.count()
    # Written last: without it a filling was broken off, and keys and indexes are missing.
    if there == size and Listing.objects.exists():
        return
    if there:
        raise ValueError(f"There are {there:,} sightings here. Name an empty database, or another folder.")
    started = time.monotonic()

    def say(what: str) -> None:
        tell(f"{time.monotonic() - started:6.0f} s  {what}")

    bulk = Bulk(BULK)
    world = worlds.make(size, seed, day or datetime.now(UTC).date(), bulk)
    bulk.write({Job: _jobs(world, Random(f"jobs {seed}"))})
    with bulk:
        sightings = Sightings(world, seed)
        for first in range(0, size, CHUNK):
            bulk.write(sightings.rows(first, min(CHUNK, size - first)))
            if first % 50_000 == 0:
                say(f"{first:,} sightings")
        say(f"{bulk.rows:,} rows; keys and indexes")
    say("what the product counts")
    sightings.changes.write()
    say("statistics")
    analyze()
    Listing.objects.create(last=datetime.fromtimestamp(world.end, UTC))
    say("done")


def _jobs(world: World, random: Random) -> list[Row]:
    """As a site has them: nearly all done, a few in line, one under way."""
    rows: list[Row] = []
    count = 20 + world.size // 100
    owners = [world.cast[worlds.ADMIN], *world.reviewers]
    for number in range(count):
        made = world.start + (number + random.random()) / count * (world.end - world.start - DAY)
        state = "done" if random.random() < 0.96 else random.choice(("failed", "failed", "cancelled"))
        if number >= count - 6:
            state = "running" if number == count - 1 else "waiting"
        kind = random.choice(("suggest", "suggest", "import", "freeze", "follow_tree"))
        finished = state not in ("waiting", "running")
        rows.append(
            {
                "id": uid(random),
                "kind": kind,
                "key": f"{kind}:{number}",
                "owner_id": None if kind == "suggest" else random.choice(owners),
                "state": state,
                "progress_done": 100 if state == "done" else 10,
                "progress_total": 100,
                "run_after": stamp(made),
                "lease_until": stamp(world.end) if state == "running" else None,
                "created": stamp(made),
                "started_at": None if state == "waiting" else stamp(made + 2),
                "finished_at": stamp(made + 60) if finished else None,
            }
        )
    return rows
