"""Rivers, lakes and named places of a GeoJSON file: simplified, cut into squares, and told by name. No Django.

Coordinates are WGS 84 degrees, longitude first, as GeoJSON has them; inside, a point is (x, y) on the Web Mercator
square, both from 0 to 1. A `level` is the zoom at which one square of it measures 256 pixels; look/map.js draws a
level until the next one's zoom.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from species.places.geoprivacy import distance_m
from species.taxonomy import names

Point = tuple[float, float]
Cell = tuple[str, str, int, int]
LEVELS = (4, 7, 10)
# What is left out is smaller than a pixel at this zoom: the last one at which a level is drawn, and a bit.
DETAIL = {4: 7, 7: 10, 10: 14}
DIGITS = {4: 3, 7: 4, 10: 5}
#: Waters shorter than so many pixels where a level begins to be drawn large are not in it.
SHORTEST_PX = 6
MARGIN = 1 / 64  # of a square, beyond its edges: a stroke is not cut in half there
NORTHMOST = 85.05
CELLS = 20  # to a degree: pieces of one name that meet in such a cell are one water
BESIDE = 5  # to a degree: what lies near is found by such squares
KEPT = 400  # points of a water's course that are remembered by its name
STEP = 0.01  # degrees between them, where it is straight
TOWN_M = 2000.0  # what "in" a place without an extent means, where the file does not say
BIG_M = 60_000.0
ALIKE = re.compile(r"(alt_|old_|official_|short_|loc_)?name([:_].+)?", re.IGNORECASE)
KINDS = ("kind", "waterway", "water", "natural", "place", "featurecla")
LONGEST_NAME = 160
FEWEST = {"point": 1, "line": 2, "area": 4}  # points of a part that is one


class WatersRefused(ValueError):
    """The file cannot be read as waters; the text says why, and where."""


@dataclass
class Feature:
    names: list[str]
    kind: str
    shape: str  # "line", "area" or "point"
    parts: list[list[Point]]  # degrees; of an area its rings
    uncertainty_m: float | None = None


@dataclass
class Water:
    """One named water or place, of however many pieces."""

    names: list[str]
    kind: str
    shape: str
    course: list[Point] = field(default_factory=list)  # degrees
    uncertainty_m: float | None = None

    def place(self) -> tuple[float, float, float]:
        """Latitude and longitude of its middle, and the radius in metres that holds it: half its extent."""
        west, south = (min(each[axis] for each in self.course) for axis in (0, 1))
        east, north = (max(each[axis] for each in self.course) for axis in (0, 1))
        middle = ((west + east) / 2, (south + north) / 2)
        if self.shape == "line":
            # On the water, not in the bend that it makes.
            middle = min(self.course, key=lambda each: math.dist(each, middle))
        longitude, latitude = middle
        reach = max(distance_m(latitude, longitude, lat, lon) for lon, lat in self.course)
        stated = self.uncertainty_m
        if stated is None:
            stated = TOWN_M if self.shape == "point" else math.ceil(reach)
        return round(latitude, 6), round(longitude, 6), float(stated)

    def extent_m(self) -> float:
        return 2 * self.place()[2]

    def passed(self) -> dict[tuple[int, int], list[Point]]:
        """The squares of `BESIDE` that it passes, and the points of its course in each."""
        found: dict[tuple[int, int], list[Point]] = {}
        for lon, lat in self.course:
            square = math.floor(lon * BESIDE), math.floor(lat * BESIDE)
            found.setdefault(square, []).append((round(lon, 5), round(lat, 5)))
        return found


def read(path: Path) -> Iterator[Feature]:
    """The features of a file, one by one: as values all of them would be ten times the file. Raises WatersRefused."""
    text = _text(path)
    begins = re.search(r'"features"\s*:\s*\[', text)
    if begins is None:
        raise WatersRefused(f"{path.name} is no GeoJSON FeatureCollection.")
    decoder, at, number = json.JSONDecoder(), begins.end(), 0
    gap = re.compile(r"[\s,]*")
    while True:
        at = gap.match(text, at).end()  # type: ignore[union-attr]  # matches nothing, too
        if text[at : at + 1] == "]":
            return
        number += 1
        try:
            said, at = decoder.raw_decode(text, at)
            found = _feature(said)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise WatersRefused(f"Feature {number} of {path.name} cannot be read: {error}") from error
        if found is not None:
            yield found


def credit(path: Path) -> str:
    """Whom to name on maps: the collection's own `credit`, which stands before its features."""
    before = _text(path).split('"features"', 1)[0]
    found = re.search(r'"(?:credit|attribution)"\s*:\s*("(?:[^"\\]|\\.)*")', before)
    return json.loads(found[1])[:200] if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WatersRefused(f"{path} cannot be read: {error}") from error


