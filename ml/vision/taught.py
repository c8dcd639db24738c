"""What `ml.vision.known` measures by: fitted to the photos that a model was taught, its threshold to others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from ml.vision.known import Floats, Known

SHRINK = 0.5  # share of the sphere in the covariance
AXES = 256  # directions in which the covariance is kept; the rest of it is a sphere
REFUSED = 0.03  # share of held-out photos of known classes that may lie beyond the threshold
LIMIT = 5_000  # photos that are looked at; more change little
EPSILON = 1e-5


def fit(features: NDArray[Any], labels: NDArray[np.int64], weights: Floats, seed: int = 0) -> Known:
    """What is known from n x d `features` of photos of these `labels`; `weights` (n) is how much each counts."""
    if len(labels) > LIMIT:
        chosen = np.random.default_rng(seed).choice(len(labels), LIMIT, False, weights / weights.sum())
        features, labels, weights = features[chosen], labels[chosen], np.ones(LIMIT)
    values, share = np.asarray(features, np.float64), weights / weights.sum()
    centre = share @ values
    scale = np.sqrt(share @ np.square(values - centre) + EPSILON)
    standard = (values - centre) / scale
    shown, of = np.unique(labels, return_inverse=True)
    means = np.stack(
        [np.average(standard[of == place], 0, share[of == place]) for place in range(len(shown))]
    )
    apart = (standard - means[of]) * np.sqrt(share)[:, None]
    variances, axes = _axes(apart, AXES)
    width = values.shape[1]
    total = np.square(apart).sum()
    sphere = total / width
    left = max(0.0, total - variances.sum()) / max(1, width - len(variances))
    return Known(
        centre=centre,
        scale=scale,
        means=means,
        axes=axes,
        spread=(1 - SHRINK) * variances + SHRINK * sphere + EPSILON,
        rest=np.array([(1 - SHRINK) * left + SHRINK * sphere + EPSILON]),
    )


def held_out_distances(
    features: NDArray[Any],
    labels: NDArray[np.int64],
    weights: Floats,
    groups: NDArray[np.str_],
    seed: int,
    folds: int = 5,
) -> Floats | None:
    """Distance of every photo from what the others' groups show, n; None with fewer than two groups.

    NaN where they do not show the photo's class: it is unknown there.
    """
    folds = min(folds, len(np.unique(groups)))
    if folds < 2:
        return None
    found = np.zeros(len(labels))
    for train, test in GroupKFold(folds, shuffle=True, random_state=seed).split(labels, groups=groups):
        found[test] = fit(features[train], labels[train], weights[train], seed).distances(features[test])
        found[test[~np.isin(labels[test], labels[train])]] = np.nan
    return found


def threshold(distances: Floats) -> float | None:
    """Beyond which no more than REFUSED of the held-out `distances` (n) lie; None where none is a number."""
    measured = distances[np.isfinite(distances)]
    if not len(measured):
        return None
    return float(np.quantile(measured, 1 - REFUSED, method="higher"))


def _axes(apart: Floats, most: int) -> tuple[Floats, Floats]:
    """Variances along the main axes of n x d deviations, at most `most`, and these axes, k x d."""
    count, width = apart.shape
    # On busy cores, threads that wait for each other take many times as long.
    with threadpool_limits(1):
        if count < width:
            variances, sides = np.linalg.eigh(apart @ apart.T)
            chosen = np.argsort(-variances)[:most]
            chosen = chosen[variances[chosen] > EPSILON * max(variances.max(), EPSILON)]
            axes = (apart.T @ sides[:, chosen]) / np.sqrt(variances[chosen])
            return variances[chosen], np.ascontiguousarray(axes.T)
        variances, sides = np.linalg.eigh(apart.T @ apart)
        chosen = np.argsort(-variances)[:most]
        return np.maximum(variances[chosen], 0), np.ascontiguousarray(sides[:, chosen].T)
