"""What people say of an organism, and the verdict that the product reaches on it: once for each pattern."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from labeling import consensus
from species.places import protection
from species.places.protection import Protected
from species.taxonomy.tree import Tree

# How often, and by whom: `u` whose sighting it is, `o` another, `s` the source of an import; then what: `T` what it
# is, `G` what that is in, `O` something else; `!` rejects what it is, `?` says that it can't be named more closely.
SAID = (
    (30, "uT oT"),
    (22, "uT oT oT"),
    (6, "oT oT oT oT"),
    (5, "uG oT oT oT"),
    (3, "uT oT oT oT oO"),
    (5, "uT oT oT oT oT oT"),
    (2.5, "uT oO"),
    (1.5, "uT oT oO"),
    (1, "uO oT oO oT"),
    (0.5, "uT oG!"),
    (4.5, ""),
    (8, "uT"),
    (2.5, "oT"),
    (4, "uG oG"),
    (1, "uG"),
    (1, "oG? oG? oG?"),
)
IMPORTED = ((80, "sT"), (20, "sT oT"))
REASONS = (
    "The red slash under the jaw is plain on the second photo.",
    "Spots on the tail leave one choice.",
    "Seen by three colleagues; the fin rays decide it.",
    "Nothing on these photos tells the two apart.",
)
CANNOT_BE_SETTLED = REASONS[-1]


@dataclass(frozen=True, slots=True)
class Word:
    """One person's word in a pattern. Taxa as the tree has them."""

    taxon: str
    is_uploader: bool = False
    disagrees_with: str | None = None
    cannot_improve: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    taxon: str | None
    reason: str
    trust: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A verdict as its rows have it; `agreeing` and `disagreeing` are places in the pattern."""

    status: str
    taxon: str | None
    exported: str | None
    explanation: str
    agreeing: tuple[int, ...]
    disagreeing: tuple[int, ...]
    reliability_version: str


class Verdicts:
    def __init__(self, tree: Tree, protected: Protected) -> None:
        self._tree, self._protected = tree, protected
        self.of = lru_cache(maxsize=20_000)(self._of)
        self.floor = lru_cache(maxsize=20_000)(self._floor)

    def _floor(self, agreed: str | None, ruled: bool, named: frozenset[str]) -> tuple[str, str]:
        """Level and rule of the floor; `named` are names that were taken back, too."""
        floor = protection.floor(agreed=agreed, ruled=ruled, named=named, protected=self._protected)
        return floor.level, floor.rule

    def _of(self, words: tuple[Word, ...], ruled: Ruled | None) -> Settled:
        votes = [
            consensus.Vote(
                person=str(place),
                taxon=word.taxon,
                is_uploader=word.is_uploader,
                disagrees_with=word.disagrees_with,
                cannot_improve=word.cannot_improve,
            )
            for place, word in enumerate(words)
        ]
        ruling = ruled and consensus.Ruling(ruled.taxon, "reviewer", ruled.reason, trust=ruled.trust)
        outcome = consensus.decide(votes, self._tree, ruling=ruling)
        taxon = None if outcome.taxon is None else str(outcome.taxon)
        return Settled(
            status=outcome.status,
            taxon=taxon,
            exported=None if outcome.exported is None else str(outcome.exported),
            explanation=json.dumps(outcome.explanation.to_json()),
            agreeing=tuple(sorted(int(str(each)) for each in outcome.agreeing)),
            disagreeing=tuple(sorted(int(str(each)) for each in outcome.disagreeing)),
            reliability_version=outcome.reliability_version,
        )
