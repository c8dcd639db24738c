"""How often people are right, as far as it has been measured."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet, Subquery
from django.utils import timezone

from labeling.consensus import PLAIN
from labeling.consensus import Reliability as Table
from labeling.consensus.reliability import Item
from labeling.models import Identification, Reliability, ReliabilityTable, Ruling, SignUp
from species.taxonomy.tree import Tree

#: So many right answers make one's word one's own, whoever shares one's network. Right by others' word: a household
#: cannot give itself a history.
HISTORY = 10
#: Fewer identifications say little of anybody.
WORTH = 1000
STALE = timedelta(days=1)
READ = 2000  # rows that the database hands over at once


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


def worth_measuring() -> bool:
    """Whether so much stands, and some of it was said since it was last measured, a day ago or earlier."""
    last = ReliabilityTable.objects.filter(current=True).first()
    standing = Identification.objects.filter(withdrawn_at=None).order_by()
    if last is None:
        return len(standing.values_list("pk")[:WORTH]) == WORTH
    return last.created < timezone.now() - STALE and standing.filter(created__gt=last.created).exists()


def items(tree: Tree) -> Iterator[tuple[UUID, Item]]:
    """Every organism that somebody named, by id, with what is settled of it. Names that the tree does not hold are left
    out. In two queries that are read as they come."""
    kin = {
        person: (network, burst)
        for person, network, burst in SignUp.objects.order_by().values_list("person", "network", "burst")
    }
    ruled = Ruling.objects.filter(withdrawn_at=None, occurrence__isnull=False, taxon__isnull=False).order_by()
    gold = {occurrence: str(taxon) for occurrence, taxon in ruled.values_list("occurrence", "taxon")}
    rows = Identification.objects.filter(withdrawn_at=None).order_by("occurrence", "person")
    said = rows.values_list("occurrence", "person", "taxon", "occurrence__exported_taxon").iterator(READ)
    for occurrence, given in groupby(said, key=lambda row: row[0]):
        answers: list[tuple[UUID, str]] = []
        name: str | None = None
        for _, person, taxon, exported in given:
            name = None if exported is None else str(exported)
            if str(taxon) in tree:
                answers.append((person, str(taxon)))
        known = gold.get(occurrence)
        known = known if known in tree else None
        settled = _settled(answers, name, known is not None, kin, tree)
        yield occurrence, Item(answers, known, settled)


def _settled(
    answers: list[tuple[UUID, str]],
    exported: str | None,
    ruled: bool,
    kin: dict[UUID, tuple[str, str]],
    tree: Tree,
) -> frozenset[UUID]:
    """Whose answer is what is exported, as a reviewer or somebody independent of them says."""
    if exported is None or exported not in tree:
        return frozenset()
    name = tree.accepted(exported)
    agreeing = [person for person, taxon in answers if name in tree.lineage(taxon)]
    if ruled:
        return frozenset(agreeing)
    return frozenset(
        person
        for person in agreeing
        if any(other != person and _apart(kin.get(person), kin.get(other)) for other in agreeing)
    )


def _apart(one: tuple[str, str] | None, other: tuple[str, str] | None) -> bool:
    return one is None or other is None or not any(a and a == b for a, b in zip(one, other, strict=True))
