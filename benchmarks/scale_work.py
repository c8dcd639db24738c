"""Measures work at scale: writers, freezes, verdicts, imports and what jobs hold; says what is over its budget.

    python benchmarks/scale_work.py [--only REGEX] [--count 100000] [--record]

On a library that `scale.py fill` has made, in the PostgreSQL that DATABASE_URL names, else in SQLite in `--folder`. It
says things there, freezes datasets and imports: use a copy. Each measurement is a process of its own, whose largest
memory the system keeps (VmHWM). Exits with 1 if anything is over its budget.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
Figures = dict[str, Any]
WRITERS, SECONDS = 8, 60


@dataclass(frozen=True)
class Line:
    what: str
    measured: str
    budget: str = ""
    over: bool = False


# --- what is measured, with its budget ----------------------------------------------------------------------


def run(asked: argparse.Namespace, part: str, **options: object) -> Figures:
    with start(asked, part, **options) as child:
        return answer(child)


def start(asked: argparse.Namespace, part: str, **options: object) -> subprocess.Popen[str]:
    said = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    argv = [sys.executable, __file__, "--folder", str(asked.folder), "--part", part, *said]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(child: subprocess.Popen[str]) -> Figures:
    out, _ = child.communicate()
    if child.returncode:
        raise RuntimeError(f"A measurement ended with {child.returncode}.")
    found: Figures = json.loads(out.splitlines()[-1])
    return found


def votes(asked: argparse.Namespace) -> Iterator[Line]:
    children = [start(asked, "votes", number=number, seconds=asked.seconds) for number in range(WRITERS)]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        assert child.stdin is not None
        print("go", file=child.stdin, flush=True)
    found = [answer(child) for child in children]
    took = sorted(each for one in found for each in one["took"])
    rate, p99 = len(took) / asked.seconds, took[int(len(took) * 0.99)] * 1000
    cpu = sum(one["cpu"] for one in found) / len(took) * 1000
    yield Line(
        f"{WRITERS} writers of identifications",
        f"{rate:.0f} a second, {cpu:.0f} ms of a core each beside the database's",
        ">= 200 a second",
        rate < 200,
    )
    p50 = took[len(took) // 2] * 1000
    yield Line("one identification", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms", "p99 <= 100 ms", p99 > 100)


def freezes(asked: argparse.Namespace) -> Iterator[Line]:
    for count in (asked.count // 2, asked.count):
        dataset = run(asked, "ask_for_freeze", count=count)["dataset"]
        found = run(asked, "freeze", count=count, dataset=dataset)
        whole, far = count == asked.count, found["seconds"] > 120 or found["memory"] > 500
        yield Line(
            f"freeze of {found['occurrences']:,} organisms, {found['photos']:,} photos kept, without reading pictures",
            f"{found['seconds']:.0f} s ({found['cpu']:.0f} s of a core), {found['memory']:.0f} MB",
            "<= 120 s, <= 500 MB" if whole and count == 100_000 else "",
            whole and count == 100_000 and far,
        )
        read = run(asked, "read_manifest", dataset=dataset)
        yield Line(
            f"reading that manifest, as exports and trainings do, and {found['photos']:,} rows of CSV",
            f"{read['seconds']:.0f} s, {read['memory']:.0f} MB",
        )


def verdicts(asked: argparse.Namespace) -> Iterator[Line]:
    found = run(asked, "follow", count=asked.count)
    yield Line(
        f"{found['count']:,} verdicts of another tree computed anew, none of which changes",
        f"{found['seconds']:.0f} s ({found['cpu']:.0f} s of a core), {found['growth']:.0f} MB more",
        "<= 60 s" if found["count"] >= 100_000 else "",
        found["count"] >= 100_000 and found["seconds"] > 60 * found["count"] / 100_000,
    )
    found = run(asked, "resettle", count=1000)
    each = found["seconds"] / found["count"] * 1000
    yield Line(
        "a verdict that changes", f"{each:.0f} ms ({found['cpu'] / found['count'] * 1000:.0f} ms of a core)"
    )


def imports(asked: argparse.Namespace) -> Iterator[Line]:
    found = run(asked, "import", count=500)
    for what, title in (("first", "taken in"), ("again", "once more, when all are here")):
        rate = found["count"] / found[what]["seconds"]
        again = what == "again"
        yield Line(
            f"import: rows with a photo of 16 × 12 pixels each, {title}",
            f"{rate:.0f} a second ({found[what]['cpu'] / found['count'] * 1000:.1f} ms of a core each)",
            ">= 500 a second" if again else "",
            again and rate < 500,
        )


def growth(asked: argparse.Namespace) -> Iterator[Line]:
    for part, title in (
        ("suggest_list", "photos that a model has to be asked about, found"),
        ("fsck_names", "names of files that `fsck` expects, read"),
        ("fsck_verdicts", "verdicts that `fsck --deep` computes"),
        ("table", "rows of a table to import, read"),
    ):
        small, large = (run(asked, part, count=count) for count in (asked.count, 2 * asked.count))
        more = (large["growth"] - small["growth"]) / asked.count * 1e6
        yield Line(
            f"{2 * asked.count:,} {title}",
            f"{large['seconds']:.0f} s, {large['growth']:.0f} MB more; {small['growth']:.0f} MB for half as many: "
            f"{max(0.0, more):.0f} bytes each",
        )


MEASUREMENTS = {
    "votes": votes,
    "freezes": freezes,
    "verdicts": verdicts,
    "imports": imports,
    "growth": growth,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "var" / "scale", help="of the files, and of SQLite"
    )
    parser.add_argument("--only", default="", help=f"a regular expression, of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--count", type=int, default=100_000, help="how much is frozen, computed and read")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the writers write")
    parser.add_argument("--record", action="store_true", help="write into RESULTS.md")
    for name, kind in (("part", str), ("number", int), ("dataset", str)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    os.environ["VAR"] = str(asked.folder)
    import django  # noqa: PLC0415  # reads where its files are

    django.setup()
    if asked.part:
        from benchmarks import work  # noqa: PLC0415

        print(json.dumps(work.PARTS[asked.part](asked)))
        return 0
    return measure(asked)


def measure(asked: argparse.Namespace) -> int:
    from django.db import connection  # noqa: PLC0415

    from benchmarks import report, workload  # noqa: PLC0415
    from species.models import Observation  # noqa: PLC0415

    before, size = workload.load(), Observation.objects.count()
    lines = []
    for name, each in MEASUREMENTS.items():
        for line in each(asked) if re.search(asked.only, name) else ():
            print(f"{line.what}: {line.measured}", file=sys.stderr, flush=True)
            lines.append(line)
    text = "\n".join(
        [
            f"Measured {datetime.now(UTC).date().isoformat()}, {size:,} sightings on "
            f"{report.NAMES[connection.vendor]}, {os.cpu_count()} CPU cores, load {before} before and "
            f"{workload.load()} after.",
            "",
            "| what | measured | budget | |",
            "|---|---|---|---|",
            *[
                f"| {line.what} | {line.measured} | {line.budget} | {'**OVER**' if line.over else ''} |"
                for line in lines
            ],
        ]
    )
    print(text)
    if asked.record:
        workload.record(f"scale-work-{connection.vendor}", text)
    return 1 if any(line.over for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
