"""What tells taxa: their own field marks and those of the groups that they belong to."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from species.models import Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy.field_marks import Mark, inherited
from species.taxonomy.tree import Tree


def of(taxa: Iterable[UUID], tree: Tree | None = None) -> dict[UUID, list[Mark]]:
    """By id, those of each, its own before those of what is above it; `Mark.of` is an id, too.

    One query, two where the caller has no tree.
    """
    taxa = list(taxa)
    if not taxa:
        return {}
    tree = tree or taxon_queries.tree()
    rows = Taxon.objects.filter(pk__in=above(taxa, tree)).exclude(field_marks=[]).order_by()
    return among(taxa, {str(id): marks for id, marks in rows.values_list("id", "field_marks")}, tree)


def above(taxa: Iterable[UUID], tree: Tree) -> set[UUID]:
    """Ids of these as they are called now, and of what is above them: whose marks they have."""
    return {UUID(str(each)) for taxon in taxa if str(taxon) in tree for each in tree.lineage(str(taxon))}


def among(taxa: Iterable[UUID], said: Mapping[str, Any], tree: Tree) -> dict[UUID, list[Mark]]:
    """The same from what the table says of each of `above`, for who has read that anyway."""
    lineages = {taxon: tree.lineage(str(taxon)) if str(taxon) in tree else () for taxon in taxa}
    return {taxon: inherited(map(str, lineage), said) for taxon, lineage in lineages.items()}
