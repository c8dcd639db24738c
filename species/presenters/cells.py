"""Hexagons of the map as scripts draw them, as words, and the view in which they lie."""

import math
from typing import Any

from species.places import cells
from species.places.cells import WORLD, Box
from species.queries import places
from species.queries.cells import Hexagons

# Pixels of the map that a page is laid out for, where nobody has said yet what to look at.
WIDE, HIGH = 640, 380
CLOSEST = 8
TILE = 256


def shapes(hexagons: Hexagons) -> list[list[Any]]:
    """For species/hexagons.js: a cell's id, all in it, the verified ones, and its ring (`cells.ring`)."""
    return [[cell, count.all, count.verified, cells.ring(cell)] for cell, count in hexagons.counts.items()]


def around(cell: str) -> str:
    """A hexagon in words, by its middle."""
    latitude, longitude = cells.middle(cell)
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    degrees = f"{abs(latitude):.1f}° {north}, {abs(longitude):.1f}° {east}"
    found = places.near(latitude, longitude)
    name = found.town or found.water
    return f"around {name} ({degrees})" if name else f"around {degrees}"


def fitting(box: Box | None) -> tuple[float, float, int]:
    """Latitude, longitude and zoom at which a box is in view; of none the world."""
    if box is None:
        return 30.0, 0.0, 2
    box = box.around(1.0)
    if box == WORLD or box.width >= 359:
        return 30.0, 0.0, 1
    longitude = (box.west + box.width / 2 + 180) % 360 - 180
    north, south = (_mercator(each) for each in (box.north, box.south))
    turns = max(box.width / 360 / WIDE, (north - south) / HIGH) * TILE
    zoom = max(1, min(CLOSEST, math.floor(-math.log2(turns))))
    return math.degrees(math.atan(math.sinh(math.pi * (north + south)))), longitude, zoom


def _mercator(latitude: float) -> float:
    """From −0.5 to 0.5 of a square world."""
    angle = math.radians(max(-85.0, min(85.0, latitude)))
    return math.asinh(math.tan(angle)) / (2 * math.pi)


def seen_from(at: tuple[float, float, int]) -> Box:
    """What is in view of a map of `WIDE` × `HIGH` pixels there."""
    latitude, longitude, zoom = at
    wide, high = WIDE / TILE / 2**zoom, HIGH / TILE / 2**zoom
    middle = _mercator(latitude)
    south, north = (
        math.degrees(math.atan(math.sinh(2 * math.pi * max(-0.5, min(0.5, middle + step * high / 2)))))
        for step in (-1, 1)
    )
    if wide >= 1:
        return Box(-180.0, south, 180.0, north)
    west, east = ((longitude + step * wide * 180 + 180) % 360 - 180 for step in (-1, 1))
    return Box(west, south, east, north)
