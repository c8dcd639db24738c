"""The measure against one made by another road: all assignments of right names, summed one by one."""

import itertools
import random

import pytest

from labeling.consensus import decide
from labeling.consensus.reliability import FEWEST, STRENGTH, Item, measure, posterior
from labeling.consensus.votes import PLAIN, Reliability, Vote
from tests.labeling.consensus.voting import TREE


def by_hand(answers, values):
    """Bayes over "it is this name" and "it is none", for names that exclude each other."""
    names = list(dict.fromkeys(taxon for _, taxon in answers))
    worlds = [*names, None]
    weights = {}
    for world in worlds:
        weight = 1.0
        for (_, taxon), value in zip(answers, values, strict=True):
            weight *= value if taxon == world else (1 - value) / len(names)
        weights[world] = weight
    return {name: weights[name] / sum(weights.values()) for name in names}


def one_coin(items, people, rounds=60):
    """EM with a coin per person and no clades, in dictionaries."""
    coins = dict.fromkeys(people, 0.8)
    for _ in range(rounds):
        right, asked = dict.fromkeys(people, 0.0), dict.fromkeys(people, 0)
        for answers in items:
            likely = by_hand(answers, [min(max(coins[who], 0.05), 0.99) for who, _ in answers])
            for who, taxon in answers:
                right[who] += likely[taxon]
                asked[who] += 1
        coins = {who: (right[who] + STRENGTH * 0.8) / (asked[who] + STRENGTH) for who in people}
    return coins


@pytest.mark.parametrize("taxa", list(itertools.product(["brown", "salmon", "rainbow"], repeat=3)))
def test_how_likely_a_name_is_follows_from_all_that_it_may_be(taxa):
    answers, values = list(enumerate(taxa)), [0.9, 0.7, 0.6]
    assert posterior(answers, values, TREE) == pytest.approx(by_hand(answers, values))


def test_a_coarser_name_fits_whatever_is_finer():
    found = posterior([(0, "salmo"), (1, "brown"), (2, "rainbow")], [0.9, 0.8, 0.8], TREE)
    assert set(found) == {"brown", "rainbow"} and found["brown"] > 0.8


def test_coins_are_those_of_an_em_without_clades():
    """In one clade each, with fewer answers in every finer one than count by themselves."""
    chance = random.Random(5)
    items = []
    for _ in range(FEWEST - 1):
        items.append([(who, chance.choice(["brown", "rainbow", "reed"])) for who in range(6)])
    # Everything said lies in two trees of names: a coin for each.
    fishes = [[(who, taxon) for who, taxon in answers if taxon != "reed"] for answers in items]
    fishes = [answers for answers in fishes if len(answers) > 1]
    expected = one_coin(fishes, range(6))
    found = measure([Item(answers) for answers in fishes], TREE)
    for who in {who for answers in fishes for who, _ in answers}:
        assert found.table[who, "fishes"].value == pytest.approx(expected[who], abs=2e-3)


def crowd(seed, skills, organisms=150):
    chance = random.Random(seed)
    leaves = ["brown", "salmon", "brook", "lake", "rainbow", "cutthroat"]
    items, truths = [], []
    for _ in range(organisms):
        truth = chance.choice(leaves)
        answers = []
        for who, skill in enumerate(skills):
            if chance.random() < 0.6:
                wrong = [leaf for leaf in leaves if leaf != truth]
                answers.append((who, truth if chance.random() < skill else chance.choice(wrong)))
        items.append(Item(answers))
        truths.append(truth)
    return items, truths


def test_who_guesses_is_told_from_who_knows():
    skills = [0.95, 0.9, 0.85, 0.5, 0.17]
    items, _ = crowd(3, skills)
    found = measure(items, TREE)
    values = [found.table[who, "fishes"].value for who in range(5)]
    assert min(values[:3]) > 0.75 > values[3] > values[4]
    for value, skill in zip(values[:4], skills[:4], strict=True):
        assert abs(value - skill) < 0.15


def test_nobody_is_measured_by_themselves():
    assert measure([Item([(0, "brown")])], TREE) == ({}, [None], 0)


def test_what_a_reviewer_ruled_is_known_even_against_all():
    items = [Item([(0, "brown"), (1, "brown")], gold="rainbow") for _ in range(20)]
    found = measure(items, TREE)
    assert found.table[0, "fishes"].value == pytest.approx(8 / 30)
    assert found.table[0, "salmo"].answers == 20


def test_a_clade_is_shrunk_to_the_coarser_one():
    items = [Item([(0, "brown")], gold="brown")] * 40 + [Item([(0, "brook")], gold="lake")] * FEWEST
    found = measure(items, TREE)
    whole, trout, char = (found.table[0, clade].value for clade in ("fishes", "salmo", "brook"))
    assert char < whole < trout and char > 0.3
    assert (0, "tiger") not in found.table


def test_what_people_disagree_about_is_harder():
    items, _ = crowd(9, [0.9] * 6, 80)
    items += [
        Item([(n, "brown") for n in range(6)]),
        Item([(n, "brown" if n % 2 else "salmon") for n in range(6)]),
    ]
    *_, easy, hard = measure(items, TREE).difficulty
    assert easy < 1 < hard


def test_order_and_names_of_people_do_not_matter():
    items, _ = crowd(1, [0.9, 0.7, 0.5, 0.8], 60)
    renamed = [
        Item([(f"p{9 - who}", taxon) for who, taxon in reversed(item.answers)]) for item in reversed(items)
    ]
    one, other = measure(items, TREE), measure(renamed, TREE)
    for (who, clade), measured in one.table.items():
        assert other.table[f"p{9 - who}", clade].value == pytest.approx(measured.value)
    assert other.difficulty == pytest.approx(one.difficulty[::-1])


def test_a_table_decides_as_it_was_measured():
    """With it, verdicts are right more often than while everybody weighs the same."""
    items, truths = crowd(7, [0.95, 0.9, 0.85, 0.3, 0.3, 0.3], 300)
    found = measure(items, TREE)
    table = Reliability.of_clades("1", {key: each.value for key, each in found.table.items()}, TREE)

    def right(known):
        outcomes = [decide([Vote(*answer) for answer in item.answers], TREE, known) for item in items]
        said = [(each.exported, truth) for each, truth in zip(outcomes, truths, strict=True) if each.exported]
        return sum(name == truth for name, truth in said) / len(said), len(said)

    (measured, settled), (plain, _) = right(table), right(PLAIN)
    assert settled > 30 and measured > plain
