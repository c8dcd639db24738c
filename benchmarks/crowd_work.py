"""`python -m benchmarks.crowd_work`: 100,000 identifications settled anew, on a database of its own.

Empty tables are asked for: `VAR=/tmp/somewhere` for SQLite, or DATABASE_URL. What comes out goes between the marks in
RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable
from uuid import UUID

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from benchmarks.workload import load, record  # noqa: PLC0415
    from labeling.actions import reliability, verdicts  # noqa: PLC0415
    from labeling.models import Identification, Verdict  # noqa: PLC0415
    from species.models import Occurrence  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if Identification.objects.exists():
        raise SystemExit("This database is not empty.")
    made = _timed(lambda: fill(asked.votes, asked.people))
    everything = Occurrence.objects.order_by("created", "id").values_list("pk", flat=True)
    settled = Occurrence.objects.verified().count()
    lines = [
        f"{Identification.objects.count():,} identifications of {Occurrence.objects.count():,} organisms by "
        f"{asked.people} people, {settled:,} of them verified, on {connection.vendor}; load {load()}, made in "
        f"{made[0]:.0f} s.",
        "",
        "| what | s | of these of a core | changed |",
        "|---|---|---|---|",
    ]

    def step(what: str, act: Callable[[], object]) -> None:
        since = Verdict.objects.order_by("-computed_at").values_list("computed_at", flat=True)[0]
        busy = time.process_time()
        seconds, _ = _timed(act)
        busy = time.process_time() - busy
        changed = Verdict.objects.filter(computed_at__gt=since).count()
        lines.append(f"| {what} | {seconds:.1f} | {busy:.1f} | {changed:,} |")
        print(lines[-1], flush=True)

    step("all recomputed, nothing new", lambda: verdicts.recompute(occurrences=everything))
    step("reliability and difficulty measured", lambda: reliability.measure(version="measured"))
    step("all recomputed with the new table", verdicts.follow)
    step("the same again", verdicts.follow)
    step("all recomputed again", lambda: verdicts.recompute(occurrences=everything))
    if not asked.no_record:
        record("crowd-work", "\n".join(lines))


def _timed(act: Callable[[], object]) -> tuple[float, object]:
    started = time.monotonic()
    found = act()
    return time.monotonic() - started, found


def fill(votes: int, people: int) -> None:
    """Three identifications of each organism by people who know more or less, and the verdicts that follow."""
    from accounts.models import User  # noqa: PLC0415
    from labeling.actions import verdicts  # noqa: PLC0415
    from labeling.models import Identification, Verdict  # noqa: PLC0415
    from species.actions import occurrences  # noqa: PLC0415
    from species.models import Observation, Occurrence, Taxon  # noqa: PLC0415
    from species.queries import taxa  # noqa: PLC0415

    chance = random.Random(1)
    crowd = User.objects.bulk_create(
        [User(email=f"person{n}@example.org", display_name=f"Person {n}") for n in range(people)]
    )
    skill = {each.pk: chance.uniform(0.5, 0.97) for each in crowd}
    root = Taxon.objects.create(label="root", scientific_name="Root", rank="class")
    leaves = []
    for number in range(10):
        family = Taxon.objects.create(
            label=f"f{number}", scientific_name=f"F{number}", rank="family", parent=root
        )
        for one in range(5):
            name = f"s{number}{one}"
            leaves.append(
                Taxon.objects.create(label=name, scientific_name=name, rank="species", parent=family)
            )
    tree = taxa.tree()
    left = votes
    while left > 0:
        count = min(500, -(-left // 3))
        sightings = Observation.objects.bulk_create(
            [Observation(observer=chance.choice(crowd)) for _ in range(count)]
        )
        organisms = Occurrence.objects.bulk_create([Occurrence(observation=each) for each in sightings])
        said = []
        for organism in organisms:
            truth = chance.choice(leaves)
            for person in chance.sample(crowd, 3):
                name = truth if chance.random() < skill[person.pk] else chance.choice(leaves)
                said.append(Identification(occurrence=organism, person=person, taxon=name))
        Identification.objects.bulk_create(said[:left], batch_size=500)
        left -= len(said[:left])
        settled = []
        for organism, outcome, ruling, names in verdicts._computed(organisms, tree):
            grounds = verdicts._grounds(outcome, ruling, names)
            organism.status = outcome.status
            organism.agreed_taxon_id = outcome.taxon and UUID(str(outcome.taxon))
            organism.exported_taxon_id = outcome.exported and UUID(str(outcome.exported))
            organism.settled_at = organism.created
            organism.agreement = occurrences.agreement(grounds)
            settled.append(Verdict(occurrence=organism, **verdicts._values(outcome)))
        Occurrence.objects.bulk_update(
            organisms, ["status", "agreed_taxon", "exported_taxon", "settled_at", "agreement"], batch_size=100
        )
        Verdict.objects.bulk_create(settled, batch_size=500)


if __name__ == "__main__":
    main()
