"""What people's identifications do to each taxon of the tree, and the taxon that comes of it.

The rule is iNaturalist's community taxon (inaturalist/inaturalist, ``app/models/observation.rb``) with
hybrids, reliability and a stricter end; ``docs/consensus.md`` says where it follows and where it differs.

For every taxon that somebody named, and each of its ancestors, a standing identification does exactly one
thing: it *supports* the taxon (says it, or something within it), *contradicts* it (says something elsewhere
in the tree), *rejects* it (says something coarser and "but not that one"), or is neutral. Then

    score = supporting / (supporting + contradicting + rejecting)
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from labeling.consensus.votes import PLAIN, Reliability, Vote
from species.taxonomy.tree import TaxonId, Tree

PEOPLE_AT_LEAST = 2
SCORE_ABOVE = (2, 3)  # a fraction in whole numbers: no rounding makes two in three more than two thirds
POSTERIOR_AT_LEAST = 0.9
MOST_NEWCOMERS = 100

Stance = Literal["supports", "contradicts", "rejects", "neutral"]


@dataclass(frozen=True)
class Tally:
    """Who says what about one taxon."""

    taxon: TaxonId
    supporting: tuple[Vote, ...] = ()
    contradicting: tuple[Vote, ...] = ()
    rejecting: tuple[Vote, ...] = ()
    log_odds: float = 0.0

    @property
    def against(self) -> int:
        return len(self.contradicting) + len(self.rejecting)

    @property
    def score(self) -> float:
        return len(self.supporting) / ((len(self.supporting) + self.against) or 1)

    @property
    def posterior(self) -> float:
        return _sigmoid(self.log_odds)

    def agreed(self, newcomers: int = 0) -> bool:
        """iNaturalist's bar: two people and more than two thirds. ``newcomers`` support it in addition."""
        people = len(self.supporting) + newcomers
        part, whole = SCORE_ABOVE
        return people >= PEOPLE_AT_LEAST and whole * people > part * (people + self.against)

    @property
    def independent(self) -> int:
        """How many supports are independent of each other: two or more where some two share nothing."""
        return min(self.households, self.bursts)

    @property
    def households(self) -> int:
        return _apart(vote.household for vote in self.supporting)

    @property
    def bursts(self) -> int:
        return _apart(vote.burst for vote in self.supporting)

    @property
    def anchored(self) -> bool:
        """Whether all who support it had a guess, or what others say, in sight."""
        return bool(self.supporting) and all(vote.anchored for vote in self.supporting)

    def handed_on(self, newcomers: int = 0, each: float = 0.0) -> bool:
        """``settled``, by two people at least who are independent of each other, as newcomers are."""
        return self.settled(newcomers, each) and self.independent + newcomers >= PEOPLE_AT_LEAST

    def settled(self, newcomers: int = 0, each: float = 0.0) -> bool:
        """``agreed``, by somebody besides the uploader, and with enough weight (``each``: a newcomer's)."""
        others = newcomers or any(not vote.is_uploader for vote in self.supporting)
        # Two people at 0.75 make 0.9 exactly; unrounded, the last bit would keep them out.
        posterior = round(_sigmoid(self.log_odds + newcomers * each), 9)
        return self.agreed(newcomers) and bool(others) and posterior >= POSTERIOR_AT_LEAST


def stance(vote: Vote, taxon: TaxonId, tree: Tree, votes: Iterable[Vote]) -> Stance:
    """What one identification does to one taxon; always exactly one of the four.

    ``votes`` are all that stand, this one among them or not.
    """
    node, said = tree.accepted(taxon), tree.accepted(vote.taxon)
    if node in tree.lineage(said):
        return "supports"
    coarser = said in tree.lineage(node)
    # "A Salmo" leaves room for a Salmo x Salvelinus, and the other way round; a parent species does not.
    beside = node in tree.one_sided(said) or said in tree.one_sided(node)
    if not coarser and not beside:
        return "contradicts"
    if vote.disagrees_with is None:
        return "neutral"
    rejected = tree.lineage(vote.disagrees_with)
    if rejected[0] in tree.lineage(said):
        return "neutral"  # it rejects what it says, as a change of the tree can make it do: nothing to hear
    within = tree.lineage(node)
    if rejected[0] in within:
        return "rejects"
    # "A salmonid, but not a brown trout" is against Salmo too, as long as brown trout is all that stands for
    # Salmo. Once somebody means another Salmo, or nobody a brown trout any more, it says nothing about Salmo.
    between = rejected[1 : rejected.index(said)] if said in rejected else ()
    steps = (step for step in between if step in within)
    return "rejects" if any(_rests_on(step, rejected[0], tree, votes) for step in steps) else "neutral"


