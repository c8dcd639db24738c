"""What the map counts: sums of counters of hexagons, never rows of the library."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from species.models import CellTally, Status, Taxon
from species.places import cells
from species.places.cells import Box
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

# An answer stays under 200 kB: each takes some 100 bytes.
MOST = 1500


@dataclass(frozen=True)
class Count:
    all: int = 0
    verified: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.all + other.all, self.verified + other.verified)


@dataclass(frozen=True)
class Asked:
    """What counters know to leave out.

    `taxa`: agreed to be one of these; `others`: agreed to be none of these, which are fewer; None of both: whatever
    it is.
    """

    taxa: Collection[UUID] | None = None
    others: Collection[UUID] | None = None
    status: str = ""
    months: Collection[int] = ()

    @classmethod
    def of(
        cls, taxon: Taxon | None, *, status: str = "", months: Collection[int] = (), tree: Tree | None = None
    ) -> "Asked":
        """A taxon with everything under it. No query where the caller has the tree, else one."""
        if taxon is None:
            return cls(status=status, months=months)
        inside, taxa = taxon_queries.inside_or_outside(taxon, tree)
        return cls(taxa if inside else None, None if inside else taxa, status, months)


@dataclass(frozen=True)
class Hexagons:
    """Counts of the cells of a view, all of one resolution, none of them empty; `nowhere`: without a public place.

    `months`: of all in these cells, from January, whatever months are asked for.
    """

    resolution: int
    counts: dict[str, Count] = field(default_factory=dict)
    nowhere: Count = Count()
    months: list[int] = field(default_factory=lambda: [0] * 12)


def in_view(box: Box, zoom: int, asked: Asked) -> Hexagons:
    """The hexagons of a view, at the resolution of its zoom or as much larger as they would else be too many.

    One query.
    """
    wanted = cells.resolution(zoom)
    stored = max(wanted, cells.COARSEST)
    tiles = cells.tiles(box, stored)
    while tiles is None and stored > cells.COARSEST:
        stored -= 1
        tiles = cells.tiles(box, stored)
    rows = CellTally.objects.all()
    if tiles is None:
        rows = rows.filter(Q(tile__range=cells.all_tiles(stored)) | Q(tile=cells.NOWHERE))
    else:
        rows = rows.filter(tile__in=[cells.NOWHERE, *tiles])
    found = _sums(rows, asked)
    nowhere, _ = found.pop("", (Count(), ()))
    seen = cells.touching(found, box, stored)
    inside = {cell: found[cell][0] for cell in seen if found[cell][0].all}
    months = [sum(each) for each in zip([0] * 12, *(found[cell][1] for cell in seen), strict=True)]
    return _large_enough(Hexagons(stored, inside, nowhere, months), min(wanted, stored))


def gathered(places: Iterable[tuple[str, str, int | None]], box: Box, zoom: int) -> Hexagons:
    """The same of a few organisms, by their cell of resolution `FINEST`, their status and their month."""
    resolution = cells.resolution(zoom)
    counts: dict[str, Count] = {}
    months: dict[str, Counter[int]] = {}
    for cell, status, month in places:
        key = cells.parent(cell, resolution)
        counts[key] = counts.get(key, Count()) + Count(1, int(status == Status.VERIFIED))
        months.setdefault(key, Counter())[month or 0] += 1
    nowhere = counts.pop("", Count())
    seen = cells.touching(counts, box, resolution)
    by_month = [sum(months[cell][month] for cell in seen) for month in range(1, 13)]
    inside = {cell: counts[cell] for cell in seen}
    return _large_enough(Hexagons(resolution, inside, nowhere, by_month), resolution)


def verified_in(cell: str, month: int | None = None) -> "QuerySet[CellTally, tuple[UUID, int, int]]":
    """Taxon, how many are verified as it in a cell, and how many of these in a month of any year."""
    rows = CellTally.objects.filter(cell=cell, whole=False, status=Status.VERIFIED, taxon__isnull=False)
    then = Sum(f"m{month:02d}") if month else Value(0)
    sums = rows.order_by().values_list("taxon").annotate(total=Sum("count"), then=then)
    return sums.exclude(total=0)


def within(cell: str, asked: Asked) -> Count:
    """How many are in a cell. One query."""
    found = _sums(CellTally.objects.filter(cell__in=cells.stored(cell)), asked)
    return sum((count for count, _ in found.values()), Count())


def _sums(rows: "QuerySet[CellTally]", asked: Asked) -> dict[str, tuple[Count, tuple[int, ...]]]:
    """Cell to its counts in the months that are asked for, and to that of each month."""
    if asked.status:
        rows = rows.filter(status=asked.status)
    sign = None
    if asked.taxa is not None:
        which = Q(taxon__in=list(asked.taxa), whole=False)
    elif asked.others is not None:
        which = Q(taxon=None) | Q(taxon__in=list(asked.others))
        sign = Case(When(whole=True, then=1), default=-1)
    else:
        which = Q(taxon=None, whole=True)

    def amount(*names: str) -> Any:
        # Without a sign where there need not be one: what is added here is added a thousand times.
        total = sum((F(name) for name in names[1:]), start=F(names[0]))
        return total if sign is None else sign * total

    asked_for = (
        amount(*(f"m{month:02d}" for month in sorted(asked.months))) if asked.months else amount("count")
    )
    verified = Sum(asked_for, filter=Q(status=Status.VERIFIED), default=0)
    each_month = {f"in_{name}": Sum(amount(name)) for name in CellTally.COUNTS[1:]}
    sums = rows.filter(which).order_by().values_list("cell")
    found = sums.annotate(all=Sum(asked_for), verified=verified, **each_month)
    return {cell: (Count(every, agreed), tuple(months)) for cell, every, agreed, *months in found}


def _large_enough(found: Hexagons, resolution: int) -> Hexagons:
    """At this resolution, or at the next one at which no more than `MOST` cells are left."""
    while found.resolution > resolution or len(found.counts) > MOST:
        larger: dict[str, Count] = {}
        for cell, count in found.counts.items():
            around = cells.parent(cell, found.resolution - 1)
            larger[around] = larger.get(around, Count()) + count
        found = replace(found, resolution=found.resolution - 1, counts=larger)
    return found
