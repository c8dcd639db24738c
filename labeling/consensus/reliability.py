"""How often each person is right in each clade, measured from what all of them said, and how hard each organism is.

One coin per person and clade (as in MACE and one-coin Dawid-Skene): a name is right with the person's reliability, else
any of the other names in question, or none of them. Expectation: how likely each name is, from the coins. Maximization:
each coin from how likely its names are, shrunk to that of the next coarser clade, and there to ``PLAIN_RELIABILITY``.
What a reviewer ruled is known. Difficulty is GLAD's: how much flatter the coins of those who named it seem to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from labeling.consensus.votes import PLAIN_RELIABILITY, Person
from species.taxonomy.tree import TaxonId, Tree

#: A clade weighs as many answers as it has, against so many as good as the next coarser one's.
STRENGTH = 10.0
#: In fewer answers the next coarser clade says as much.
FEWEST = 5
HELD = (0.05, 0.99)
MOST_ROUNDS, STILL = 40, 1e-4
#: Difficulties that are tried, about as often easier as harder than plain: their logarithms.
TRIED = tuple(step / 4 for step in range(-8, 9))


class Item(NamedTuple):
    """What stands of one organism: (person, taxon), and what a reviewer ruled.

    ``settled`` counts for ``right``: the people whose name somebody independent of them, or a reviewer, settled.
    """

    answers: Sequence[tuple[Person, TaxonId]]
    gold: TaxonId | None = None
    settled: frozenset[Person] = frozenset()


class Measured(NamedTuple):
    value: float
    answers: int
    right: int


class Found(NamedTuple):
    """``table``: by person and clade. ``difficulty``: of each item in the order given, 1 plain, more harder; None where
    there is nothing to compare."""

    table: dict[tuple[Person, TaxonId], Measured]
    difficulty: list[float | None]
    votes: int


class _Case(NamedTuple):
    """Of each answer the coin, and which of the names in question it fits."""

    at: int
    coins: tuple[int, ...]
    fits: tuple[tuple[bool, ...], ...]
    known: bool


def measure(items: Iterable[Item], tree: Tree) -> Found:
    """Raises UnknownTaxon for a taxon that the tree does not hold."""
    compared: list[tuple[int, Item, list[TaxonId]]] = []
    total = 0
    for at, item in enumerate(items):
        total = at + 1
        names = _names(item, tree)
        if item.gold is not None or len(item.answers) > 1:
            compared.append((at, item, names))
    coins = _Coins(compared, tree)
    cases = [
        _Case(
            at,
            tuple(coins.of(person, taxon, tree) for person, taxon in item.answers),
            tuple(tuple(_fits(taxon, name, tree) for name in names) for _, taxon in item.answers),
            item.gold is not None,
        )
        for at, item, names in compared
    ]
    for _ in range(MOST_ROUNDS):
        right = [0.0] * len(coins.keys)
        for case in cases:
            likely = _likely(case, coins.values)
            for coin, fits in zip(case.coins, case.fits, strict=True):
                right[coin] += _fitting(likely, fits)
        if coins.turn(right) < STILL:
            break
    difficulty: list[float | None] = [None] * total
    for case in cases:
        difficulty[case.at] = _difficulty(case, coins.values)
    return Found(coins.table(), difficulty, sum(len(case.coins) for case in cases))


def posterior(
    answers: Sequence[tuple[Person, TaxonId]], values: Sequence[float], tree: Tree
) -> dict[TaxonId, float]:
    """How likely each name in question is, from answers whose people are right so often; the rest: none of them."""
    names = _names(Item(answers), tree)
    fits = tuple(tuple(_fits(taxon, name, tree) for name in names) for _, taxon in answers)
    case = _Case(0, tuple(range(len(answers))), fits, False)
    return dict(zip(names, _likely(case, values), strict=True))


class _Coins:
    """One for each person and clade in which they gave enough answers, the coarsest in any case."""

    def __init__(self, compared: list[tuple[int, Item, list[TaxonId]]], tree: Tree) -> None:
        self._answers: dict[tuple[Person, TaxonId], int] = {}
        self._right: dict[tuple[Person, TaxonId], int] = {}
        for _, item, _ in compared:
            for person, taxon in item.answers:
                for clade in tree.lineage(taxon):
                    key = (person, clade)
                    self._answers[key] = self._answers.get(key, 0) + 1
                    self._right[key] = self._right.get(key, 0) + (person in item.settled)
        kept = [
            key for key, count in self._answers.items() if count >= FEWEST or len(tree.lineage(key[1])) == 1
        ]
        # Coarse to fine: each after the one that it is shrunk to.
        self.keys = sorted(kept, key=lambda key: (len(tree.lineage(key[1])), str(key[1]), str(key[0])))
        self._number = {key: number for number, key in enumerate(self.keys)}
        self._parent = [
            next(
                (self._number[person, up] for up in tree.lineage(clade)[1:] if (person, up) in self._number),
                -1,
            )
            for person, clade in self.keys
        ]
        self._own = [self._answers[key] for key in self.keys]
        self.values = [PLAIN_RELIABILITY] * len(self.keys)

    def of(self, person: Person, taxon: TaxonId, tree: Tree) -> int:
        return next(self._number[person, up] for up in tree.lineage(taxon) if (person, up) in self._number)

    def turn(self, right: list[float]) -> float:
        """Take the coins' new values, from the answers that were right at each and finer ones; how far one moved."""
        for number in range(len(right) - 1, -1, -1):
            if self._parent[number] >= 0:
                right[self._parent[number]] += right[number]
        moved = 0.0
        for number, parent in enumerate(self._parent):
            plain = PLAIN_RELIABILITY if parent < 0 else self.values[parent]
            value = (right[number] + STRENGTH * plain) / (self._own[number] + STRENGTH)
            moved = max(moved, abs(value - self.values[number]))
            self.values[number] = value
        return moved

    def table(self) -> dict[tuple[Person, TaxonId], Measured]:
        return {
            key: Measured(_held(value), self._answers[key], self._right[key])
            for key, value in zip(self.keys, self.values, strict=True)
        }


