"""What pages count: sums of counters, never rows of the library."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from species.models import Status, Tally
from species.models.tallies import TallyQuerySet

Kind = Tally.Kind


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


def verified_by_month(taxa: Iterable[UUID] | None) -> list[int]:
    """Of twelve months, from January."""
    sums = dict(_of(Kind.MONTH, taxa).filter(status=Status.VERIFIED).total("value"))
    return [sums.get(f"{month:02d}", 0) for month in range(1, 13)]


def people(taxa: Iterable[UUID] | None) -> int:
    """How many people's organisms are verified as one of these."""
    return len(_of(Kind.OBSERVER, taxa).filter(status=Status.VERIFIED).total("value"))


def verified_here_and_everywhere(cell: str) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Taxon to its verified organisms that are shown: of those whose public place is in this cell, and of all.

    One query. No cell: none is there.
    """
    which = Q(kind=Kind.ALL, value="")
    if cell:
        which |= Q(kind=Kind.CELL, value=cell)
    here: dict[UUID, int] = {}
    everywhere: dict[UUID, int] = {}
    rows = Tally.objects.filter(which, status=Status.VERIFIED, taxon__isnull=False)
    for kind, taxon, count in rows.total("kind", "taxon"):
        (here if kind == Kind.CELL else everywhere)[taxon] = count
    return here, everywhere
