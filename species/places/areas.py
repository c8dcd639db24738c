"""Areas as people write them: an H3 cell, or a box of degrees, and whether a place lies in one. Pure Python.

Degrees are WGS 84. A box is `west,south,east,north`; `west > east` crosses 180°.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import h3

from species.places.cells import Box

WRONG = "“{}” is no area: write an H3 cell (841f8d7ffffffff) or a box of degrees (west,south,east,north)."


def read(text: str) -> str:
    """One area in the form in which it is kept. Raises ValueError with a sentence."""
    said = text.strip().lower()
    if "," not in said:
        if not (len(said) < 17 and said.isascii() and said.isalnum() and h3.is_valid_cell(said)):
            raise ValueError(WRONG.format(text.strip()[:60]))
        return said
    box = _box(said)
    if box is None:
        raise ValueError(WRONG.format(text.strip()[:60]))
    return ",".join(f"{edge:.6g}" for edge in box)


def holds(areas: Iterable[str], latitude: float, longitude: float) -> bool:
    """Whether a place, in degrees, lies in one of these areas; what is none holds nothing."""
    return any(_holds(area, latitude, longitude) for area in areas)


def _holds(area: str, latitude: float, longitude: float) -> bool:
    if "," in area:
        box = _box(area)
        return box is not None and box.holds(latitude, longitude)
    return bool(
        h3.is_valid_cell(area) and h3.latlng_to_cell(latitude, longitude, h3.get_resolution(area)) == area
    )


def _box(text: str) -> Box | None:
    try:
        edges = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(edges) != 4 or not all(map(math.isfinite, edges)):
        return None
    box = Box(*edges)
    fits = -180 <= box.west <= 180 and -180 <= box.east <= 180 and -90 <= box.south < box.north <= 90
    return box if fits and box.west != box.east else None
