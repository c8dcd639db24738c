"""What the map of Explore shows: hexagons, exact places and months of what the gallery's filters find.

Of what anybody may see, whoever asks: a hexagon is the same for all, and may be kept by whoever passes it on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from species.models import Observation, Occurrence, Shown, in_box
from species.places.cells import FINEST, Box
from species.queries import cells
from species.queries.cells import Asked, Count, Hexagons
from species.taxonomy.tree import Tree

# Filters that counters know; of what others find, the first are gathered one by one.
COUNTED = frozenset({"taxon", "status", "month"})
FIRST = 1000
# The zoom whose hexagons are counted where nobody says which.
AFAR = 3
# Exact places are drawn from this zoom on, so many at most, out of so many that are looked at.
POINTS_FROM, POINTS, LOOKED_AT = 10, 400, 1000


class Point(NamedTuple):
    """An organism at a place that is public as it is. Degrees."""

    latitude: float
    longitude: float
    observation: UUID
    status: str


@dataclass(frozen=True)
class View:
    """`first`: only so many of what the filters find were gathered, the newest, and there are more; 0: all are
    counted. `more`: there are more points than these.
    """

    hexagons: Hexagons
    points: list[Point] = field(default_factory=list)
    first: int = 0
    more: bool = False


def counted(asked: Mapping[str, Any], tree: Tree | None = None) -> Asked | None:
    """What counters are asked for by these values of filters; None where they do not know one of them."""
    if {name for name, value in asked.items() if value} - COUNTED - {"cell"}:
        return None
    return Asked.of(
        asked.get("taxon"), status=asked.get("status") or "", months=asked.get("month") or (), tree=tree
    )


def view(box: Box, zoom: int, asked: Mapping[str, Any], found: Callable[[], QuerySet[Occurrence]]) -> View:
    """Of what the filters `asked` find, which is `found`, asked for only where counters do not know. One query, up to
    three where exact places are near.
    """
    counters = counted(asked)
    if counters is None:
        return _gathered(box, zoom, found())
    hexagons = cells.in_view(box, zoom, counters)
    if zoom < POINTS_FROM or hexagons.resolution != FINEST:
        return View(hexagons)
    points, more = _points(box, list(hexagons.counts), counters)
    return View(hexagons, points, more=more)


def _gathered(box: Box, zoom: int, found: QuerySet[Occurrence]) -> View:
    rows = list(
        found.values_list(
            "observation__public_h3_5",
            "status",
            "observation__local_date__month",
            "observation__place_shown",
            "observation__public_latitude",
            "observation__public_longitude",
            "observation",
        )[: FIRST + 1]
    )
    hexagons = cells.gathered([row[:3] for row in rows[:FIRST]], box, zoom)
    points = [
        Point(latitude, longitude, id, status)
        for _, status, _, shown, latitude, longitude, id in rows[:FIRST]
        if zoom >= POINTS_FROM and shown == Shown.EXACT
        if latitude is not None and longitude is not None and box.holds(latitude, longitude)
    ]
    return View(hexagons, points[:POINTS], FIRST if len(rows) > FIRST else 0, len(points) > POINTS)


def _points(box: Box, near: list[str], asked: Asked) -> tuple[list[Point], bool]:
    """Out of the places in these cells, so many of which are looked at: of what is rare there some is not found."""
    exact = Observation.objects.filter(
        in_box(*box), public_h3_5__in=near, place_shown=Shown.EXACT, shown=True
    ).order_by()
    rows = Occurrence.objects.filter(observation__in=exact.values("pk")[:LOOKED_AT], shown=True)
    if asked.taxa is not None:
        rows = rows.filter(agreed_taxon__in=asked.taxa)
    elif asked.others is not None:
        rows = rows.filter(agreed_taxon__isnull=False).exclude(agreed_taxon__in=asked.others)
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.months:
        rows = rows.filter(observation__local_date__month__in=asked.months)
    found = rows.order_by().values_list(
        "observation__public_latitude", "observation__public_longitude", "observation", "status"
    )
    points = [
        Point(latitude, longitude, id, status)
        for latitude, longitude, id, status in found[: POINTS + 1]
        if latitude is not None and longitude is not None
    ]
    more = len(points) > POINTS or exact[LOOKED_AT : LOOKED_AT + 1].exists()
    return points[:POINTS], more


def areas(
    box: Box,
    zoom: int,
    asked: Mapping[str, Any],
    few: QuerySet[Occurrence] | None,
    tree: Tree | None = None,
) -> Hexagons | None:
    """The numbers of the map without it. One query.

    `few`: what is found, where these are few enough to be gathered; None of more, where counters do not know either.
    """
    counters = counted(asked, tree)
    if counters is not None:
        return cells.in_view(box, zoom, counters)
    if few is None:
        return None
    rows = few.filter(shown=True)
    names = ("observation__public_h3_5", "status", "observation__local_date__month")
    return cells.gathered(rows.values_list(*names), box, zoom)


def in_cell(cell: str, asked: Mapping[str, Any]) -> Count | None:
    """How many the filters find in a hexagon, where counters know; else None. One query."""
    counters = counted(asked)
    return None if counters is None else cells.within(cell, counters)
