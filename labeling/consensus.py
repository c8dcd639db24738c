"""What people's opinions of one organism add up to: a pure function of votes, tree and reliability.

The rule is iNaturalist's community taxon (inaturalist/inaturalist, ``app/models/observation.rb``) with
hybrids, reliability and a stricter end; ``docs/consensus.md`` says where it follows and where it differs.

For every taxon that somebody named, and each of its ancestors, a standing opinion does exactly one thing:
it *supports* the taxon (says it, or something within it), *contradicts* it (says something elsewhere in the
tree), *rejects* it (says something coarser and "but not that one"), or is neutral. Then

    score = supporting / (supporting + contradicting + rejecting)

Machine guesses have no type here, so they cannot vote.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from species.taxonomy.tree import TaxonId, Tree

RULE = "community-1"
PEOPLE_AT_LEAST = 2
SCORE_ABOVE = (2, 3)  # a fraction in whole numbers: no rounding makes two in three more than two thirds
POSTERIOR_AT_LEAST = 0.9
PLAIN_RELIABILITY = 0.8
# Below a half, agreement would count against what it agrees with; near one, one voice would silence them all.
RELIABILITY_BETWEEN = (0.5, 0.99)
MOST_NEWCOMERS = 100

Person = Hashable
Status = Literal["needs_id", "verified", "disputed", "unresolvable"]
Stance = Literal["supports", "contradicts", "rejects", "neutral"]


@dataclass(frozen=True)
class Vote:
    """One person's standing opinion.

    ``disagrees_with`` is the taxon it explicitly rejects. ``cannot_improve`` says that nobody can name it any
    finer from what is there; it is heard only where ``taxon`` is coarser than species.
    """

    person: Person
    taxon: TaxonId
    is_uploader: bool = False
    disagrees_with: TaxonId | None = None
    cannot_improve: bool = False


@dataclass(frozen=True)
class Ruling:
    """A reviewer's decision; ``taxon`` None means that it can't be settled."""

    taxon: TaxonId | None
    reviewer: Person
    reason: str


@dataclass(frozen=True)
class Reliability:
    """How often a person is right about a taxon, 0-1. ``lookup`` answers None where unmeasured."""

    version: str = "plain"
    lookup: Callable[[Person, TaxonId], float | None] = lambda person, taxon: None
    default: float = PLAIN_RELIABILITY

    @classmethod
    def of_clades(
        cls, version: str, measured: Mapping[tuple[Person, TaxonId], float], tree: Tree
    ) -> Reliability:
        """From a table of (person, clade): the finest measured clade that holds the taxon counts."""
        table = {(person, tree.accepted(clade)): value for (person, clade), value in measured.items()}

        def lookup(person: Person, taxon: TaxonId) -> float | None:
            clades = (table.get((person, clade)) for clade in tree.lineage(taxon))
            return next((value for value in clades if value is not None), None)

        return cls(version, lookup)

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

    def settled(self, newcomers: int = 0, each: float = 0.0) -> bool:
        """``agreed``, by somebody besides the uploader, and with enough weight (``each``: a newcomer's)."""
        others = newcomers or any(not vote.is_uploader for vote in self.supporting)
        # Two people at 0.75 make 0.9 exactly; unrounded, the last bit would keep them out.
        posterior = round(_sigmoid(self.log_odds + newcomers * each), 9)
        return self.agreed(newcomers) and bool(others) and posterior >= POSTERIOR_AT_LEAST


@dataclass(frozen=True)
class Outcome:
    """A verdict and how it came about.

    ``taxon`` is what the ruling or the people agree on, at any rank: the verified taxon, else the community
    taxon; None while no two people agree on anything, and where a ruling says it can't be settled. Numbers
    and people are those of the taxon in ``explanation["about"]``: ``taxon``, or while there is none the
    leading opinion. ``explanation`` is JSON-able and holds no person; ``docs/consensus.md`` lists its keys.
    """

    status: Status
    taxon: TaxonId | None
    score: float
    cumulative: int
    disagreements: int
    posterior: float
    agreeing: frozenset[Person]
    disagreeing: frozenset[Person]
    tree_version: str
    reliability_version: str
    explanation: dict[str, Any] = field(hash=False)


def decide(
    votes: Iterable[Vote], tree: Tree, reliability: Reliability = PLAIN, ruling: Ruling | None = None
) -> Outcome:
    """The verdict on one organism.

    ``votes``: standing opinions in any order, at most one per person (ValueError). Raises UnknownTaxon for a
    taxon the tree does not hold, and ValueError for a ruling by the uploader or without a reason.
    """
    votes = tuple(votes)
    _check(votes, ruling)
    tallies = tally(votes, tree, reliability)
    leading = _leading(votes, tallies, tree, reliability)
    community = _lowest([each for each in tallies.values() if each.agreed()], tree)
    verified = _lowest(
        [each for each in tallies.values() if each.settled() and tree.at_or_below_species(each.taxon)], tree
    )
    status: Status
    taxon: TaxonId | None
    if ruling is not None and ruling.taxon is not None:
        status, reason, taxon = "verified", "ruling", tree.accepted(ruling.taxon)
    elif ruling is not None:
        status, reason, taxon = "unresolvable", "ruling", None
    elif verified is not None:
        status, reason, taxon = "verified", "agreement", verified.taxon
    else:
        taxon = community.taxon if community else None
        status, reason = _unsettled(votes, tallies, community, tree)

    about = leading if taxon is None else taxon
    shown = Tally(about) if about is None else tallies.get(about) or _count(about, votes, tree, reliability)
    explanation = {
        "rule": RULE,
        "status": status,
        "reason": reason,
        "taxon": _key(taxon),
        "about": _key(about),
        "rank": None if about is None else tree.rank(about),
        "people": len(votes),
        **_numbers(shown),
        "posterior": shown.posterior,
        "community_taxon": _key(community.taxon if community else None),
        "leading": _key(leading),
        "needed": None if leading is None else _needed(tallies[leading], tree, reliability),
        "opinions": _opinions(votes, tallies, tree, reliability),
        "tally": [
            {"taxon": _key(each.taxon), "rank": tree.rank(each.taxon), **_numbers(each)}
            for each in sorted(tallies.values(), key=lambda each: _fineness(each, tree))
        ],
        "ruling": None if ruling is None else {"taxon": _key(taxon), "reason": ruling.reason},
        "thresholds": {
            "people_at_least": PEOPLE_AT_LEAST,
            "score_above": SCORE_ABOVE[0] / SCORE_ABOVE[1],
            "posterior_at_least": POSTERIOR_AT_LEAST,
        },
        "tree_version": tree.version,
        "reliability_version": reliability.version,
    }
    return Outcome(
        status=status,
        taxon=taxon,
        score=shown.score,
        cumulative=len(shown.supporting),
        disagreements=shown.against,
        posterior=shown.posterior,
        agreeing=frozenset(vote.person for vote in shown.supporting),
        disagreeing=frozenset(vote.person for vote in (*shown.contradicting, *shown.rejecting)),
        tree_version=tree.version,
        reliability_version=reliability.version,
        explanation=explanation,
    )


def stance(vote: Vote, taxon: TaxonId, tree: Tree) -> Stance:
    """What one opinion does to one taxon; always exactly one of the four."""
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
    # "A salmonid, but not a brown trout" rejects Salmo too: who thought it a Salmo would have said so.
    branch = rejected[: rejected.index(said)] if said in rejected else rejected[:1]
    return "rejects" if any(each in branch for each in tree.lineage(node)) else "neutral"


def tally(votes: Iterable[Vote], tree: Tree, reliability: Reliability = PLAIN) -> dict[TaxonId, Tally]:
    """A Tally for every taxon named, and for every ancestor of one."""
    votes = tuple(votes)
    nodes = dict.fromkeys(node for vote in votes for node in tree.lineage(vote.taxon))
    return {node: _count(node, votes, tree, reliability) for node in nodes}


def _count(node: TaxonId, votes: tuple[Vote, ...], tree: Tree, reliability: Reliability) -> Tally:
    sides: dict[Stance, list[Vote]] = {"supports": [], "contradicts": [], "rejects": [], "neutral": []}
    for vote in votes:
        sides[stance(vote, node, tree)].append(vote)
    # fsum rounds once, at the end: the order in which people spoke cannot reach the last digit.
    log_odds = math.fsum(
        sign * reliability.weight(vote.person, node)
        for sign, side in ((1, "supports"), (-1, "contradicts"), (-1, "rejects"))
        for vote in sides[side]  # type: ignore[index]
    )
    return Tally(
        node, tuple(sides["supports"]), tuple(sides["contradicts"]), tuple(sides["rejects"]), log_odds
    )


def _lowest(candidates: list[Tally], tree: Tree) -> Tally | None:
    above = {ancestor for each in candidates for ancestor in tree.ancestors(each.taxon)}
    # Several are left only where a hybrid stands beside the genus of one parent; the finer one says more.
    return max(
        (each for each in candidates if each.taxon not in above),
        key=lambda each: _fineness(each, tree),
        default=None,
    )


def _fineness(each: Tally, tree: Tree) -> tuple[int, int, str]:
    return tree.level(each.taxon), len(tree.lineage(each.taxon)), str(each.taxon)


def _unsettled(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], community: Tally | None, tree: Tree
) -> tuple[Status, str]:
    if not votes:
        return "needs_id", "no_opinions"
    coarse = community is not None and not tree.at_or_below_species(community.taxon)
    if community is not None and coarse and community.settled() and _cannot_improve(community, tree):
        return "unresolvable", "cannot_improve"
    if any(tallies[tree.accepted(vote.taxon)].against for vote in votes):
        return "disputed", "contradiction"
    if community is None:
        return "needs_id", "one_person"
    if coarse:
        return "needs_id", "too_coarse"
    if all(vote.is_uploader for vote in community.supporting):
        return "needs_id", "only_uploader"
    return "needs_id", "too_little_weight"


