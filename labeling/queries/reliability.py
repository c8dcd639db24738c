"""How often people are right, as far as it has been measured."""

from collections.abc import Hashable, Iterable
from uuid import UUID

from django.conf import settings

from labeling.consensus import PLAIN
from labeling.consensus import Reliability as Table
from labeling.models import Reliability
from species.taxonomy.tree import Tree


def table(people: Iterable[UUID], tree: Tree) -> Table:
    """What the current version knows of these people; 0.8 for everybody where there is none."""
    version = settings.RELIABILITY_VERSION
    if not version:
        return PLAIN
    rows = Reliability.objects.filter(version=version, person__in=list(people))
    measured: dict[tuple[Hashable, Hashable], float] = {
        (str(person), str(clade)): value
        for person, clade, value in rows.order_by().values_list("person", "clade", "value")
        if str(clade) in tree
    }
    return Table.of_clades(version, measured, tree)
