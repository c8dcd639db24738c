"""Temperature and threshold on scores whose right answer is known."""

import numpy as np
import pytest

from ml.vision.calibrate import PRECISION, UNSURE, loss, temperature, threshold


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