def _names(item: Item, tree: Tree) -> list[TaxonId]:
    """What it may be: what is ruled, else each name that was given and has nothing finer beneath it that was."""
    if item.gold is not None:
        return [tree.accepted(item.gold)]
    given = dict.fromkeys(tree.accepted(taxon) for _, taxon in item.answers)
    above = {up for taxon in given for up in tree.ancestors(taxon)}
    return [taxon for taxon in given if taxon not in above]


def _fits(said: TaxonId, name: TaxonId, tree: Tree) -> bool:
    said = tree.accepted(said)
    return said in tree.lineage(name) or name in tree.lineage(said)


def _likely(case: _Case, values: Sequence[float]) -> list[float]:
    """Of each name in question; they do not add up to 1 where it may be none of them."""
    names = len(case.fits[0]) if case.fits else 0
    if case.known:
        return [1.0] * names
    # None of them is one more, which nobody's answer fits.
    logs = [0.0] * (names + 1)
    for coin, fits in zip(case.coins, case.fits, strict=True):
        value = _held(values[coin])
        hit, miss = math.log(value), math.log((1 - value) / names)
        for name in range(names):
            logs[name] += hit if fits[name] else miss
        logs[names] += miss
    top = max(logs)
    weights = [math.exp(each - top) for each in logs]
    whole = math.fsum(weights)
    return [each / whole for each in weights[:names]]


def _fitting(likely: Sequence[float], fits: Sequence[bool]) -> float:
    return sum(part for part, fitting in zip(likely, fits, strict=True) if fitting)


def _difficulty(case: _Case, values: Sequence[float]) -> float:
    """GLAD's: at ease b a person is right with the logistic of b times the logit of their coin."""
    likely = _likely(case, values)
    seen = []
    for coin, fits in zip(case.coins, case.fits, strict=True):
        value = min(max(values[coin], 0.55), 0.99)
        seen.append((math.log(value / (1 - value)), _fitting(likely, fits)))

    def fit(log: float) -> float:
        ease = math.exp(log)
        said = sum(
            part * -math.log1p(math.exp(-skill * ease)) + (1 - part) * -math.log1p(math.exp(skill * ease))
            for skill, part in seen
        )
        return said - log * log / 2

    return math.exp(-max(TRIED, key=fit))


def _held(value: float) -> float:
    return min(max(value, HELD[0]), HELD[1])
