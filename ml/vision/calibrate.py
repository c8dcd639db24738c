"""From scores to honest probabilities: a temperature for photos, one for occurrences, when to be unsure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ml.vision import metrics
from ml.vision.session import softmax

COLDEST, HOTTEST = 0.05, 20.0
UNSURE = 0.5  # threshold where too little is known to fit one
PRECISION = 0.8  # how often an answer at or above the threshold is to be right
ENOUGH = 20  # answers a fitted threshold must rest on


def loss(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    temperature: float = 1,
) -> float:
    """Weighted mean negative log-likelihood, in nats, of n x c `logits` divided by `temperature`."""
    chosen = softmax(logits, temperature)[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(chosen, 1e-12)), weights=weights))


def temperature(
    logits: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    """What to divide held-out `logits` (n x c) by, for the least `loss`; above 1 where they overstate."""
    found = minimize_scalar(
        lambda power: loss(logits, labels, weights, float(np.exp(power))),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def together(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], occurrences: NDArray[np.str_]
) -> float:
    """The temperature that the pooled photos of an occurrence need, fitted to held-out ones (n x c calibrated answers).

    Below 1: pooling calibrated photos understates. 1 where fewer than ENOUGH occurrences would decide it.
    """
    pooled, first, _ = metrics.pool(probabilities, occurrences.tolist())
    if len(first) < ENOUGH:
        return 1.0
    scores = np.log(np.maximum(pooled, metrics.FLOOR))
    return temperature(scores.astype(np.float32), labels[first], np.ones(len(first)))


def threshold(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    """The lowest confidence from which on held-out answers are right `PRECISION` of the time, by weight.

    UNSURE where fewer than ENOUGH answers, or none that precise, would be left.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order] * weights[order]
    precision = np.cumsum(right) / np.cumsum(weights[order])
    good = np.flatnonzero(precision >= PRECISION)
    good = good[good >= ENOUGH - 1]
    return float(confidence[order][good[-1]]) if len(good) else UNSURE
