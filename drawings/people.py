"""Who took the pictures and who says what of them: invented people, who are mostly right.

Most sightings get what consensus asks for (docs/consensus.md): two voices more for the truth than against it,
and more than two thirds. The rest is what gives a site something to do: one identification, or a quarrel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PEOPLE = {
    "trout": (
        "Wes Harlan", "June Tolliver", "Marta Lindqvist", "Cal Dressler", "Nora Beckwith",
        "Tom Okafor", "Edie Sandoval", "Hank Pruitt", "Lena Fossum", "Ray Castellan",
    ),
    "dishes": (
        "Ines Calloway", "Otto Brandis", "Priya Raman", "Gus Delmonte", "Hana Ishii",
        "Fay Kowalski", "Leo Marchetti", "Dot Abernathy",
    ),
}  # fmt: skip

# What each is taken for by those who are wrong, or too careful to say: labels of the starting taxa.
TAKEN_FOR = {
    "brown_trout": ("cutthroat_trout", "tiger_trout", "salmo"),
    "rainbow_trout": ("cutbow", "cutbow", "cutthroat_trout", "oncorhynchus"),
    "cutthroat_trout": ("cutbow", "cutbow", "rainbow_trout", "oncorhynchus"),
    "cutbow": ("rainbow_trout", "cutthroat_trout", "oncorhynchus"),
    "brook_trout": ("bull_trout", "tiger_trout", "salvelinus"),
    "bull_trout": ("brook_trout", "brook_trout", "lake_trout", "salvelinus"),
    "tiger_trout": ("brook_trout", "brown_trout", "salmoninae"),
    "pizza": ("pancakes",),
    "pancakes": ("donuts", "pizza"),
    "donuts": ("pancakes",),
    "french_fries": ("caesar_salad",),
    "caesar_salad": ("ramen", "french_fries"),
    "ramen": ("sushi", "caesar_salad"),
    "sushi": ("ramen",),
}
# Coarser than what is drawn, and an ancestor of it: held by whoever says so to be undecided, not wrong.
COARSE = frozenset(("salmo", "oncorhynchus", "salvelinus", "salmoninae"))

AGREED, WRONGLY_AGREED, ALONE, DISPUTED = 0.85, 0.01, 0.09, 0.05


@dataclass(frozen=True)
class Identifications:
    """`own`: the observer's label. `others`: (person, label), each person once and never the observer."""

    own: str
    others: tuple[tuple[str, str], ...]


def identifications(rng: np.random.Generator, label: str, observer: str, subject: str) -> Identifications:
    """What is said of a sighting that shows `label`."""
    others = [name for name in PEOPLE[subject] if name != observer]
    rng.shuffle(others)
    mistakes = TAKEN_FOR[label]
    mistake = mistakes[rng.integers(len(mistakes))]
    wrong = next(each for each in mistakes if each not in COARSE)
    fate = rng.choice(4, p=(AGREED, WRONGLY_AGREED, ALONE, DISPUTED))
    if fate == 0:
        own = mistake if rng.random() < 0.12 else label
        said = [label] * int(rng.choice((2, 3, 4), p=(0.6, 0.3, 0.1)))
        if own == label and rng.random() < 0.15:
            said.append(mistake)
        if own != label:
            said += [label]
    elif fate == 1:
        own, said = wrong, [wrong, wrong]
    elif fate == 2:
        own, said = (label if rng.random() < 0.75 else mistake), []
    else:
        own, said = [(label, [wrong]), (wrong, [label]), (label, [wrong, label, wrong])][rng.integers(3)]
    rng.shuffle(said)
    return Identifications(own, tuple(zip(others, said, strict=False)))
