"""Measures of agreement against worked examples that were published."""

import random

import pytest

from labeling.consensus import concord

# K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C: four observers, twelve units, gaps.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
UNITS = [[each for each in unit if each != "."] for unit in zip(*map(str.split, OBSERVERS), strict=True)]
# Example A: two observers, two values.
MEG, OWEN = "0100000010", "1110010000"


def test_alpha_is_as_krippendorff_computed_it():
    assert round(concord.alpha(UNITS), 3) == 0.743
    assert round(concord.alpha(list(zip(MEG, OWEN, strict=True))), 3) == 0.095


def test_kappa_is_as_in_the_textbook():
    """Fifty proposals, two readers: 20 yes and yes, 5 yes and no, 10 no and yes, 15 no and no."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert concord.kappa(pairs) == pytest.approx(0.4)


def test_wilson_is_as_newcombe_computed_it():
    """R. G. Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    found = [concord.wilson(*each) for each in ((81, 263), (15, 148), (0, 20), (1, 29))]
    assert [(round(each.low, 4), round(each.high, 4)) for each in found] == [
        (0.2553, 0.3662),
        (0.0624, 0.1605),
        (0.0, 0.1611),
        (0.0061, 0.1718),
    ]


def test_what_says_nothing_has_no_number():
    assert concord.alpha([]) is None and concord.alpha([["a"], ["b"]]) is None
    assert concord.alpha([["a", "a"]] * 5) is None, "chance explains all of it"
    assert concord.kappa([]) is None and concord.kappa([("a", "a")]) is None
    assert concord.wilson(0, 0).value is None and concord.quantile([], 0.5) is None
    assert concord.bootstrapped([], concord.alpha).value is None


def test_agreement_is_one_and_chance_is_nought():
    chance = random.Random(1)
    assert concord.alpha([["a", "a"], ["b", "b", "b"]]) == 1
    guessed = [[chance.choice("abc"), chance.choice("abc")] for _ in range(20000)]
    assert abs(concord.alpha(guessed)) < 0.02 and abs(concord.kappa([tuple(each) for each in guessed])) < 0.02


def test_an_interval_holds_the_value_is_the_same_again_and_narrows_with_more():
    chance = random.Random(2)
    units = [["a", "a" if chance.random() < 0.8 else "b"] for _ in range(200)]
    units += [["b", "b" if chance.random() < 0.8 else "a"] for _ in range(200)]
    few, many = concord.bootstrapped(units, concord.alpha), concord.bootstrapped(units * 20, concord.alpha)
    assert few.low < few.value < few.high and few == concord.bootstrapped(units, concord.alpha)
    assert many.value == pytest.approx(few.value, abs=0.01)
    assert many.high - many.low < (few.high - few.low) / 3


def test_quantiles():
    assert [concord.quantile(range(1, 11), share) for share in (0.5, 0.9, 1, 0)] == [5, 9, 10, 1]
