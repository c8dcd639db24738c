"""What people's identifications of one organism add up to: a pure function of votes, tree and reliability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labeling.consensus.community import (
    PEOPLE_AT_LEAST,
    SCORE_ABOVE,
    Tally,
    count,
    leading,
    lowest,
    needed,
    tally,
)
from labeling.consensus.explanation import (
    Explanation,
    Reason,
    Ruled,
    Status,
    counts,
    identified,
    kin,
    tallied,
)
from labeling.consensus.votes import PLAIN, Person, Reliability, Ruling, Vote
from species.taxonomy.tree import TaxonId, Tree


@dataclass(frozen=True)
class Outcome:
    """A verdict and how it came about.

    ``taxon`` is what the ruling or the people agree on, at any rank: the verified taxon, else the community
    taxon; None while no two people agree on anything, and where a ruling says it can't be settled. Numbers
    and people are those of the taxon in ``explanation.about``: ``taxon``, or while there is none the leading
    name. ``exported`` is what is handed on to researchers: what is ruled, else the lowest settled taxon that two
    people independent of each other support. None unless it is verified; never finer than ``taxon``.
    """

    status: Status
    taxon: TaxonId | None
    exported: TaxonId | None
    score: float
    cumulative: int
    disagreements: int
    posterior: float
    agreeing: frozenset[Person]
    disagreeing: frozenset[Person]
    tree_version: str
    reliability_version: str
    explanation: Explanation = field(hash=False)


def decide(
    votes: Iterable[Vote], tree: Tree, reliability: Reliability = PLAIN, ruling: Ruling | None = None
) -> Outcome:
    """The verdict on one organism.

    ``votes``: standing identifications in any order, at most one per person (ValueError). Raises UnknownTaxon for a
    taxon the tree does not hold, and ValueError for a ruling by the uploader or without a reason.
    """
    votes = tuple(votes)
    _check(votes, ruling)
    tallies = tally(votes, tree, reliability)
    nearest = leading(votes, tallies, tree, reliability)
    community = lowest([each for each in tallies.values() if each.agreed()], tree)
    fine = [each for each in tallies.values() if each.settled() and tree.at_or_below_species(each.taxon)]
    verified = lowest(fine, tree)
    trusted = lowest([each for each in fine if each.handed_on()], tree)
    exported: TaxonId | None = None
    status: Status
    reason: Reason
    taxon: TaxonId | None
    if ruling is not None and ruling.taxon is not None:
        status, reason, taxon = "verified", "ruling", tree.accepted(ruling.taxon)
        exported = taxon
    elif ruling is not None:
        status, reason, taxon = "unresolvable", "ruling", None
    elif verified is not None and trusted is not None:
        status, reason, taxon = "verified", "agreement", verified.taxon
        exported = trusted.taxon
    else:
        taxon = community.taxon if community else None
        status, reason = _unsettled(votes, tallies, community, tree)

    about = nearest if taxon is None else taxon
    shown = Tally(about) if about is None else tallies.get(about) or count(about, votes, tree, reliability)
    explanation = Explanation(
        status=status,
        reason=reason,
        taxon=_key(taxon),
        exported=_key(exported),
        community_taxon=_key(community.taxon if community else None),
        leading=_key(nearest),
        needed=None if nearest is None else needed(tallies[nearest], tree, reliability),
        people=len(votes),
        about=None if about is None else counts(shown, tree),
        posterior=shown.posterior,
        independent=shown.independent,
        kin=kin(shown),
        anchored=ruling is None and trusted is not None and trusted.anchored,
        identifications=identified(votes, tallies, tree, reliability),
        tally=tallied(tallies, tree),
        ruling=None if ruling is None else Ruled(taxon=_key(taxon), reason=ruling.reason, trust=ruling.trust),
        tree_version=tree.version,
        reliability_version=reliability.version,
    )
    return Outcome(
        status=status,
        taxon=taxon,
        exported=exported,
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


def _unsettled(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], community: Tally | None, tree: Tree
) -> tuple[Status, Reason]:
    if not votes:
        return "needs_id", "no_identifications"
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
    if community.settled() and not community.handed_on():
        return "needs_id", "not_independent"
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


def _check(votes: tuple[Vote, ...], ruling: Ruling | None) -> None:
    twice = [person for person, count in Counter(vote.person for vote in votes).items() if count > 1]
    if twice:
        raise ValueError(f"One person has one standing identification; more than one came from {twice[0]!r}.")
    if ruling is None:
        return
    if not ruling.reason.strip():
        raise ValueError("A ruling needs a reason.")
    if any(vote.is_uploader and vote.person == ruling.reviewer for vote in votes):
        raise ValueError("A reviewer does not rule on their own upload.")


def _key(taxon: TaxonId | None) -> str | None:
    return None if taxon is None else str(taxon)
