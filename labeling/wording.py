"""What verdicts say in words: sentences made from `Verdict.explanation`, whose keys docs/consensus.md lists."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from species.models import Rank, Status, Taxon

FINE = (Rank.SPECIES, Rank.HYBRID, Rank.SUBSPECIES, Rank.FORM)


def title(taxon: Taxon) -> str:
    """A heading; "Salmonids, species unsure" for what is coarser than a species."""
    return taxon.name if taxon.rank in FINE else f"{taxon.name}, species unsure"


def foot(status: str, explanation: Mapping[str, Any]) -> str:
    """The few words beside a card's badge: "3 of 3", "1 of 2", "2 against 2", "ruling"."""
    if not explanation or not explanation.get("people"):
        return "ruling" if explanation.get("reason") == "ruling" else ""
    if explanation.get("reason") == "ruling":
        return "ruling"
    supporting = explanation["supporting"]
    against = explanation["contradicting"] + explanation["rejecting"]
    if status == Status.DISPUTED:
        return f"{supporting} against {against}" if against else f"{explanation['people']} opinions"
    if status == Status.NEEDS_ID and explanation.get("needed"):
        return f"{supporting} of {supporting + explanation['needed']}"
    return f"{supporting} of {supporting + against}" if supporting else ""


def taxa_in(explanation: Mapping[str, Any]) -> Iterator[UUID]:
    """Ids of the taxa that the sentences about it name."""
    for key in ("taxon", "about", "leading", "community_taxon"):
        if explanation.get(key):
            yield UUID(str(explanation[key]))
    for opinion in explanation.get("opinions", ()):
        yield UUID(str(opinion["taxon"]))