def _cannot_improve(community: Tally, tree: Tree) -> bool:
    """By the bar that agreement itself must pass: two people, one not the uploader, more than two thirds."""
    saying = tuple(
        vote
        for vote in community.supporting
        if vote.cannot_improve and not tree.at_or_below_species(vote.taxon)
    )
    part, whole = SCORE_ABOVE
    return (
        len(saying) >= PEOPLE_AT_LEAST
        and any(not vote.is_uploader for vote in saying)
        and whole * len(saying) > part * len(community.supporting)
    )


def _needed(each: Tally, tree: Tree, reliability: Reliability) -> int | None:
    """How many more people of plain reliability would verify it; None above species, or if too many."""
    if not tree.at_or_below_species(each.taxon):
        return None
    weight = reliability.logit(reliability.default)
    return next((more for more in range(MOST_NEWCOMERS + 1) if each.settled(more, weight)), None)


def _leading(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], tree: Tree, reliability: Reliability
) -> TaxonId | None:
    """The opinion nearest to being verified, else the finest said; None where two are equally near."""
    said = {tree.accepted(vote.taxon) for vote in votes}
    near = {taxon: _needed(tallies[taxon], tree, reliability) for taxon in said}
    fewest = min((more for more in near.values() if more is not None), default=None)
    best = [tallies[taxon] for taxon in said if near[taxon] == fewest]
    above = {ancestor for each in best for ancestor in tree.ancestors(each.taxon)}
    finest = [each.taxon for each in best if each.taxon not in above]
    return finest[0] if len(finest) == 1 else None


