"""Where a protected taxon may live: what people named there decides how much of the place is public.

A taxon is protected when it, one of its synonyms or anything it descends from asks for it; a hybrid descends
from both its parents. The floor under a place is the strictest that the agreed taxon or any *name* asks for,
and names are not forgotten when they are withdrawn: otherwise whoever names and withdraws, or waits for others
to, could look behind the floor. Two things lift what a name has put there:

- a ruling, which leaves only the names that it does not contradict;
- a verdict (`clears`) for a taxon that is not protected, while nobody's standing name is of a protected one.
  It counts from the moment at which the owner of the place speaks, so that nothing others do makes it finer.

A rejection ("not a bull trout") says that something is not there: it protects nothing and lifts nothing. A
model's suggestion is no name. What nobody has named is shown as its observer chose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from species.places.geoprivacy import strictest
from species.taxonomy.tree import TaxonId, Tree

OPEN = "open"
AGREED, NAMED = "agreed", "named"


@dataclass(frozen=True)
class Floor:
    """The most that may be public of a place, and whether the agreed taxon or a mere name asks for it."""

    level: str = OPEN
    rule: str = ""


class Protected:
    """The protected taxa of a tree. `sensitive`: taxon to what it asks for itself; synonyms count."""

    def __init__(self, tree: Tree, sensitive: Mapping[TaxonId, str]) -> None:
        self.tree, self.sensitive = tree, sensitive
        own: defaultdict[TaxonId, list[str]] = defaultdict(list)
        for taxon, level in sensitive.items():
            if taxon in tree:  # it may have come since the tree was read; what changes is settled anew
                own[tree.accepted(taxon)].append(level)
        self._own = {taxon: strictest(*levels) for taxon, levels in own.items()}

    def level(self, taxon: TaxonId) -> str:
        """What is asked for by the taxon and by everything above it."""
        if not self._own:
            return OPEN
        above = self.tree.everything_above(taxon)
        return strictest(OPEN, *(self._own[each] for each in above if each in self._own))

    def holds(self, taxon: TaxonId) -> bool:
        return self.level(taxon) != OPEN

    def taxa(self) -> frozenset[TaxonId]:
        """Accepted taxa that are protected."""
        return frozenset(taxon for taxon in self.tree if self.holds(taxon))


@dataclass(frozen=True)
class Grounds:
    """What a verdict rests on, as far as places and grants ask. Taxa and people by id.

    `withdrawn`: names taken back since a verdict last cleared them. `agreeing` and `disagreeing`: with the
    agreed taxon. `ruled_by`: the reviewer, where it was ruled. `owner_speaks`: the owner of the place has
    just said or withdrawn a name.
    """

    ruled: bool = False
    ruled_by: str = ""
    standing: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()
    disagreeing: tuple[str, ...] = ()
    owner_speaks: bool = False


def floor(*, agreed: TaxonId | None, ruled: bool, named: Iterable[TaxonId], protected: Protected) -> Floor:
    """The floor under one organism.

    `named`: what people say it is, and what they said and withdrew since a verdict last cleared it. `ruled`:
    a reviewer decided on `agreed`; names that can be right beside the ruling (within the genus that it names,
    say) still count.
    """
    if ruled and agreed is not None:
        named = [taxon for taxon in named if _leaves_room(agreed, taxon, protected.tree)]
    by_agreement = OPEN if agreed is None else protected.level(agreed)
    level = strictest(by_agreement, *(protected.level(taxon) for taxon in named))
    if level == OPEN:
        return Floor()
    return Floor(level, AGREED if by_agreement == level else NAMED)


def clears(
    *, agreed: TaxonId, standing: Iterable[TaxonId], named: Iterable[TaxonId], protected: Protected
) -> bool:
    """Whether a verdict for `agreed` says that the protected taxa `named` here do not live here after all."""
    feared = [taxon for taxon in named if protected.holds(taxon)]
    if not feared or protected.holds(agreed) or any(protected.holds(taxon) for taxon in standing):
        return False
    return not any(_leaves_room(agreed, taxon, protected.tree) for taxon in feared)


def _leaves_room(decided: TaxonId, name: TaxonId, tree: Tree) -> bool:
    """Whether it can be `name` though it was decided to be `decided`: the one is within the other."""
    decided = tree.accepted(decided)
    return decided in tree.lineage(name) or decided in tree.one_sided(name)
