"""How a verdict came about, in counts that hold no person; ``docs/consensus.md`` lists its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from labeling.consensus.community import Tally, fineness, needed
from labeling.consensus.votes import Reliability, Vote
from species.tree import TaxonId, Tree

RULE = "community-1"


def opinions(
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
            "taxon": key(taxon),
            "rank": tree.rank(taxon),
            "people": people[taxon],
            "uploader": taxon in uploaders,
            "rejected_by": rejected[taxon],
            "cannot_improve": sum(
                vote.cannot_improve for vote in votes if tree.accepted(vote.taxon) == taxon
            ),
            **numbers(tallies[taxon]),
            "needed": needed(tallies[taxon], tree, reliability),
        }
        for taxon in sorted(people, key=lambda taxon: (-people[taxon], fineness(tallies[taxon], tree)))
    ]


def numbers(each: Tally) -> dict[str, Any]:
    return {
        "supporting": len(each.supporting),
        "contradicting": len(each.contradicting),
        "rejecting": len(each.rejecting),
        "score": each.score,
    }


def key(taxon: TaxonId | None) -> int | str | None:
    return taxon if taxon is None or isinstance(taxon, (int, str)) else str(taxon)
