"""How well the product's own training tells seven species of the `fishcam` photos apart, and what that is worth.

    python benchmarks/fishcam.py [DATA] [--quick] [--only NAME …] [--option key=value …] [--json FILE]

DATA is the folder with `observations.csv`. Every row of the table is one run of the training program on a
manifest written here; the table goes to standard output and into `benchmarks/RESULTS.md`, between its marks.
`--quick` only fits the frozen heads (a few minutes); `--option` overrides a training option, and then nothing is
written to RESULTS.md. `--json` keeps every figure in a file as it is measured, and goes on from what is there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from config.settings import SAMPLE_DATA  # noqa: E402

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
START, END = "<!-- fishcam: start -->", "<!-- fishcam: end -->"
SEED = 1


@dataclass(frozen=True)
class Trial:
    """One run: how it groups and labels the photos, and how it trains."""

    name: str
    title: str
    options: dict[str, Any]


FROZEN = {"epochs_frozen": 0, "epochs_unfrozen": 0}
TRIALS = (
    Trial("recipe", "**The recipe**, the data's own 4 folds by video", {"kfold": 4}),
    Trial("anchors", "**The product's own figure**: 4 folds by observer and day", {"kfold": 4}),
    Trial("permuted", "Control: labels permuted among videos", {"kfold": 4}),
    Trial("random", "The old recipe: photos dealt at random (frozen head)", {"kfold": 4, **FROZEN}),
)


def manifest(data: Path, trial: Trial, options: dict[str, Any]) -> dict[str, Any]:
    """The manifest of one trial."""
    with (data / "observations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["observation_id"]: row["vernacular_name"].replace(" ", "_") for row in rows}
    shuffler = random.Random(SEED)
    if trial.name == "permuted":
        # Whole videos exchange labels: frames of one fish stay alike, so only what is learned of species goes.
        moved = list(names.values())
        shuffler.shuffle(moved)
        names = dict(zip(names, moved, strict=True))
    photos = []
    for row in rows:
        video = row["observation_id"]
        photo: dict[str, Any] = {
            "id": row["file"],
            "path": str(data / row["file"]),
            "sha256": row["sha256"],
            "occurrence": video,
            "group": video,
            "label": names[video],
            "split": "train",
        }
        if trial.name in ("recipe", "permuted"):
            photo["fold"] = int(row["fold"])
        elif trial.name == "anchors":
            # No place is known and one observer filmed everything, so an anchor is the day.
            photo["group"] = row["observed_at"][:10]
        else:
            # What a random split per photo does: every photo on its own, its neighbours on the other side.
            photo |= {"occurrence": row["file"], "group": row["file"], "fold": shuffler.randrange(4)}
        photos.append(photo)
    return {
        "dataset_hash": f"fishcam-{trial.name}",
        "classes": sorted(set(names.values())),
        "photos": photos,
        "options": {**trial.options, **options},
    }


def measure(data: Path, trial: Trial, options: dict[str, Any], cache: Path) -> dict[str, Any]:
    """Run the training program; its metrics, `minutes` and `cpu_minutes`. Raises SystemExit with its error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.json"
        asked = manifest(data, trial, {**options, "cache": str(cache)})
        path.write_text(json.dumps(asked), encoding="utf-8")
        started, used = time.monotonic(), spent()
        argv = [sys.executable, "-m", "ml.vision.train", str(path), str(Path(folder) / "out")]
        env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}
        # The pipe tells the program to end should this script be stopped.
        with subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True
        ) as program:
            assert program.stdout is not None
            for line in program.stdout:
                said = json.loads(line)
                if said.get("metrics") or said["stage"] == "done":
                    print(
                        f"  {trial.name}: {said['message']} {said.get('metrics', '')}",
                        file=sys.stderr,
                        flush=True,
                    )
        if program.returncode:
            raise SystemExit(f"{trial.name}: the training program ended with {program.returncode}.")
        measured: dict[str, Any] = json.loads((Path(folder) / "out" / "metrics.json").read_text("utf-8"))
    measured["minutes"] = (time.monotonic() - started) / 60
    measured["cpu_minutes"] = spent() - used
    return measured


