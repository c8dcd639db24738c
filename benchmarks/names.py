"""Whether pages take as long beside 5,000 names as beside 60.

    python benchmarks/names.py [--runs 15] [--no-record]

One site with a few sightings, its pages asked in turn without a network, first beside few names more and then beside
many; the names have been read once by then, as in a process that has answered before. The table goes to standard output
and into `benchmarks/RESULTS.md`, between its marks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.setdefault("VAR", tempfile.mkdtemp(prefix="names-"))

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from workload import load, median, record  # noqa: E402

from accounts import actions as accounts  # noqa: E402
from labeling.actions import identifications  # noqa: E402
from species.models import Taxon  # noqa: E402
from tests import universe  # noqa: E402

FEW, MANY = 60, 5000
GOAL = 1.5  # times as long
AT_MOST = 0.025  # seconds of CPU for proposals, which look at every name that holds all the words
PROPOSALS = "proposals"


def furnish() -> tuple[Client, dict[str, str]]:
    """A reader's browser, and the pages: name to address."""
    tree = universe.plant_tree()
    alice, bob, charlie = (
        accounts.sign_up(email=f"{name}@example.org", password="a trout in the reeds", display_name=name)
        for name in ("Alice", "Bob", "Charlie")
    )
    sightings = [universe.sighting(alice, seed=seed) for seed in range(8)]
    for sighting in sightings[:6]:
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], by=alice)
    for sighting in sightings[:4]:
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], by=charlie)
    client = Client()
    client.force_login(bob)
    return client, {
        "`/label`": reverse("label"),
        "`/sightings/…`": sightings[0].get_absolute_url(),
        "`/taxa/`": reverse("taxa"),
        "`/explore`": reverse("gallery"),
        "proposals for “salmo tr”": reverse("taxon_proposals", query={"q": "salmo tr"}),
        "proposals for “trout”": reverse("taxon_proposals", query={"q": "trout"}),
    }


def plant(number: int) -> None:
    genus = Taxon.objects.get(label="salmo")
    Taxon.objects.filter(label__startswith="more_").delete()
    Taxon.objects.bulk_create(
        Taxon(
            scientific_name=f"Salmo more{each:05}",
            rank="species",
            parent=genus,
            label=f"more_{each:05}",
            common_names={"en": f"more{each:05} trout"},
        )
        for each in range(number)
    )


def measure(client: Client, pages: dict[str, str], runs: int) -> dict[str, tuple[float, int]]:
    """CPU seconds (median) and bytes of each page."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    size = {}
    for run in range(runs + 1):
        for name, address in pages.items():
            started = time.process_time()
            answer = client.get(address)
            if run:  # the first one reads the names
                times[name].append(time.process_time() - started)
            assert answer.status_code == 200, (name, answer.status_code)
            size[name] = len(answer.content)
    return {name: (median(times[name]), size[name]) for name in pages}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    asked = parser.parse_args()
    before = load()
    call_command("migrate", verbosity=0)
    setup_test_environment()
    client, pages = furnish()
    found = {}
    for number in (FEW, MANY):
        plant(number)
        found[number] = measure(client, pages, asked.runs)
    ratio = {name: found[MANY][name][0] / found[FEW][name][0] for name in pages}
    worst = max((name for name in pages if PROPOSALS not in name), key=lambda name: ratio[name])
    slowest = max(found[MANY][name][0] for name in pages if PROPOSALS in name)
    grown = max(found[MANY][name][1] - found[FEW][name][1] for name in pages)
    lines = [
        f"Measured {datetime.now(UTC).date().isoformat()} on {os.cpu_count()} CPU cores; load {before} before, "
        f"{load()} after; SQLite, medians of {asked.runs} runs.",
        "",
        f"| page | kB | ms of CPU beside {FEW} names more | beside {MANY:,} | ratio |",
        "|---|---|---|---|---|",
    ]
    for name in pages:
        (few, _), (many, size) = found[FEW][name], found[MANY][name]
        lines.append(
            f"| {name} | {size / 1000:.1f} | {few * 1000:.1f} | {many * 1000:.1f} | {ratio[name]:.2f} |"
        )
    lines += [
        "",
        f"- {'holds' if ratio[worst] <= GOAL else 'FAILS'}: {worst} takes {ratio[worst]:.2f} times as long, at most "
        f"{GOAL:g}.",
        f"- {'holds' if slowest <= AT_MOST else 'FAILS'}: proposals take {slowest * 1000:.0f} ms, at most "
        f"{AT_MOST * 1000:.0f}.",
        f"- {'holds' if grown <= 16 else 'FAILS'}: no page is over {max(0, grown)} bytes larger.",
    ]
    print("\n".join(lines))
    if not asked.no_record:
        record("names", "\n".join(lines))
    return 0 if ratio[worst] <= GOAL and slowest <= AT_MOST and grown <= 16 else 1


if __name__ == "__main__":
    sys.exit(main())
