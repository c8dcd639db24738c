"""Fills a database with so many sightings, asks it everything, and says what is over its budget.

    python benchmarks/scale.py fill 10000 [--seed 1] [--day 2026-11-01]
    python benchmarks/scale.py ask [--times 20] [--only REGEX] [--record]
    python benchmarks/scale.py plans 30000 [--only REGEX]

On the PostgreSQL that DATABASE_URL names, which must be empty, else on SQLite in `--folder`. No image files are made.
`ask` prints a table, writes its figures and the plans of what is over budget into `--results`, compares with the
figures of 10,000 sightings if they are there, and exits with 1 if anything is over its budget. `plans` fills as well,
asks once and prints as JSON which statements read a big table in whole, what asks too many and what fails.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
DEFAULT = ROOT / "var" / "scale"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=DEFAULT, help="of the files, and of SQLite's database")
    parser.add_argument("--results", type=Path, default=DEFAULT, help="where figures and plans go")
    commands = parser.add_subparsers(dest="command", required=True)
    fill = commands.add_parser("fill", help="make the library")
    fill.add_argument("size", type=int)
    fill.add_argument("--seed", type=int, default=1)
    fill.add_argument("--day", type=date.fromisoformat, help="the day after its last; today, if not said")
    ask = commands.add_parser("ask", help="ask it everything")
    ask.add_argument("--times", type=int, default=20, help="how often each question is asked")
    plans = commands.add_parser("plans", help="fill, and look how the database goes about each question")
    plans.add_argument("size", type=int)
    for each in (ask, plans):
        each.add_argument(
            "--only", default="", help="only questions of which this is a part: a regular expression"
        )
    ask.add_argument("--record", action="store_true", help="write into RESULTS.md")
    return parser.parse_args()


def ready(folder: Path) -> None:
    """Django, with its files in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["VAR"] = str(folder)
    import django  # noqa: PLC0415  # reads where its files are

    django.setup()


def main() -> int:
    asked = arguments()
    ready(asked.folder)
    if asked.command == "fill":
        from benchmarks import library  # noqa: PLC0415

        library.fill(asked.size, seed=asked.seed, day=asked.day, tell=lambda text: print(text, flush=True))
        return 0
    return plans(asked) if asked.command == "plans" else ask(asked)


def plans(asked: argparse.Namespace) -> int:
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from benchmarks import library, questions  # noqa: PLC0415
    from benchmarks.plans import look, planted  # noqa: PLC0415

    setup_test_environment(debug=False)
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    library.fill(asked.size)
    browsers = questions.clients()
    some = [*questions.everything(browsers), *planted()]
    found = look([each for each in some if re.search(asked.only, each.key)], browsers)
    print(json.dumps(asdict(found), indent=1))
    return 0


def ask(asked: argparse.Namespace) -> int:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from benchmarks import asking, questions, report, workload  # noqa: PLC0415
    from species.models import Observation  # noqa: PLC0415

    setup_test_environment(debug=False)
    # A page that fails is a line in the table.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    asked.results.mkdir(parents=True, exist_ok=True)
    size, vendor, before = Observation.objects.count(), connection.vendor, workload.load()
    browsers = questions.clients()
    chosen = [each for each in questions.everything(browsers) if re.search(asked.only, each.key)]
    answers = []
    for number, question in enumerate(chosen, start=1):
        print(
            f"\r{number} of {len(chosen)}: {question.key}"[:100].ljust(100),
            end="",
            file=sys.stderr,
            flush=True,
        )
        answers.append((question, asking.ask(question, browsers, asked.times)))
    print(file=sys.stderr)
    figures = asked.results / f"{vendor}-{size}.json"
    small = report.read(asked.results / f"{vendor}-{report.SMALL}.json") if size != report.SMALL else {}
    lines = report.judge(answers, small)
    head = (
        f"Measured {datetime.now(UTC).date().isoformat()}, {size:,} sightings on {report.NAMES[vendor]}, "
        f"{os.cpu_count()} CPU cores, load {before} before and {workload.load()} after, {asked.times} times each."
    )
    print(head, report.whole(lines), report.summary(lines), sep="\n\n")
    if not asked.only:
        report.write(figures, answers)
    plans = asked.results / f"{vendor}-{size}-plans.txt"
    plans.write_text(report.plans(lines), encoding="utf-8")
    print(f"Plans of what is over budget: {plans}")
    if asked.record:
        workload.record(f"scale-{vendor}", f"{head}\n\n{report.summary(lines)}")
    return 1 if any(line.over for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
