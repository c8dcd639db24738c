"""Temperature and threshold on scores whose right answer is known."""

import numpy as np
import pytest

from ml.vision import metrics
from ml.vision.calibrate import ENOUGH, PRECISION, UNSURE, loss, temperature, threshold, together


@pytest.fixture(scope="module")
def honest() -> tuple[np.ndarray, np.ndarray]:
    """4000 answers whose softmax is exactly how often each class is true."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 2, (4000, 3)).astype(np.float32)
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (random.random((4000, 1)) > odds.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    return logits, labels


@pytest.mark.parametrize("too_sure", [0.5, 1.0, 3.0])
def test_temperature_undoes_overconfidence(honest, too_sure):
    logits, labels = honest
    found = temperature(logits * np.float32(too_sure), labels, np.ones(len(labels)))
    assert found == pytest.approx(too_sure, rel=0.08)


def test_weights_count_like_repetition(honest):
    logits, labels = honest[0][:40], honest[1][:40]
    times = np.arange(40) % 3 + 1
    repeated = temperature(np.repeat(logits, times, axis=0), np.repeat(labels, times), np.ones(times.sum()))
    assert temperature(logits, labels, times.astype(float)) == pytest.approx(repeated, rel=1e-3)


def test_loss_by_hand():
    logits = np.log(np.array([[0.5, 0.5], [0.8, 0.2]], np.float32))
    expected = -(np.log(0.5) + 3 * np.log(0.2)) / 4
    assert loss(logits, np.array([0, 1]), np.array([1.0, 3.0])) == pytest.approx(expected, rel=1e-5)


def test_above_the_threshold_answers_are_as_precise_as_asked():
    # 100 answers, more often right the surer they are.
    confidence = np.linspace(0.5, 1, 100)
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    labels = np.ones(100, int)
    labels[50:] = 0
    labels[20:50:2] = 0
    found = threshold(probabilities, labels, np.ones(100))
    sure = confidence >= found
    assert (labels[sure] == 0).mean() >= PRECISION
    assert (labels[confidence >= found - 0.02] == 0).mean() < PRECISION


def test_too_little_to_tell():
    probabilities = np.tile([0.9, 0.1], (19, 1))
    assert threshold(probabilities, np.zeros(19, int), np.ones(19)) == UNSURE
    never_right = np.tile([0.9, 0.1], (50, 1))
    assert threshold(never_right, np.ones(50, int), np.ones(50)) == UNSURE


def test_pooled_photos_say_too_little_and_their_own_temperature_undoes_it():
    """Five calibrated photos of one organism: their mean is right more often than it says."""
    random = np.random.default_rng(2)
    labels = np.repeat(random.integers(0, 3, 400), 5)
    hints = random.normal(0, 1, (2000, 3)) + 1.2 * np.eye(3)[labels]
    odds = np.exp(1.2 * hints)
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    fish = np.repeat([f"fish {place}" for place in range(400)], 5)
    pooled, first, _ = metrics.pool(probabilities, fish.tolist())
    before = metrics.calibration(pooled, labels[first])["ece"]
    warmth = together(probabilities, labels, fish)
    after = metrics.calibration(metrics.tempered(pooled, warmth), labels[first])["ece"]
    assert warmth < 1 and before > 0.1 and after < before / 2


def test_too_few_organisms_decide_no_temperature():
    probabilities, labels = np.tile([0.6, 0.4], (ENOUGH, 1)), np.zeros(ENOUGH, int)
    few = np.array(["fish"] * 2 + [f"fish {place}" for place in range(ENOUGH - 2)])
    assert together(probabilities, labels, few) == 1.0
    assert together(probabilities, labels, np.array([str(place) for place in range(ENOUGH)])) < 1
