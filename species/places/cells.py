"""The hexagons in which sightings are counted: H3 cells of public places, from 320 km across down to 17.

A cell of resolution `FINEST` is larger than the square that stands for a protected place, and its parents are
functions of it alone: so no cell tells more than the place that is public. `tile` is the degree square that a
cell's middle lies in, of a size for each resolution: a view of the map asks for the tiles that it touches, and
so for a few hundred cells around it.

Degrees are WGS 84. Cells are named as usual, by 15 hex digits; "" is no place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import h3

RESOLUTIONS = (2, 3, 4, 5)
COARSEST, FINEST = RESOLUTIONS[0], RESOLUTIONS[-1]
NOWHERE = 0
# Degrees of a tile's side, which divide 180; some six cells side by side.
SIDES = {2: 30.0, 3: 10.0, 4: 4.0, 5: 1.5}
# Degrees from the middle of the largest cell to its corners, north or south.
REACH = {1: 5.5, 2: 2.1, 3: 0.8, 4: 0.3, 5: 0.12}
# The tiles that one view may ask for; a larger one is answered by larger cells.
TILES = 64
UNITS = 10_000  # of a degree, in which the corners of a cell are told
KEPT = 40_000  # cells whose shape a process remembers; the same few thousand are asked for all day


class Box(NamedTuple):
    """Edges in degrees. `west > east` crosses 180°."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        return self.east - self.west + (360 if self.west > self.east else 0)

    def around(self, margin: float) -> Box:
        """With so many degrees of latitude more on each side, and as many kilometres east and west."""
        south, north = max(-90.0, self.south - margin), min(90.0, self.north + margin)
        furthest = max(abs(south), abs(north))
        # Around a pole a few kilometres lead to any longitude.
        if furthest > 90 - 4 * margin:
            return Box(-180.0, south, 180.0, north)
        wider = margin / math.cos(math.radians(furthest))
        if self.width + 2 * wider >= 360:
            return Box(-180.0, south, 180.0, north)
        return Box(_turned(self.west - wider), south, _turned(self.east + wider), north)

    def holds(self, latitude: float, longitude: float) -> bool:
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east


WORLD = Box(-180.0, -90.0, 180.0, 90.0)


def resolution(zoom: int) -> int:
    """Whose cells are some 20 to 40 pixels wide at this zoom of a Web Mercator map; 1 is counted from its children."""
    return {3: 2, 4: 3, 5: 3, 6: 4}.get(zoom, 1 if zoom < 3 else FINEST)


@lru_cache(KEPT)
def line(cell: str) -> tuple[str, ...]:
    """A cell of resolution `FINEST` and the cells around it at each of `RESOLUTIONS`, the largest first; no place
    has one.
    """
    if not cell:
        return ("",)
    return tuple(h3.cell_to_parent(cell, each) for each in RESOLUTIONS)


def is_cell(text: str) -> bool:
    """Whether it is a cell in which sightings may be counted."""
    return (
        len(text) == 15
        and text.islower()
        and h3.is_valid_cell(text)
        and 0 < h3.get_resolution(text) <= FINEST
    )


def parent(cell: str, resolution: int) -> str:
    """The cell of this resolution around another, or itself; "" of no place."""
    return h3.cell_to_parent(cell, resolution) if cell else ""


def stored(cell: str) -> list[str]:
    """The cells by whose numbers it is counted: itself, or its children."""
    return [cell] if h3.get_resolution(cell) >= COARSEST else h3.cell_to_children(cell, COARSEST)


def span(cell: str) -> tuple[str, str]:
    """The first and the last cell of resolution `FINEST` in a cell: the names of all of them lie between."""
    first = int(h3.cell_to_center_child(cell, FINEST), 16)
    deeper = range(h3.get_resolution(cell) + 1, FINEST + 1)
    return f"{first:x}", f"{first + sum(6 << 3 * (15 - each) for each in deeper):x}"


@lru_cache(KEPT)
def middle(cell: str) -> tuple[float, float]:
    """Latitude and longitude."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return latitude, longitude


@lru_cache(KEPT)
def tile(cell: str) -> int:
    return _tile(h3.get_resolution(cell), *middle(cell)) if cell else NOWHERE


@lru_cache(KEPT)
def ring(cell: str) -> tuple[int, ...]:
    """Its corners in `UNITS` of a degree: latitude and longitude of the first, then the steps from each to the next.

    A cell across 180° has longitudes on one side of it.
    """
    steps: list[int] = []
    before = (0, 0)
    for latitude, longitude in h3.cell_to_boundary(cell):
        if steps and abs(longitude - before[1] / UNITS) > 180:
            longitude += math.copysign(360, before[1])
        here = (round(latitude * UNITS), round(longitude * UNITS))
        steps += (here[0] - before[0], here[1] - before[1])
        before = here
    return tuple(steps)


def tiles(box: Box, resolution: int) -> list[int] | None:
    """Of the cells of a resolution that touch the box; None where they are more than `TILES`."""
    side, wide = SIDES[resolution], box.around(REACH[resolution])
    rows = _steps(wide.south + 90, side, 180), _steps(wide.north + 90, side, 180)
    columns = list(
        _columns(_steps(wide.west + 180, side, 360), _steps(wide.east + 180, side, 360), round(360 / side))
    )
    if (rows[1] - rows[0] + 1) * len(columns) > TILES:
        return None
    return [_number(resolution, row, column) for row in range(rows[0], rows[1] + 1) for column in columns]


def all_tiles(resolution: int) -> tuple[int, int]:
    """The first and the last number of a resolution's tiles."""
    return _number(resolution, 0, 0), _number(resolution, 999, 999)


def touching(found: Iterable[str], box: Box, resolution: int) -> list[str]:
    """Those of some cells that may reach into the box."""
    wide = box.around(REACH[resolution])
    return [cell for cell in found if wide.holds(*middle(cell))]


def bounds(found: Iterable[str]) -> Box | None:
    """A box around the middles of cells, over 180° where that is narrower; None for none."""
    places = sorted(middle(cell) for cell in found)
    if not places:
        return None
    east = sorted(longitude for _, longitude in places)
    gaps = [(after - before, after, before) for before, after in zip(east, east[1:], strict=False)]
    gaps.append((east[0] + 360 - east[-1], east[0], east[-1]))
    _, first, last = max(gaps)
    return Box(first, places[0][0], last, places[-1][0])


def _tile(resolution: int, latitude: float, longitude: float) -> int:
    side = SIDES[resolution]
    return _number(resolution, _steps(latitude + 90, side, 180), _steps(longitude + 180, side, 360))


def _number(resolution: int, row: int, column: int) -> int:
    return resolution * 1_000_000 + row * 1000 + column


def _steps(angle: float, side: float, span: int) -> int:
    return min(int(angle / side), round(span / side) - 1)


def _columns(first: int, last: int, count: int) -> Iterator[int]:
    yield from range(first, last + 1) if first <= last else (*range(first, count), *range(last + 1))


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180
