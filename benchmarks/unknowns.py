"""Does a model know what it was never taught, and is it as often right as it says?

    python benchmarks/unknowns.py [SAMPLE_DATA] [--features FILE]

On the four folds of `fishcam`, with the frozen head: distances and temperatures are fitted as the training program fits
them, on three folds, and tried on the fourth and on photos that show no fish (`cameratrap`, `metadata/nature`, and the
other photos of SAMPLE_DATA's folders). `--features` keeps what the network sees of the photos in a file, and goes on
from there. The tables go to standard output and into `benchmarks/RESULTS.md`, between their marks.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

from benchmarks.workload import record  # noqa: E402
from config.settings import SAMPLE_DATA  # noqa: E402
from ml.vision import calibrate, logistic, metrics, taught  # noqa: E402
from ml.vision.backbones import Pool, find  # noqa: E402
from ml.vision.cache import pixels_of  # noqa: E402
from ml.vision.halves import Seen, halves  # noqa: E402
from ml.vision.resize import normalise  # noqa: E402
from ml.vision.session import softmax  # noqa: E402
from species.images.refusals import ImageRefused  # noqa: E402

SIZE, SEED, DEPTH = (224, 224), 1, 0.5
#: What no fish is, by where it lies; the bar is set for the first two.
FOREIGN = {
    "camera traps": ["cameratrap/*.jpg"],
    "flowers, rocks, a bird": ["metadata/nature/*.jpg"],
    "of these, nothing in them": ["cameratrap/blank*.jpg"],
    "phone photos of all kinds": [
        *["metadata/exif-samples/gps/*.jpg", "metadata/formats/*", "metadata/gps-position/*.jpg"],
        *["metadata/dates/*.jpg", "orientation/*.jpg"],
    ],
}
Floats = NDArray[np.float64]


def look(paths: list[Path]) -> dict[str, Any]:
    """Which of the photos can be read, and what the frozen network and its lower half see in these."""
    torch.set_num_threads(1)
    backbone = find("tf_efficientnet_lite0")
    body = backbone.body().eval()
    cut = halves(body, DEPTH, SIZE)
    assert cut is not None
    lower, upper = cut
    with torch.inference_mode():
        first = lower(torch.zeros(1, 3, *SIZE))
        network = Seen(lower, Pool(first.shape[1]), torch.nn.Sequential(upper, Pool(upper(first).shape[1])))
        names, shallow, deep = [], [], []
        for path in paths:
            try:
                pixels = pixels_of(path.read_bytes(), SIZE, "squash")
            except ImageRefused as error:
                print(f"{path.name}: {error}", file=sys.stderr)
                continue
            image = torch.from_numpy(normalise(pixels[None], backbone.mean, backbone.std))
            below, above = network(torch.cat([image, image.flip(3)]))
            names.append(str(path))
            shallow.append(below.numpy())
            deep.append(above.numpy())
    return {"names": np.array(names), "shallow": np.stack(shallow, 1), "deep": np.stack(deep, 1)}


class Fishcam:
    """Labels, organisms and folds of the photos, and what a network sees in them, 2 x n x d."""

    def __init__(self, data: Path, features: NDArray[np.float32]) -> None:
        with (data / "fishcam" / "observations.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.features = features
        self.classes = sorted({row["vernacular_name"] for row in rows})
        self.labels = np.array([self.classes.index(row["vernacular_name"]) for row in rows])
        self.fish = np.array([row["observation_id"] for row in rows])
        self.folds = np.array([row["fold"] for row in rows])

    def weights(self, chosen: NDArray[np.bool_]) -> Floats:
        frames = Counter(self.fish[chosen].tolist())
        return np.array([1 / frames[fish] for fish in self.fish[chosen]])


def unknown(fishcam: Fishcam, seen: NDArray[np.float32], foreign: dict[str, Floats]) -> list[dict[str, Any]]:
    """By fold: how well distance and probability tell fish from the rest, and what the threshold refuses."""
    found = []
    for fold in np.unique(fishcam.folds):
        learned = fishcam.folds != fold
        labels, weights = fishcam.labels[learned], fishcam.weights(learned)
        groups, mine = fishcam.fish[learned], seen.mean(axis=0)
        knows = taught.fit(mine[learned], labels, weights, SEED)
        held = taught.held_out_distances(mine[learned], labels, weights, groups, SEED)
        farthest = taught.threshold(held) if held is not None else None
        assert farthest is not None
        fish = knows.distances(mine[~learned]) / farthest
        part: dict[str, Any] = {"refused": float((fish > 1).mean())}
        head = logistic.fit(fishcam.features[:, learned], labels, weights, len(fishcam.classes), SEED)
        for name, (far, deep) in foreign.items():
            distances = knows.distances(far.mean(axis=0)) / farthest
            sure = softmax(head.logits(fishcam.features[:, ~learned].mean(axis=0))).max(axis=1)
            truth = np.r_[np.zeros(len(fish)), np.ones(len(distances))]
            part[name] = {
                "n": len(distances),
                "auroc": float(roc_auc_score(truth, np.r_[fish, distances])),
                "refused": float((distances > 1).mean()),
                "by_probability": float(
                    roc_auc_score(truth, -np.r_[sure, softmax(head.logits(deep.mean(axis=0))).max(axis=1)])
                ),
            }
        found.append(part)
    return found


def calibrated(fishcam: Fishcam) -> dict[str, Any]:
    """ECE on held-out fish, per photo and per fish, with one temperature and with both."""
    answered = np.zeros((len(fishcam.labels), len(fishcam.classes)))
    together = np.ones(len(fishcam.labels))
    for fold in np.unique(fishcam.folds):
        learned = fishcam.folds != fold
        labels, weights = fishcam.labels[learned], fishcam.weights(learned)
        features, groups = fishcam.features[:, learned], fishcam.fish[learned]
        head = logistic.fit(features, labels, weights, len(fishcam.classes), SEED)
        held = logistic.held_out_logits(features, labels, weights, groups, len(fishcam.classes), SEED)
        assert held is not None
        known = ~np.isnan(held).any(axis=1)
        warmth = calibrate.temperature(held[known], labels[known], weights[known])
        inner = softmax(held[known], warmth)
        together[~learned] = calibrate.together(inner, labels[known], groups[known])
        answered[~learned] = softmax(head.logits(fishcam.features[:, ~learned].mean(axis=0)), warmth)
    figures: dict[str, Any] = {}
    for name, temperature in (("one", np.ones_like(together)), ("both", together)):
        figures[name] = metrics.evaluate(
            answered,
            fishcam.labels,
            fishcam.fish.tolist(),
            fishcam.fish.tolist(),
            fishcam.classes,
            together=temperature,
        )
    return figures | {"together": sorted(set(together.round(2).tolist()))}


def table(parts: dict[str, list[dict[str, Any]]], figures: dict[str, Any]) -> str:
    lines = [
        "| features | photos of | n | AUROC of distance, by fold | refused, by fold | AUROC of probability |",
        "|---|---|---|---|---|---|",
    ]

    def row(values: list[float], scale: int = 1, digits: int = 3) -> str:
        return " ".join(f"{value * scale:.{digits}f}" for value in values)

    for features, folds in parts.items():
        refused = row([part["refused"] for part in folds], 100, 1)
        lines.append(f"| {features} | held-out fish | | | {refused} % | |")
        for name in FOREIGN:
            each = [part[name] for part in folds]
            lines.append(
                f"| {features} | {name} | {each[0]['n']} | {row([part['auroc'] for part in each])} "
                f"| {row([part['refused'] for part in each], 100, 0)} % "
                f"| {row([part['by_probability'] for part in each], digits=2)} |"
            )
    one, both = figures["one"], figures["both"]
    lines += [
        "",
        "| calibration error | per photo | per fish, photos' temperature | per fish, its own temperature |",
        "|---|---|---|---|",
        f"| points | {100 * one['photo']['ece']:.1f} | {100 * one['occurrence']['ece']:.1f} "
        f"| {100 * both['occurrence']['ece']:.1f} (temperatures {', '.join(map(str, figures['together']))}) |",
        f"| nats | {one['photo']['nll']:.3f} | {one['occurrence']['nll']:.3f} | {both['occurrence']['nll']:.3f} |",
    ]
    return "\n".join(lines)


def verdicts(parts: dict[str, list[dict[str, Any]]], figures: dict[str, Any]) -> list[str]:
    """What must hold, each with whether it does."""
    said = []
    for features, folds in parts.items():
        both = [part[name] for part in folds for name in list(FOREIGN)[:2]]
        lowest = min(each["auroc"] for each in both)
        refused = sum(each["refused"] * each["n"] for each in both) / sum(each["n"] for each in both)
        known = float(np.mean([part["refused"] for part in folds]))
        said.append(f"{holds(lowest >= 0.95)}: {features}: AUROC at least 0.95; the lowest is {lowest:.3f}.")
        said.append(
            f"{holds(refused >= 0.9 and known <= 0.05)}: {features}: {100 * refused:.0f} % of foreign photos "
            f"are refused (at least 90) and {100 * known:.1f} % of held-out fish (at most 5; mean of folds)."
        )
    for level, name in (("photo", "photo"), ("occurrence", "fish")):
        error = figures["both"][level]["ece"]
        said.append(
            f"{holds(error <= 0.05)}: calibration error per {name} {100 * error:.1f} points, at most 5."
        )
    return said


def holds(it: bool) -> str:
    return "holds" if it else "FAILS"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=Path(SAMPLE_DATA))
    parser.add_argument("--features", type=Path, help="keep what the network sees here (.npz)")
    asked = parser.parse_args()
    if not (asked.data / "fishcam" / "observations.csv").is_file():
        print(f"{asked.data} holds no fishcam/observations.csv.", file=sys.stderr)
        return 2
    os.nice(5)
    with (asked.data / "fishcam" / "observations.csv").open(encoding="utf-8", newline="") as file:
        fish = [asked.data / "fishcam" / row["file"] for row in csv.DictReader(file)]
    groups = {
        name: [path for each in globs for path in sorted(asked.data.glob(each))]
        for name, globs in FOREIGN.items()
    }
    if asked.features and asked.features.exists():
        seen = dict(np.load(asked.features))
    else:
        seen = look(list(dict.fromkeys([*fish, *(path for paths in groups.values() for path in paths)])))
        if asked.features:
            np.savez(asked.features, **seen)
    place = {name: number for number, name in enumerate(seen["names"].tolist())}
    ours = np.array([place[str(path)] for path in fish])
    data = Fishcam(asked.data, seen["deep"][:, ours])
    parts = {}
    for features in ("deep", "shallow"):
        foreign = {}
        for name, paths in groups.items():
            there = np.array([place[str(path)] for path in paths if str(path) in place])
            foreign[name] = (seen[features][:, there], seen["deep"][:, there])
        parts[features] = unknown(data, seen[features][:, ours], foreign)
    figures = calibrated(data)
    facts = verdicts(parts, figures)
    text = table(parts, figures) + "\n\n" + "\n".join(f"- {fact}" for fact in facts)
    print(text)
    when = datetime.now(UTC).date().isoformat()
    record("unknowns", f"Measured {when} with the frozen head.\n\n{text}")
    return 1 if any(fact.startswith("FAILS") for fact in facts) else 0


if __name__ == "__main__":
    sys.exit(main())
