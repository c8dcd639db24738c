"""What pages count: sums of counters, never rows of the library."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Value

from accounts.models import User
from species.models import Status, Tally
from species.models.tallies import TallyQuerySet
from species.queries import cells

Kind = Tally.Kind
MANY = 1000  # people that are counted


def _of(kind: str, taxa: Iterable[UUID] | None) -> TallyQuerySet:
    rows = Tally.objects.filter(kind=kind)
    return rows if taxa is None else rows.filter(taxon__in=list(taxa))


def by_status(taxa: Iterable[UUID] | None = None) -> dict[str, int]:
    """Status to how many organisms are shown, of all or of what is agreed to be one of `taxa`."""
    sums = dict(_of(Kind.ALL, taxa).total("status"))
    return {status: sums.get(status, 0) for status in Status.values}


def verified_of_each() -> dict[UUID, int]:
    """Taxon to its verified organisms that are shown."""
    return dict(_of(Kind.ALL, None).filter(status=Status.VERIFIED, taxon__isnull=False).total("taxon"))


def verified_by_month(taxa: Iterable[UUID] | None) -> dict[tuple[int, int], int]:
    """Year and month to how many are verified as one of these, or as anything; the earliest first."""
    rows = _of(Kind.MONTHS if taxa is None else Kind.MONTH, taxa).filter(status=Status.VERIFIED)
    sums = rows.exclude(value="").total("value")
    return {(int(value[:4]), int(value[5:])): count for value, count in sorted(sums)}


def people(taxa: Iterable[UUID] | None) -> int:
    """How many people's organisms are verified as one of these; one more than `MANY` for any more of them."""
    each = _of(Kind.OBSERVER, taxa).filter(status=Status.VERIFIED).total("value")
    # One after the other, so that an index leads through them: a sum in any order is over all there are.
    return len(each.order_by("value")[: MANY + 1])


def of_observer(person: User) -> dict[str, int]:
    """Status to how many organisms of their sightings are shown. One query."""
    sums = dict(_of(Kind.OBSERVER, None).filter(value=str(person.pk)).total("status"))
    return {status: sums.get(status, 0) for status in Status.values}


class Near(NamedTuple):
    """How many organisms are verified as a taxon: in a cell, of these in a month of any year, and everywhere."""

    here: int = 0
    then: int = 0
    everywhere: int = 0


def verified_near(cell: str, month: int | None = None) -> dict[UUID, Near]:
    """Of each taxon, of those that are shown; by their public place. One query. No cell: none is there."""
    everywhere = _of(Kind.ALL, None).filter(status=Status.VERIFIED, taxon__isnull=False).total("taxon")
    rows: list[tuple[bool, QuerySet[Any, Any]]] = [(False, everywhere.annotate(then=Value(0)))]
    if cell:
        rows.append((True, cells.verified_in(cell, month)))
    first, *others = (each.annotate(near=Value(near)) for near, each in rows)
    found: dict[UUID, Near] = {}
    for taxon, count, then, near in first.union(*others, all=True):
        before = found.get(taxon, Near())
        found[taxon] = before._replace(here=count, then=then) if near else before._replace(everywhere=count)
    return found