def _opinions(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], tree: Tree, reliability: Reliability
) -> list[dict[str, Any]]:
    """What was said, most people first: ``people`` said just this, ``supporting`` this or something in it."""
    people = Counter(tree.accepted(vote.taxon) for vote in votes)
    uploaders = {tree.accepted(vote.taxon) for vote in votes if vote.is_uploader}
    rejected = Counter(
        tree.accepted(vote.disagrees_with) for vote in votes if vote.disagrees_with is not None
    )
    return [
        {
            "taxon": _key(taxon),
            "rank": tree.rank(taxon),
            "people": people[taxon],
            "uploader": taxon in uploaders,
            "rejected_by": rejected[taxon],
            "cannot_improve": sum(
                vote.cannot_improve for vote in votes if tree.accepted(vote.taxon) == taxon
            ),
            **_numbers(tallies[taxon]),
            "needed": _needed(tallies[taxon], tree, reliability),
        }
        for taxon in sorted(people, key=lambda taxon: (-people[taxon], _fineness(tallies[taxon], tree)))
    ]


def _numbers(each: Tally) -> dict[str, Any]:
    return {
        "supporting": len(each.supporting),
        "contradicting": len(each.contradicting),
        "rejecting": len(each.rejecting),
        "score": each.score,
    }


def _check(votes: tuple[Vote, ...], ruling: Ruling | None) -> None:
    twice = [person for person, count in Counter(vote.person for vote in votes).items() if count > 1]
    if twice:
        raise ValueError(f"One person has one standing opinion; more than one came from {twice[0]!r}.")
    if ruling is None:
        return
    if not ruling.reason.strip():
        raise ValueError("A ruling needs a reason.")
    if any(vote.is_uploader and vote.person == ruling.reviewer for vote in votes):
        raise ValueError("A reviewer does not rule on their own upload.")


def _sigmoid(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2  # the same curve, without exp's overflow where hundreds disagree


def _key(taxon: TaxonId | None) -> int | str | None:
    return taxon if taxon is None or isinstance(taxon, (int, str)) else str(taxon)
