"""How good answers are: per photo, and per occurrence with its photos' probabilities summed.

Intervals are percentile bootstraps over groups (one trip, one video), never over photos: photos of one group
are near-copies, and resampling them one by one would make every interval too narrow. numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
FLOOR = 1e-12  # a probability of 0 would be an infinite error
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def evaluate(
    probabilities: Floats,
    labels: Ints,
    occurrences: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[str],
    *,
    together: float | Floats = 1.0,
    bootstrap: int = 1000,
    seed: int = 1,
) -> dict[str, Any]:
    """Figures of n answers, as JSON: `{"photo": {…}, "occurrence": {…}}`, each as `summary` says.

    `probabilities` is n x c, rows summing to 1; `labels` holds n positions in `classes` (c names). `together` is the
    temperature of an occurrence's pooled photos (n, or one for all). An occurrence's label, group and temperature are
    those of its first photo; `photos_right` is the mean share of an occurrence's photos that are answered rightly, so
    that one with a hundred photos counts once. Raises ValueError where shapes disagree.
    """
    n, c = probabilities.shape
    if not n or not (len(labels) == len(occurrences) == len(groups) == n) or len(classes) != c:
        raise ValueError(
            f"{n} x {c} probabilities, {len(labels)} labels, {len(occurrences)} occurrences, "
            f"{len(groups)} groups and {len(classes)} classes do not go together."
        )
    pooled, first, members = pool(probabilities, occurrences)
    pooled = tempered(pooled, np.broadcast_to(together, n)[first])
    of_group = np.asarray(groups)
    right = np.bincount(members, probabilities.argmax(axis=1) == labels) / np.bincount(members)
    return {
        "photo": summary(probabilities, labels, of_group, classes, bootstrap=bootstrap, seed=seed),
        "occurrence": summary(pooled, labels[first], of_group[first], classes, bootstrap=bootstrap, seed=seed)
        | {"photos_right": float(right.mean())},
    }


def pool(probabilities: Floats, occurrences: Sequence[str]) -> tuple[Floats, Ints, Ints]:
    """Mean probabilities of each occurrence's photos (o x c), its first photo (o), and each photo's occurrence (n)."""
    kept, members = np.unique(np.asarray(occurrences), return_inverse=True)
    first = np.full(len(kept), len(members))
    np.minimum.at(first, members, np.arange(len(members)))
    pooled = np.zeros((len(kept), probabilities.shape[1]))
    np.add.at(pooled, members, probabilities)
    return pooled / pooled.sum(axis=1, keepdims=True), first, members


def tempered(probabilities: Floats, temperature: float | Floats) -> Floats:
    """Rows of probabilities (n x c) at a temperature (n, or one for all): sharper below 1."""
    powers = np.log(np.maximum(probabilities, FLOOR)) / np.reshape(temperature, (-1, 1))
    raised = np.exp(powers - powers.max(axis=1, keepdims=True))
    made: Floats = raised / raised.sum(axis=1, keepdims=True)
    return made


def paired(
    before: Floats,
    after: Floats,
    labels: Ints,
    occurrences: Sequence[str],
    groups: Sequence[str],
    *,
    together: float | Floats = 1.0,
    bootstrap: int = 1000,
    seed: int = 1,
) -> dict[str, dict[str, Any]]:
    """By how much answers `after` differ from answers `before` about the same photos (n x c each).

    `photo` (share right), `photos_right` and `occurrence` (share right) and `nll` (per occurrence, nats), each with
    `before`, `after`, their `difference` and its `interval`: 95 %, by resampling groups, both sides alike; None where
    there is one group. `together` as in `evaluate`.
    """
    _, names = np.unique(np.asarray(groups), return_inverse=True)
    warmth = np.broadcast_to(together, len(labels))
    sides: dict[str, list[Floats]] = {"photo": [], "photos_right": [], "occurrence": [], "nll": []}
    for probabilities in (before, after):
        pooled, first, members = pool(probabilities, occurrences)
        pooled = tempered(pooled, warmth[first])
        right = (probabilities.argmax(axis=1) == labels).astype(float)
        truth = labels[first]
        sides["photo"].append(right)
        sides["photos_right"].append(np.bincount(members, right) / np.bincount(members))
        sides["occurrence"].append((pooled.argmax(axis=1) == truth).astype(float))
        sides["nll"].append(-np.log(np.maximum(pooled[np.arange(len(truth)), truth], FLOOR)))
    count = int(names.max()) + 1
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=bootstrap)
    found = {}
    for name, (old, new) in sides.items():
        of = names if name == "photo" else names[first]
        gained, number = np.bincount(of, new - old, count), np.bincount(of, minlength=count)
        resampled = (times @ gained) / np.maximum(times @ number, 1)
        edges = [float(edge) for edge in np.percentile(resampled, (2.5, 97.5))]
        found[name] = {
            "before": float(old.mean()),
            "after": float(new.mean()),
            "difference": float((new - old).mean()),
            "interval": edges if count > 1 else None,
        }
    return found


def summary(
    probabilities: Floats,
    labels: Ints,
    groups: NDArray[Any],
    classes: Sequence[str],
    *,
    bootstrap: int = 1000,
    seed: int = 1,
) -> dict[str, Any]:
    """`n`, `groups`, `accuracy`, `macro_f1`, `balanced_accuracy` with `intervals` (95 %, [low, high]),
    `per_class`, `confusion` (rows: truth, columns: answer; in the order of `classes`), `nll` (mean negative
    log-likelihood, nats), `ece`, `bins`.

    Macro-F1 and balanced accuracy are means over the classes that occur in the truth.
    """
    answers = probabilities.argmax(axis=1)
    names, of = np.unique(groups, return_inverse=True)
    c = len(classes)
    by_group = np.zeros((len(names), c, c))
    np.add.at(by_group, (of, labels, answers), 1)
    confusion = by_group.sum(axis=0)
    figures = {name: float(value[0]) for name, value in scores(confusion[None]).items()}
    return {
        "n": len(labels),
        "groups": len(names),
        **figures,
        "intervals": intervals(by_group, bootstrap=bootstrap, seed=seed),
        "per_class": per_class(confusion, classes),
        "confusion": confusion.astype(int).tolist(),
        "nll": float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], FLOOR)).mean()),
        **calibration(probabilities, labels),
    }


def scores(confusions: Floats) -> dict[str, Floats]:
    """Accuracy, macro-F1 and balanced accuracy of b confusion matrices (b x c x c, rows: truth)."""
    right = np.diagonal(confusions, axis1=1, axis2=2)
    truth, answered = confusions.sum(axis=2), confusions.sum(axis=1)
    occurs = truth > 0
    recall = right / np.where(occurs, truth, 1)
    f1 = 2 * right / np.where(truth + answered > 0, truth + answered, 1)
    present = np.maximum(occurs.sum(axis=1), 1)
    total = np.maximum(truth.sum(axis=1), 1)
    return {
        "accuracy": right.sum(axis=1) / total,
        "macro_f1": np.where(occurs, f1, 0).sum(axis=1) / present,
        "balanced_accuracy": np.where(occurs, recall, 0).sum(axis=1) / present,
    }


def intervals(by_group: Floats, *, bootstrap: int, seed: int) -> dict[str, list[float] | None]:
    """95 % intervals from confusion matrices per group (g x c x c); None where one group says nothing."""
    count = len(by_group)
    if count < 2:
        return dict.fromkeys(("accuracy", "macro_f1", "balanced_accuracy"))
    random = np.random.default_rng(seed)
    times = random.multinomial(count, np.full(count, 1 / count), size=bootstrap).astype(float)
    resampled = np.einsum("bg,gij->bij", times, by_group)
    return {
        name: [float(edge) for edge in np.percentile(values, (2.5, 97.5))]
        for name, values in scores(resampled).items()
    }


def per_class(confusion: Floats, classes: Sequence[str]) -> dict[str, dict[str, float | int | None]]:
    """Precision, recall, F1 and `n` (how many there are) of each class; None where nothing defines it."""
    table: dict[str, dict[str, float | int | None]] = {}
    for place, name in enumerate(classes):
        right = float(confusion[place, place])
        truth, answered = float(confusion[place].sum()), float(confusion[:, place].sum())
        table[name] = {
            "n": int(truth),
            "precision": right / answered if answered else None,
            "recall": right / truth if truth else None,
            "f1": 2 * right / (truth + answered) if truth + answered else None,
        }
    return table


def calibration(probabilities: Floats, labels: Ints) -> dict[str, Any]:
    """`ece`, the expected calibration error of the top answer over ten equal bins (0 = what it says is how
    often it is right), and the `bins` behind it: n, mean confidence, accuracy (None in an empty bin).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    # The right edge belongs to the bin, as in Guo et al. 2017; a confidence of 0 to the first.
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins: list[dict[str, Any]] = []
    error = 0.0
    for number in range(BINS):
        inside = place == number
        count = int(inside.sum())
        said = float(confidence[inside].mean()) if count else None
        held = float(right[inside].mean()) if count else None
        bins.append({"n": count, "confidence": said, "accuracy": held})
        if said is not None and held is not None:
            error += count / len(labels) * abs(said - held)
    return {"ece": error, "bins": bins}
