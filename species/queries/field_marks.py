"""What tells taxa: their own field marks and those of the groups that they belong to."""

from collections.abc import Iterable
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
    lineages = {
        taxon: [str(each) for each in tree.lineage(str(taxon))] for taxon in taxa if str(taxon) in tree
    }
    above = {UUID(each) for lineage in lineages.values() for each in lineage}
    rows = Taxon.objects.filter(pk__in=above).exclude(field_marks=[]).order_by()
    said = {str(id): marks for id, marks in rows.values_list("id", "field_marks")}
    return {taxon: inherited(lineages.get(taxon, []), said) for taxon in taxa}
