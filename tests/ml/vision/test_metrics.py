"""Figures against ones computed by hand."""

import numpy as np
import pytest

from ml.vision import metrics

CLASSES = ("a", "b", "c")
# Occurrence X (truth a) has three photos: two weakly b, one strongly a; pooled it is a.
PROBABILITIES = np.array(
    [
        [0.42, 0.58, 0.00],  # X: wrong
        [0.42, 0.58, 0.00],  # X: wrong
        [0.90, 0.10, 0.00],  # X: right
        [0.18, 0.82, 0.00],  # Y, truth b: right
        [0.68, 0.22, 0.10],  # Z, truth b: wrong
    ]
)
LABELS = np.array([0, 0, 0, 1, 1])


@pytest.fixture(scope="module")
def figures() -> dict:
    return metrics.evaluate(PROBABILITIES, LABELS, list("XXXYZ"), ["g1", "g1", "g1", "g2", "g3"], CLASSES)


def test_per_photo(figures):
    photo = figures["photo"]
    assert photo["n"] == 5 and photo["groups"] == 3
    assert photo["confusion"] == [[1, 2, 0], [1, 1, 0], [0, 0, 0]]
    assert photo["accuracy"] == pytest.approx(2 / 5)
    # Class c does not occur, so it is no part of any mean.
    assert photo["balanced_accuracy"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    # F1 of a: 2·1/(3 + 2); of b: 2·1/(2 + 3).
    assert photo["macro_f1"] == pytest.approx(0.4)
    assert photo["per_class"]["a"] == {
        "n": 3,
        "precision": pytest.approx(1 / 2),
        "recall": pytest.approx(1 / 3),
        "f1": pytest.approx(0.4),
    }
    assert photo["per_class"]["c"] == {"n": 0, "precision": None, "recall": None, "f1": None}


def test_per_occurrence_sums_probabilities(figures):
    occurrence = figures["occurrence"]
    assert occurrence["n"] == 3
    # X by majority would be b; summed, 1.74 against 1.26, it is a.
    assert occurrence["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert occurrence["accuracy"] == pytest.approx(2 / 3)
    # Confidences 0.58, 0.82 and 0.68, of which the last is wrong.
    assert occurrence["ece"] == pytest.approx((0.42 + 0.18 + 0.68) / 3)


def test_calibration_error_per_photo(figures):
    # Two at 0.58 in one bin, none right; 0.9 and 0.82 right; 0.68 wrong.
    assert figures["photo"]["ece"] == pytest.approx((2 * 0.58 + 0.1 + 0.18 + 0.68) / 5)
    assert figures["photo"]["bins"][5] == {"n": 2, "confidence": pytest.approx(0.58), "accuracy": 0.0}
    assert figures["photo"]["bins"][0] == {"n": 0, "confidence": None, "accuracy": None}


def test_the_order_of_photos_does_not_matter(figures):
    turned = metrics.evaluate(
        PROBABILITIES[::-1], LABELS[::-1], list("ZYXXX"), ["g3", "g2", "g1", "g1", "g1"], CLASSES
    )
    for level in ("photo", "occurrence"):
        assert turned[level]["confusion"] == figures[level]["confusion"]
        assert turned[level]["intervals"] == figures[level]["intervals"]


def test_intervals_are_over_groups_not_photos():
    # Two groups of 50 alike photos, one all right, one all wrong: of two groups anything may come up.
    probabilities = np.tile([0.9, 0.1], (100, 1))
    labels = np.repeat([0, 1], 50)
    groups = np.repeat(["g1", "g2"], 50).astype(str)
    photos = [str(number) for number in range(100)]
    by_group = metrics.evaluate(probabilities, labels, photos, groups.tolist(), ("a", "b"))
    assert by_group["photo"]["intervals"]["accuracy"] == [0.0, 1.0]
    by_photo = metrics.evaluate(probabilities, labels, photos, photos, ("a", "b"))
    low, high = by_photo["photo"]["intervals"]["accuracy"]
    assert 0.38 < low < 0.43 and 0.57 < high < 0.62


def test_one_group_has_no_interval():
    figures = metrics.evaluate(PROBABILITIES, LABELS, list("XXXYZ"), ["g"] * 5, CLASSES)
    assert figures["photo"]["intervals"] == {"accuracy": None, "macro_f1": None, "balanced_accuracy": None}


def test_the_same_seed_gives_the_same_interval(figures):
    again = metrics.evaluate(PROBABILITIES, LABELS, list("XXXYZ"), ["g1", "g1", "g1", "g2", "g3"], CLASSES)
    assert again == figures


def test_what_does_not_go_together_is_refused():
    with pytest.raises(ValueError, match="do not go together"):
        metrics.evaluate(PROBABILITIES, LABELS[:4], list("XXXYZ"), ["g"] * 5, CLASSES)
    with pytest.raises(ValueError, match="do not go together"):
        metrics.evaluate(PROBABILITIES, LABELS, list("XXXYZ"), ["g"] * 5, ("a", "b"))


def test_an_organism_with_many_photos_counts_once():
    probabilities = np.array([[0.9, 0.1]] * 8 + [[0.8, 0.2], [0.3, 0.7]])
    labels, fish = np.array([1] * 8 + [0, 1]), ["a"] * 8 + ["b", "c"]
    measured = metrics.evaluate(probabilities, labels, fish, fish, ["x", "y"], bootstrap=20)
    assert measured["photo"]["accuracy"] == pytest.approx(0.2)
    assert measured["occurrence"]["photos_right"] == pytest.approx(2 / 3)
    expected = -np.log([0.1, 0.8, 0.7]).mean()
    assert measured["occurrence"]["nll"] == pytest.approx(expected)


def test_a_temperature_of_the_occurrence_changes_how_sure_it_is_and_not_what_it_says():
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    labels, fish = np.array([0, 0, 1]), ["a", "a", "b"]
    plain, sharp = (
        metrics.evaluate(probabilities, labels, fish, fish, ["x", "y"], together=warmth, bootstrap=20)
        for warmth in (1.0, np.array([0.5, 0.5, 1.0]))
    )
    assert plain["photo"] == sharp["photo"]
    assert plain["occurrence"]["confusion"] == sharp["occurrence"]["confusion"]
    # 0.65 : 0.35 at half the temperature is 0.65 squared to 0.35 squared.
    said = -np.log([0.65**2 / (0.65**2 + 0.35**2), 0.8])
    assert sharp["occurrence"]["nll"] == pytest.approx(said.mean())


class TestPaired:
    """Two models on the same photos: the difference, and by how much groups alone move it."""

    LABELS = np.array([0, 1] * 20)
    FISH = [f"fish {place}" for place in range(40)]

    def answers(self, right: np.ndarray) -> np.ndarray:
        truth = np.eye(2)[self.LABELS]
        return np.where(right[:, None], 0.8 * truth + 0.2 * (1 - truth), 0.8 * (1 - truth) + 0.2 * truth)

    def test_the_same_answers_do_not_differ(self):
        same = self.answers(np.arange(40) % 3 > 0)
        found = metrics.paired(same, same, self.LABELS, self.FISH, self.FISH)
        assert all(each["difference"] == 0 and each["interval"] == [0, 0] for each in found.values())

    def test_what_is_better_everywhere_is_better_in_every_sample(self):
        worse, better = self.answers(np.arange(40) % 2 > 0), self.answers(np.ones(40, bool))
        found = metrics.paired(worse, better, self.LABELS, self.FISH, self.FISH)
        assert found["photo"]["difference"] == pytest.approx(0.5) and found["photo"]["interval"][0] > 0.2
        assert found["nll"]["difference"] < 0 and found["nll"]["interval"][1] < 0

    def test_frames_of_one_fish_are_no_evidence(self):
        """Better on one fish of a hundred frames, worse on none: the interval reaches to 0."""
        labels, fish = np.zeros(110, int), ["one"] * 100 + [f"fish {place}" for place in range(10)]
        before, after = np.tile([0.4, 0.6], (110, 1)), np.tile([0.4, 0.6], (110, 1))
        after[:100] = [0.6, 0.4]
        found = metrics.paired(before, after, labels, fish, fish)
        assert found["photo"]["difference"] == pytest.approx(100 / 110) and found["photo"]["interval"][0] == 0
        assert found["photos_right"]["difference"] == pytest.approx(1 / 11)

    def test_one_group_says_nothing(self):
        answers = self.answers(np.ones(40, bool))
        assert (
            metrics.paired(answers, answers, self.LABELS, self.FISH, ["one"] * 40)["photo"]["interval"]
            is None
        )