def _rests_on(taxon: TaxonId, finer: TaxonId, tree: Tree, votes: Iterable[Vote]) -> bool:
    """Whether somebody supports ``taxon``, and everybody who does so names ``finer`` or something within it."""
    supporting = [lineage for vote in votes if taxon in (lineage := tree.lineage(vote.taxon))]
    return bool(supporting) and all(finer in lineage for lineage in supporting)


def tally(votes: Iterable[Vote], tree: Tree, reliability: Reliability = PLAIN) -> dict[TaxonId, Tally]:
    """A Tally for every taxon named, and for every ancestor of one."""
    votes = tuple(votes)
    nodes = dict.fromkeys(node for vote in votes for node in tree.lineage(vote.taxon))
    return {node: count(node, votes, tree, reliability) for node in nodes}


def lowest(candidates: list[Tally], tree: Tree) -> Tally | None:
    """The one that lies in all others; of two branches the finer."""
    above = {ancestor for each in candidates for ancestor in tree.ancestors(each.taxon)}
    # Several are left only where a hybrid stands beside the genus of one parent; the finer one says more.
    return max(
        (each for each in candidates if each.taxon not in above),
        key=lambda each: fineness(each, tree),
        default=None,
    )


def needed(each: Tally, tree: Tree, reliability: Reliability) -> int | None:
    """How many more people of plain reliability would verify it; None above species, or if too many."""
    if not tree.at_or_below_species(each.taxon):
        return None
    weight = reliability.logit(reliability.default)
    return next((more for more in range(MOST_NEWCOMERS + 1) if each.handed_on(more, weight)), None)


def leading(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], tree: Tree, reliability: Reliability
) -> TaxonId | None:
    """The name nearest to being verified, else the finest said; None where two are equally near."""
    said = {tree.accepted(vote.taxon) for vote in votes}
    near = {taxon: needed(tallies[taxon], tree, reliability) for taxon in said}
    fewest = min((more for more in near.values() if more is not None), default=None)
    best = [tallies[taxon] for taxon in said if near[taxon] == fewest]
    above = {ancestor for each in best for ancestor in tree.ancestors(each.taxon)}
    finest = [each.taxon for each in best if each.taxon not in above]
    return finest[0] if len(finest) == 1 else None


def fineness(each: Tally, tree: Tree) -> tuple[int, int, str]:
    """To sort by, coarse to fine and always the same."""
    return tree.level(each.taxon), len(tree.lineage(each.taxon)), str(each.taxon)


def count(node: TaxonId, votes: tuple[Vote, ...], tree: Tree, reliability: Reliability) -> Tally:
    """Who says what about one taxon, named by somebody or not."""
    sides: dict[Stance, list[Vote]] = {"supports": [], "contradicts": [], "rejects": [], "neutral": []}
    for vote in votes:
        sides[stance(vote, node, tree, votes)].append(vote)
    # fsum rounds once, at the end: the order in which people spoke cannot reach the last digit.
    log_odds = math.fsum(
        sign * reliability.weight(vote.person, node)
        for sign, side in ((1, "supports"), (-1, "contradicts"), (-1, "rejects"))
        for vote in sides[side]  # type: ignore[index]
    )
    return Tally(
        node, tuple(sides["supports"]), tuple(sides["contradicts"]), tuple(sides["rejects"]), log_odds
    )


def _apart(keys: Iterable[Hashable | None]) -> int:
    """How many different ones; each None is its own."""
    keys = list(keys)
    return len({key for key in keys if key is not None}) + keys.count(None)


def _sigmoid(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2  # the same curve, without exp's overflow where hundreds disagree
