"""The logistic head: what it learns, and classes that training never showed."""

import numpy as np
import pytest

from ml.vision import logistic


@pytest.fixture(scope="module")
def clouds() -> tuple[np.ndarray, np.ndarray]:
    """Two views of 90 points around three centres in 8 dimensions."""
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 30)
    points = np.eye(8)[labels] * 6 + random.normal(0, 1, (2, 90, 8))
    return points.astype(np.float32), labels


def test_it_tells_clouds_apart(clouds):
    features, labels = clouds
    head = logistic.fit(features, labels, np.ones(90), 3, seed=1)
    assert (head.logits(features[0]).argmax(axis=1) == labels).mean() > 0.95


def test_a_class_without_photos_is_never_the_answer(clouds):
    features, labels = clouds
    head = logistic.fit(features, labels, np.ones(90), 5, seed=1)
    assert head.logits(features[0]).shape == (90, 5)
    assert set(head.logits(features[0] * 10).argmax(axis=1)) <= {0, 1, 2}


def test_two_classes_of_three(clouds):
    features, labels = clouds
    only = labels != 1
    head = logistic.fit(features[:, only], labels[only], np.ones(only.sum()), 3, seed=1)
    assert (head.logits(features[0, only]).argmax(axis=1) == labels[only]).mean() > 0.95


def test_weights_decide_between_contradicting_photos():
    features = np.zeros((1, 20, 4), np.float32)
    features[0, :, 0] = np.arange(20) % 2
    labels = np.repeat([0, 1], 10)
    weights = np.where(labels == 1, 9.0, 1.0)
    head = logistic.fit(features, labels, weights, 2, seed=1)
    assert set(head.logits(features[0]).argmax(axis=1)) == {1}


def test_held_out_scores_come_from_heads_that_did_not_see_the_group(clouds):
    features, labels = clouds
    # Noise with one label per group: a head that saw the group knows the label, one that did not cannot.
    noise = np.random.default_rng(2).normal(0, 1, (2, 30, 200)).astype(np.float32)
    noise = np.repeat(noise, 3, axis=1)
    groups = np.repeat([f"g{number}" for number in range(30)], 3)
    of = np.repeat(np.random.default_rng(3).integers(0, 3, 30), 3)
    seen = logistic.fit(noise, of, np.ones(90), 3, seed=1).logits(noise.mean(axis=0))
    assert (seen.argmax(axis=1) == of).mean() > 0.95
    unseen = logistic.held_out_logits(noise, of, np.ones(90), groups, 3, seed=1)
    assert (unseen.argmax(axis=1) == of).mean() < 0.6
    assert logistic.held_out_logits(features, labels, np.ones(90), np.array(["g"] * 90), 3, seed=1) is None


def test_nothing_is_scored_by_a_head_that_never_saw_the_class(clouds):
    features, labels = clouds
    groups = np.array([f"g{label}" if label == 2 else f"g{label}{n % 3}" for n, label in enumerate(labels)])
    scores = logistic.held_out_logits(features, labels, np.ones(len(labels)), groups, 3, seed=1)
    assert np.isnan(scores[labels == 2]).all() and not np.isnan(scores[labels != 2]).any()
