"""What goes into a verdict: people's standing identifications, a reviewer's ruling, how often who is right.

Machine guesses have no type here, so they cannot vote.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from species.taxonomy.tree import TaxonId, Tree

PLAIN_RELIABILITY = 0.8
# Below a half, agreement would count against what it agrees with; near one, one voice would silence them all.
RELIABILITY_BETWEEN = (0.5, 0.99)

Person = Hashable


@dataclass(frozen=True)
class Vote:
    """One person's standing identification.

    ``disagrees_with`` is the taxon it explicitly rejects. ``cannot_improve`` says that nobody can name it any
    finer from what is there; it is heard only where ``taxon`` is coarser than species. ``anchored``: a model's
    guess, or what others say, was in sight.

    Two votes with the same ``household``, or the same ``burst``, are not independent of each other; None is shared
    with nobody. Who is known to be right by what they said before has neither.
    """

    person: Person
    taxon: TaxonId
    is_uploader: bool = False
    disagrees_with: TaxonId | None = None
    cannot_improve: bool = False
    anchored: bool = False
    household: Hashable | None = None
    burst: Hashable | None = None


@dataclass(frozen=True)
class Ruling:
    """A reviewer's decision; ``taxon`` None means that it can't be settled.

    ``trust``: it follows from the trust in an imported source, not from a look at this organism.
    """

    taxon: TaxonId | None
    reviewer: Person
    reason: str
    trust: bool = False


@dataclass(frozen=True)
class Reliability:
    """How often a person is right about a taxon, 0-1. ``lookup`` answers None where unmeasured.

    ``known``: people whose earlier words were found right by others, which makes their word their own.
    """

    version: str = "plain"
    lookup: Callable[[Person, TaxonId], float | None] = lambda person, taxon: None
    default: float = PLAIN_RELIABILITY
    known: frozenset[Person] = frozenset()

    @classmethod
    def of_clades(
        cls,
        version: str,
        measured: Mapping[tuple[Person, TaxonId], float],
        tree: Tree,
        known: frozenset[Person] = frozenset(),
    ) -> Reliability:
        """From a table of (person, clade): the finest measured clade that holds the taxon counts."""
        table = {(person, tree.accepted(clade)): value for (person, clade), value in measured.items()}

        def lookup(person: Person, taxon: TaxonId) -> float | None:
            clades = (table.get((person, clade)) for clade in tree.lineage(taxon))
            return next((value for value in clades if value is not None), None)

        return cls(version, lookup, known=known)

    def weight(self, person: Person, taxon: TaxonId) -> float:
        """logit of the reliability, never negative. Raises ValueError for a value outside 0 to 1."""
        value = self.lookup(person, taxon)
        return self.logit(self.default if value is None else value)

    @staticmethod
    def logit(value: float) -> float:
        if not 0 <= value <= 1:  # also refuses NaN
            raise ValueError(f"A reliability lies between 0 and 1, not {value!r}.")
        low, high = RELIABILITY_BETWEEN
        held = min(max(value, low), high)
        return math.log(held / (1 - held))


PLAIN = Reliability()
