"""The head a fine-tuning starts from: a logistic regression on what the frozen body sees.

It is the exact optimum that epochs of training a linear head only approach, takes seconds, and on a few
hundred photos is hard to beat: a quick fine-tune from a random head ends below it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float32]
EPSILON = 1e-5  # as torch's BatchNorm1d adds to the variance, so that the head computes the very same logits
PENALTY = 0.01  # sklearn's C on standardised features
LIMIT = 20_000  # photos the fit looks at; more changes little and takes minutes
ABSENT = -12.0  # bias of a class that no training photo shows: never the answer


@dataclass(frozen=True)
class LogisticHead:
    """logits = (features - mean) / sqrt(variance + EPSILON) @ weight.T + bias."""

    mean: Floats  # d
    variance: Floats  # d
    weight: Floats  # c x d
    bias: Floats  # c

    def logits(self, features: Floats) -> Floats:
        """Scores, n x c, of features, n x d."""
        scaled = (features - self.mean) / np.sqrt(self.variance + EPSILON)
        scores: Floats = scaled @ self.weight.T + self.bias
        return scores


def fit(
    features: Floats, labels: NDArray[np.int64], weights: NDArray[np.float64], classes: int, seed: int
) -> LogisticHead:
    """The head fitted to `features`, views x n x d (a photo and its mirror image count as one photo).

    `labels` (n) are positions in `classes`; `weights` (n) say how much each photo counts.
    """
    if len(labels) > LIMIT:
        chosen = np.random.default_rng(seed).choice(
            len(labels), LIMIT, replace=False, p=weights / weights.sum()
        )
        features, labels, weights = features[:, chosen], labels[chosen], np.ones(LIMIT)
    views = len(features)
    stacked = features.reshape(-1, features.shape[-1])
    mean, variance = stacked.mean(axis=0), stacked.var(axis=0)
    present = np.unique(labels)
    weight = np.zeros((classes, stacked.shape[1]), np.float32)
    bias = np.full(classes, ABSENT, np.float32)
    if len(present) == 1:
        bias[present] = 0
        return LogisticHead(mean, variance, weight, bias)
    model = LogisticRegression(C=PENALTY, max_iter=500)
    # Each of its hundreds of multiplications is small: on busy cores, threads that wait for each other took
    # sixteen times as long.
    with threadpool_limits(1):
        model.fit(
            (stacked - mean) / np.sqrt(variance + EPSILON),
            np.tile(labels, views),
            # Mean 1 over photos, so that PENALTY means the same for ten photos and for ten thousand.
            sample_weight=np.tile(weights * len(weights) / weights.sum(), views),
        )
    if len(present) == 2:
        # sklearn keeps one row for two classes; half for, half against gives the same probabilities.
        weight[present] = np.stack([-model.coef_[0], model.coef_[0]]) / 2
        bias[present] = np.stack([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        weight[present], bias[present] = model.coef_, model.intercept_
    return LogisticHead(mean, variance, weight, bias)


def held_out_logits(
    features: Floats,
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    groups: NDArray[np.str_],
    classes: int,
    seed: int,
    folds: int = 5,
) -> Floats | None:
    """Scores, n x c, of every photo by a head that saw none of its group; None with fewer than two groups.

    NaN where that head did not see the photo's class either: there is nothing to calibrate by.
    """
    folds = min(folds, len(np.unique(groups)))
    if folds < 2:
        return None
    scores = np.zeros((len(labels), classes), np.float32)
    for train, test in GroupKFold(folds, shuffle=True, random_state=seed).split(labels, groups=groups):
        head = fit(features[:, train], labels[train], weights[train], classes, seed)
        scores[test] = head.logits(features[:, test].mean(axis=0))
        scores[test[~np.isin(labels[test], labels[train])]] = np.nan
    return scores
