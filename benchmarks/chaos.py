"""`make chaos`: every test of `tests/chaos` in full, timings included, on SQLite and on PostgreSQL + Redis.

So is the client's folder on a line that is cut.

What the tests record goes between the marks in RESULTS.md, with every failure; the exit status is the tests'.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
START, END = "<!-- chaos: start -->", "<!-- chaos: end -->"
TESTS = ("tests/chaos", "tests/clients/python/test_cut_connections.py")
SERVICES = ("DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL")


def services() -> dict[str, str] | None:
    """The environment of a run on PostgreSQL + Redis; None, loudly, where they do not answer."""
    asked = subprocess.run([sys.executable, "-m", "tests.services"], cwd=ROOT, capture_output=True, text=True)
    if asked.returncode:
        print(f"*** SKIPPED on PostgreSQL + Redis: {asked.stderr.strip()} ***", file=sys.stderr)
        return None
    return dict(word.split("=", 1) for word in asked.stdout.split())


def run(environment: dict[str, str], chosen: list[str], records: Path) -> tuple[int, float]:
    """One whole run of the folder; its exit status and minutes."""
    started = time.monotonic()
    env = {key: value for key, value in os.environ.items() if key not in SERVICES}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *TESTS, "--timeout", "7200", *chosen],
        cwd=ROOT,
        env=env | environment | {"CHAOS": "1", "CHAOS_RECORD": str(records)},
    )
    return done.returncode, (time.monotonic() - started) / 60


def lines(name: str, records: Path, code: int, minutes: float) -> list[str]:
    kept = [json.loads(line) for line in records.read_text(encoding="utf-8").splitlines()]
    result = "all passed" if code == 0 else "**with failures**"
    return [f"On {name}, {minutes:.0f} minutes, {result}:", ""] + [
        f"- {each['what']}: "
        + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in each["figures"].items())
        for each in kept
    ]


def record(text: str) -> None:
    """Put `text` between the marks in RESULTS.md."""
    before, rest = RESULTS.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    RESULTS.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    parser.add_argument("pytest", nargs="*", help="options for pytest, e.g. -- -k kill")
    asked = parser.parse_args()
    text = [f"Measured {datetime.now(UTC).date().isoformat()} on {os.cpu_count()} shared CPU cores.", ""]
    worst = 0
    for name, environment, marks in (
        ("SQLite", {}, []),
        ("PostgreSQL + Redis", services(), ["-m", "not once"]),
    ):
        if environment is None:
            text += [f"On {name}: skipped, nothing answered.", ""]
            continue
        with tempfile.TemporaryDirectory() as folder:
            records = Path(folder) / "records.jsonl"
            records.touch()
            code, minutes = run(environment, marks + asked.pytest, records)
            worst = max(worst, code)
            text += [*lines(name, records, code, minutes), ""]
    print("\n".join(text))
    if not asked.no_record and not asked.pytest:
        record("\n".join(text).strip())
    return worst


if __name__ == "__main__":
    sys.exit(main())
