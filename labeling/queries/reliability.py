"""How often people are right, as far as it has been measured."""

from collections import Counter
from collections.abc import Hashable, Iterable
from uuid import UUID

from django.db.models import QuerySet, Subquery

from labeling.consensus import PLAIN
from labeling.consensus import Reliability as Table
from labeling.models import Reliability, ReliabilityTable
from species.taxonomy.tree import Tree

#: So many right answers make one's word one's own, whoever shares one's network. Right by others' word: a household
#: cannot give itself a history.
HISTORY = 10


def current() -> str:
    """The version that verdicts are reached with; empty while nobody was measured."""
    return _current().first() or ""


def version_column() -> Subquery:
    """The same, to be read beside other rows."""
    return Subquery(_current()[:1])


def _current() -> "QuerySet[ReliabilityTable, str]":
    return ReliabilityTable.objects.filter(current=True).order_by().values_list("version", flat=True)


def table(people: Iterable[UUID], tree: Tree, version: str) -> Table:
    """What this version knows of these people; 0.8 for everybody, and no query, where there is none."""
    if not version:
        return PLAIN
    rows = Reliability.objects.filter(version=version, person__in=list(people)).order_by()
    measured: dict[tuple[Hashable, Hashable], float] = {}
    right: Counter[Hashable] = Counter()
    for person, clade, value, agreed in rows.values_list("person", "clade", "value", "right"):
        right[str(person)] = max(right[str(person)], agreed)
        if str(clade) in tree:
            measured[str(person), str(clade)] = value
    known = frozenset(person for person, agreed in right.items() if agreed >= HISTORY)
    return Table.of_clades(version, measured, tree, known)

