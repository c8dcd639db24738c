"""Which reviewer looks at what the crowd leaves open: who has settled most of its clade, and knows its place.

As in Redmap, where experts are asked by group and region: in its known range who knows the place as well; away from it
the clade alone, for there no place helps to know it. Pure; whoever is asked is a reviewer already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from labeling.consensus.votes import PLAIN_RELIABILITY, Person, Reliability
from species.taxonomy.tree import TaxonId, Tree


class Expert(NamedTuple):
    """A reviewer beside one open organism.

    reliability: how often they are right about its names, 0-1; ruled: how many organisms of its clade they ruled on;
    near: how many sightings and rulings of theirs are around its place; load: how many are open with them; turns: how
    often it was theirs already and stayed open.
    """

    person: Person
    reliability: float = PLAIN_RELIABILITY
    ruled: int = 0
    near: int = 0
    load: int = 0
    turns: int = 0


def score(expert: Expert, *, away: bool) -> float:
    """How well they fit. `away`: the organism is outside the known range of a name that it was given."""
    clade = math.log1p(expert.ruled)
    place = clade if away else math.log1p(expert.near)
    return Reliability.logit(expert.reliability) + clade + place


def choose(experts: Iterable[Expert], *, away: bool, most: int) -> Expert | None:
    """Of those with fewer than `most` open: who had it least often, of these who fits best, and the less busy of two
    that fit alike. None where everybody has enough.
    """
    free = [each for each in experts if each.load < most]
    return min(
        free,
        key=lambda each: (each.turns, -score(each, away=away), each.load, str(each.person)),
        default=None,
    )


def clade(names: Iterable[TaxonId], tree: Tree) -> TaxonId | None:
    """The finest taxon above species that holds all these names; None where none does."""
    lineages = [tree.lineage(name) for name in names]
    if not lineages:
        return None
    shared = set(lineages[0]).intersection(*lineages[1:])
    return next((up for up in lineages[0] if up in shared and not tree.at_or_below_species(up)), None)


def reason(expert: Expert, clade_name: str, *, away: bool) -> str:
    """Why this one, in a sentence for them and for whoever looks at it later; of numbers that everybody could count."""
    known = []
    if expert.ruled:
        known.append(f"{expert.ruled} ruled on in {clade_name}" if clade_name else f"{expert.ruled} ruled on")
    if expert.near and not away:
        known.append(f"{expert.near} sightings and rulings within some 120 km")
    if not known:
        return "No reviewer is known to know more of it, and fewest wait here."
    where = " It is away from where its names are known, so who knows the group is asked." if away else ""
    return f"{'; '.join(known)}.{where}"