def _feature(said: Mapping[str, Any]) -> Feature | None:
    geometry, properties = said.get("geometry"), said.get("properties") or {}
    if geometry is None:
        return None
    kind, held = geometry["type"], geometry.get("coordinates")
    if kind in ("Point", "MultiPoint"):
        shape, parts = "point", [held] if kind == "Point" else held
        parts = [[each] for each in parts]
    elif kind in ("LineString", "MultiLineString"):
        shape, parts = "line", [held] if kind == "LineString" else held
    elif kind in ("Polygon", "MultiPolygon"):
        shape, parts = "area", held if kind == "Polygon" else [ring for each in held for ring in each]
    else:
        return None
    # What it is called first comes first, whatever the order of the file.
    said_names = sorted(
        ((key, value) for key, value in properties.items() if _names(key, value)),
        key=lambda each: each[0] != "name",
    )
    called = list(dict.fromkeys(value.strip()[:LONGEST_NAME] for _, value in said_names))
    stated = properties.get("uncertainty_m")
    found = Feature(
        names=called,
        kind=_kind(properties, shape),
        shape=shape,
        parts=[[_point(each) for each in part] for part in parts if len(part) >= FEWEST[shape]],
        uncertainty_m=float(stated) if stated is not None else None,
    )
    return found if found.parts else None


def _names(key: str, value: object) -> bool:
    return isinstance(value, str) and bool(ALIKE.fullmatch(key)) and bool(names.key(value))


def _kind(properties: Mapping[str, Any], shape: str) -> str:
    said = next((properties[key] for key in KINDS if isinstance(properties.get(key), str)), "")
    return said.strip().casefold()[:40] or {"line": "river", "area": "lake", "point": "place"}[shape]


def _point(said: Sequence[float]) -> Point:
    longitude, latitude = float(said[0]), float(said[1])
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError(f"{longitude:g}, {latitude:g} are no degrees of longitude and latitude")
    return longitude, latitude


# --- by name ------------------------------------------------------------------------------------------------


