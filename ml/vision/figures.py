"""Figures of a training's answers about photos that it did not learn from, as `metrics.json` has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.vision import metrics
from ml.vision.fold import Indices, Trained, Trainer
from ml.vision.training_manifest import Manifest

Probabilities = NDArray[np.float64]


def evaluate(
    manifest: Manifest,
    trainer: Trainer,
    probabilities: Probabilities,
    indices: Indices,
    together: float | Probabilities = 1.0,
) -> dict[str, Any]:
    return metrics.evaluate(
        probabilities,
        trainer.labels[indices],
        trainer.occurrences[indices].tolist(),
        trainer.groups[indices].tolist(),
        manifest.classes,
        together=together,
        bootstrap=manifest.options.bootstrap,
        seed=manifest.options.seed,
    )


def figures(
    manifest: Manifest,
    trainer: Trainer,
    probabilities: Probabilities,
    indices: Indices,
    trained: Trained,
    distances: Probabilities | None = None,
) -> dict[str, Any]:
    """Figures of answers about the photos at `indices`, of those of them that reach the threshold, and of those that
    are too far away to be named: wrongly, since their classes were taught."""
    return {
        **evaluate(manifest, trainer, probabilities, indices, trained.together),
        "sure": sure(trainer, probabilities, indices, trained.threshold),
        "refused": None if distances is None else refused(distances),
    }


def sure(
    trainer: Trainer, probabilities: Probabilities, indices: Indices, threshold: float | Probabilities
) -> dict[str, Any]:
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == trainer.labels[indices]
    return {
        "share": float(sure.mean()),
        "accuracy": float(right[sure].mean()) if sure.any() else None,
    }


def refused(distances: Probabilities) -> float | None:
    """Share of `distances` that are beyond 1; None where none was measured."""
    measured = distances[~np.isnan(distances)]
    return float((measured > 1).mean()) if len(measured) else None


def over_folds(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean accuracy of the folds' `parts`, and the lowest and highest per photo."""
    accuracies = {level: [part[level]["accuracy"] for part in parts] for level in ("photo", "occurrence")}
    return {
        "fold_mean": {level: float(np.mean(values)) for level, values in accuracies.items()},
        "fold_range": [min(accuracies["photo"]), max(accuracies["photo"])],
    }


def against(
    trainer: Trainer,
    before: Probabilities,
    after: Probabilities,
    indices: Indices,
    together: float | Probabilities,
) -> dict[str, Any]:
    """What `after` is better by than the frozen head's answers `before`, on the same photos."""
    return metrics.paired(
        before,
        after,
        trainer.labels[indices],
        trainer.occurrences[indices].tolist(),
        trainer.groups[indices].tolist(),
        together=together,
        bootstrap=trainer.options.bootstrap,
        seed=trainer.options.seed,
    )


def by_seed(
    manifest: Manifest, trainer: Trainer, alone: dict[int, Probabilities], indices: Indices
) -> list[dict[str, Any]]:
    """What each seed is right about by itself, side by side."""
    rows = []
    for seed, probabilities in alone.items():
        measured = evaluate(manifest, trainer, probabilities, indices)
        photo, occurrence = measured["photo"], measured["occurrence"]
        rows.append(
            {
                "seed": seed,
                "photo": photo["accuracy"],
                "occurrence": occurrence["accuracy"],
                "photos_right": occurrence["photos_right"],
                "nll": occurrence["nll"],
            }
        )
    return rows