def spent() -> float:
    """CPU minutes of all programs this one has run to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / 60


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def interval(figures: dict[str, Any], name: str = "accuracy") -> str:
    low, high = figures["intervals"][name]
    return f"{percent(figures[name])} ({percent(low)} to {percent(high)})"


def row(title: str, level: dict[str, Any], minutes: str, fish: bool = True) -> str:
    """One line of the table; without figures per fish where the trial took every photo for a fish of its own."""
    photo, occurrence = level["photo"], level["occurrence"]
    low, high = level["fold_range"]
    names = ("accuracy", "macro_f1", "balanced_accuracy")
    cells = [
        title,
        percent(level["fold_mean"]["photo"]),
        interval(photo),
        f"{percent(low)} to {percent(high)}",
        *(interval(occurrence, name) if fish else "" for name in names),
        percent(photo["ece"]),
        minutes,
    ]
    return f"| {' | '.join(cells)} |"


def table(done: dict[str, tuple[Trial, dict[str, Any]]]) -> str:
    """The trials as a table in Markdown, all figures in percent."""
    lines = [
        "| run | per photo, mean of folds | per photo, all (95 %) | folds | per fish (95 %) "
        "| macro-F1 per fish | balanced accuracy per fish | ECE per photo | minutes (CPU minutes) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for trial, measured in done.values():
        minutes = f"{measured['minutes']:.0f} ({measured['cpu_minutes']:.0f})"
        lines.append(row(trial.title, measured, minutes, fish=trial.name != "random"))
        if trial.name in ("recipe", "anchors") and measured["frozen_head"]:
            title = f"Control: the frozen head alone, folds of {trial.name}"
            lines.append(row(title, measured["frozen_head"], ""))
    return "\n".join(lines)


def verdicts(done: dict[str, tuple[Trial, dict[str, Any]]]) -> list[str]:
    """What must hold, each with whether it does."""
    said = []
    if "recipe" in done:
        mean = done["recipe"][1]["fold_mean"]["photo"]
        said.append(
            f"{'holds' if mean >= 0.62 else 'FAILS'}: mean per photo {percent(mean)} %, at least 62 %."
        )
    if "permuted" in done:
        figures = done["permuted"][1]["occurrence"]
        low, high = figures["intervals"]["balanced_accuracy"]
        held = low <= 1 / 7 <= high
        said.append(
            f"{'holds' if held else 'FAILS'}: with labels permuted, balanced accuracy per fish is "
            f"{interval(figures, 'balanced_accuracy')} %, and 1/7 is 14.3 %."
        )
    if "recipe" in done and "random" in done:
        claimed, true = (
            done["random"][1]["photo"]["accuracy"],
            done["recipe"][1]["frozen_head"]["photo"]["accuracy"],
        )
        said.append(
            f"A random split per photo would have claimed {percent(claimed)} % for the frozen head that gets "
            f"{percent(true)} % on fish it has not seen."
        )
    return said


def record(text: str) -> None:
    """Put `text` between the marks in RESULTS.md."""
    old = RESULTS.read_text(encoding="utf-8")
    before, rest = old.split(START)
    after = rest.split(END)[1]
    RESULTS.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=Path(SAMPLE_DATA) / "fishcam")
    parser.add_argument("--quick", action="store_true", help="frozen heads only; nothing is recorded")
    parser.add_argument(
        "--only", nargs="+", choices=[trial.name for trial in TRIALS], help="some of the trials"
    )
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="a training option"
    )
    parser.add_argument("--json", type=Path, help="keep every figure here, and go on from what is there")
    asked = parser.parse_args()
    if not (asked.data / "observations.csv").is_file():
        print(
            f"{asked.data} holds no observations.csv: name the folder of the fishcam photos.", file=sys.stderr
        )
        return 2
    os.nice(5)
    options = dict(FROZEN) if asked.quick else {}
    for pair in asked.option:
        key, _, value = pair.partition("=")
        try:
            options[key] = json.loads(value)
        except ValueError:
            options[key] = value
    kept: dict[str, Any] = {}
    if asked.json and asked.json.exists():
        kept = json.loads(asked.json.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as cache:
        for trial in TRIALS:
            if trial.name not in kept and (not asked.only or trial.name in asked.only):
                kept[trial.name] = measure(asked.data.resolve(), trial, options, Path(cache))
                if asked.json:
                    asked.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    done = {trial.name: (trial, kept[trial.name]) for trial in TRIALS if trial.name in kept}
    facts = verdicts(done)
    text = table(done) + "\n\n" + "\n".join(f"- {fact}" for fact in facts)
    print(text)
    if not options and len(done) == len(TRIALS):
        when = datetime.now(UTC).date().isoformat()
        record(f"Measured {when} on {os.cpu_count()} CPU cores, default options.\n\n{text}")
    return 1 if any(fact.startswith("FAILS") for fact in facts) else 0


if __name__ == "__main__":
    sys.exit(main())