def named(features: Iterable[Feature]) -> tuple[list[Water], dict[Cell, Water]]:
    """Waters and places with a name; and by name and cell, so that a piece finds the water that it is of.

    Pieces of one name are one water where they meet: a brook of the same name in the next valley is another.
    """
    waters: list[Water] = []
    same: list[int] = []  # the number of a water that is the same, as a forest
    by_cell: dict[Cell, int] = {}

    def first(number: int) -> int:
        while same[number] != number:
            same[number] = number = same[same[number]]
        return number

    for each in features:
        if not each.names:
            continue
        number = len(waters)
        course = [point for part in each.parts for point in _course(part)]
        waters.append(Water(list(each.names), each.kind, each.shape, course, each.uncertainty_m))
        same.append(number)
        for cell in {cell_of(each, point) for point in course}:
            if cell in by_cell:
                same[first(number)] = first(by_cell[cell])
            by_cell[cell] = first(number)
    for number, piece in enumerate(waters):
        whole = waters[first(number)]
        if whole is not piece:
            whole.names = list(dict.fromkeys([*whole.names, *piece.names]))
            whole.course += piece.course
            whole.uncertainty_m = piece.uncertainty_m if whole.uncertainty_m is None else whole.uncertainty_m
    found = [water for number, water in enumerate(waters) if first(number) == number]
    for water in found:
        water.course = water.course[:: max(1, len(water.course) // KEPT)]
    return found, {cell: waters[first(number)] for cell, number in by_cell.items()}


def cell_of(feature: Feature, point: Point) -> Cell:
    at = math.floor(point[0] * CELLS), math.floor(point[1] * CELLS)
    return names.key(feature.names[0]), feature.shape, *at


def _course(part: list[Point]) -> list[Point]:
    """As much of it as its course can be told by, and points between where those are far apart."""
    if len(part) < 2:
        return part
    simple = [_degrees(each) for each in simplified([_unit(each) for each in part], tolerance(LEVELS[0]) / 4)]
    course = [part[0]]
    for one, other in zip(simple, [*simple[1:-1], part[-1]], strict=False):
        steps = max(1, math.ceil(math.dist(one, other) / STEP))
        course += [
            (one[0] + (other[0] - one[0]) * step / steps, one[1] + (other[1] - one[1]) * step / steps)
            for step in range(1, steps + 1)
        ]
    return course


# --- as squares ---------------------------------------------------------------------------------------------


def squares(
    feature: Feature, extent: float, big: bool = False
) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    """Level, x and y of the squares that a feature is in, and what of it is there, as GeoJSON.

    `extent`: of the whole water, as a share of the width of the world; `big`: drawn broad.
    """
    properties: dict[str, Any] = {"name": feature.names[0]} if feature.names else {}
    if big:
        properties["big"] = 1
    parts = [[_unit(each) for each in part] for part in feature.parts]
    for level in LEVELS[::-1]:  # each from the finer one: what a pixel hides there is hidden here
        if feature.shape == "point":
            if level != LEVELS[0]:
                for ((x, y),) in parts:
                    yield *_square(x, y, level), _geojson("Point", [[(x, y)]], level, properties)
            continue
        if extent * 256 * 2 ** (level + 2) < SHORTEST_PX:
            return
        parts = [simplified(part, tolerance(level)) for part in parts]
        cut: dict[tuple[int, int, int], list[list[Point]]] = {}
        for part in parts:
            for square, piece in _cut(part, feature.shape == "area", level):
                if len(piece) < FEWEST[feature.shape]:
                    continue
                cut.setdefault(square, []).append(piece)
        for square, pieces in cut.items():
            kind = "Polygon" if feature.shape == "area" else "MultiLineString"
            yield *square, _geojson(kind, pieces, level, properties)


def tolerance(level: int) -> float:
    return 0.5 ** (8 + DETAIL[level])


def simplified(part: list[Point], within: float) -> list[Point]:
    """Douglas and Peucker's: the points without which the line would be further than `within` from where it was."""
    if len(part) < 3:
        return part
    points = np.array(part)
    kept = np.zeros(len(points), bool)
    kept[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        line = points[last] - points[first]
        off = points[first + 1 : last] - points[first]
        # Off the piece between the two, not off the line that goes on for ever: a course that turns back on itself
        # goes further than both. A ring ends where it begins, and has no line to be off.
        square = float(line @ line)
        along = np.clip(off @ line / square, 0, 1) if square else np.zeros(len(off))
        far = np.hypot(*(off - along[:, None] * line).T)
        worst = int(far.argmax())
        if far[worst] > within:
            kept[first + 1 + worst] = True
            waiting += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return [each for each, keep in zip(part, kept, strict=True) if keep]


def _cut(part: list[Point], ring: bool, level: int) -> Iterator[tuple[tuple[int, int, int], list[Point]]]:
    """By halves and halves of halves, so that a long river is not looked at once for every square of the world."""
    waiting = [(0, 0, 0, part)]
    margin = MARGIN / 2**level
    while waiting:
        zoom, x, y, piece = waiting.pop()
        if zoom == level:
            yield (level, x, y), piece
            continue
        size = 1 / 2 ** (zoom + 1)
        for column in (2 * x, 2 * x + 1):
            low, high = column * size - margin, (column + 1) * size + margin
            for strip in _between(piece, 0, low, high, ring):
                for row in (2 * y, 2 * y + 1):
                    low_y, high_y = row * size - margin, (row + 1) * size + margin
                    waiting += [
                        (zoom + 1, column, row, each) for each in _between(strip, 1, low_y, high_y, ring)
                    ]


def _between(part: list[Point], axis: int, low: float, high: float, ring: bool) -> list[list[Point]]:
    """What of a line or a ring lies between two values of x (axis 0) or y (axis 1)."""
    values = [each[axis] for each in part]
    if low <= min(values) and max(values) <= high:
        return [part]
    if max(values) < low or min(values) > high:
        return []
    if ring:
        rest = _half(_half(part, axis, low, 1), axis, high, -1)
        return [rest] if len(rest) > 3 else []
    return _strips(part, axis, low, high)


def _strips(part: list[Point], axis: int, low: float, high: float) -> list[list[Point]]:
    runs: list[list[Point]] = []
    run: list[Point] = []
    for one, other in zip(part, part[1:], strict=False):
        a, b = one[axis], other[axis]
        if max(a, b) < low or min(a, b) > high:
            run = []
            continue
        first = one if low <= a <= high else _crossing(one, other, axis, low if a < low else high)
        last = other if low <= b <= high else _crossing(one, other, axis, low if b < low else high)
        if not run:
            run = [first]
            runs.append(run)
        run.append(last)
        if last is not other:
            run = []
    return runs


def _half(ring: list[Point], axis: int, edge: float, sign: int) -> list[Point]:
    """Sutherland and Hodgman's: the part of a ring on one side of an edge."""
    found: list[Point] = []
    for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
        inside, next_inside = (sign * (each[axis] - edge) >= 0 for each in (one, other))
        if inside:
            found.append(one)
        if inside != next_inside:
            found.append(_crossing(one, other, axis, edge))
    return [*found, found[0]] if found and found[0] != found[-1] else found


def _crossing(one: Point, other: Point, axis: int, value: float) -> Point:
    part = (value - one[axis]) / (other[axis] - one[axis])
    along = one[1 - axis] + part * (other[1 - axis] - one[1 - axis])
    return (value, along) if axis == 0 else (along, value)


def _geojson(kind: str, parts: list[list[Point]], level: int, properties: dict[str, Any]) -> dict[str, Any]:
    held = [
        [[round(value, DIGITS[level]) for value in _degrees(each)] for each in part] for part in parts if part
    ]
    coordinates: Any = held[0][0] if kind == "Point" else held
    if kind == "MultiLineString" and len(held) == 1:
        kind, coordinates = "LineString", held[0]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def extent_of(feature: Feature) -> float:
    """Of its own pieces, as a share of the width of the world."""
    points = [_unit(each) for part in feature.parts for each in part]
    return max(max(each[axis] for each in points) - min(each[axis] for each in points) for axis in (0, 1))


def share_of_the_world(metres: float, latitude: float) -> float:
    return metres / (40_075_016 * max(0.05, math.cos(math.radians(latitude))))


def _square(x: float, y: float, level: int) -> tuple[int, int, int]:
    most = 2**level
    return level, min(int(x * most), most - 1), min(int(y * most), most - 1)


def _unit(point: Point) -> Point:
    longitude, latitude = point
    sine = math.sin(math.radians(max(-NORTHMOST, min(NORTHMOST, latitude))))
    return (longitude + 180) / 360, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _degrees(point: Point) -> Point:
    x, y = point
    return x * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
