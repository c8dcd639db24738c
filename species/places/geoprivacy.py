"""What others may know of where something was seen.

A protected place is *generalized to a grid*: everything in one cell gets the cell's centre, always the same
one. It is never randomized, because the average of many random points is the point that was to be hidden.
Whatever is public (filters, tiles, counts, H3 cells, exports) is computed from the generalized place alone,
so no question that can be asked of the public data reaches behind it.

    place = public_place(47.26812, 11.39325, 8, "generalized")
    place.latitude, place.longitude      # 47.25, 11.35: the centre of the cell
    h3_cells(place.latitude, place.longitude, (4, 6))

Degrees are WGS 84. Source: A. D. Chapman, "Current Best Practices for Generalizing Sensitive Species
Occurrence Data" (GBIF, 2020), which asks for a fixed grid, its size stated, and an uncertainty that covers
the cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import h3

# From the freest to the strictest. A place is shown by the strictest that its observer or its taxon asks for.
PRIVACIES = ("open", "generalized", "private")
CELL_DEGREES = 0.1
# 110 m hides nothing; beyond 10° the corners are no longer what is farthest from the centre.
SMALLEST_CELL, LARGEST_CELL = 0.001, 10
EARTH_RADIUS_M = 6_371_008.8
# Decimals of a published degree: a tenth of a metre.
DECIMALS = 6


class Bounds(NamedTuple):
    """Edges of a cell in degrees. A cell never crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True)
class PublicPlace:
    """A place that may be shown to anyone."""

    latitude: float  # degrees; the centre of the cell where `bounds` is set
    longitude: float
    uncertainty_m: (
        float | None
    )  # dwc:coordinateUncertaintyInMeters: a radius around the point that holds the true place
    bounds: Bounds | None = None  # the cell; None for a place shown as it is

    @property
    def generalized(self) -> bool:
        return self.bounds is not None


def generalize(latitude: float, longitude: float, cell: float = CELL_DEGREES) -> PublicPlace:
    """The cell of the grid of `cell` degrees that holds the point: a function of the cell, not of the
    point.

    The grid starts at 90° S, 180° W; a point on an edge belongs to the cell north and east of it, the North
    Pole to the last row, 180° E to the first column. The uncertainty reaches from the centre to the
    farthest corner. Raises ValueError for a point not on Earth, or a `cell` that does not divide 180°
    evenly or is absurd.
    """
    rows = round(180 / cell) if SMALLEST_CELL <= cell <= LARGEST_CELL else 0
    if not math.isclose(rows * cell, 180, rel_tol=1e-9):
        raise ValueError(
            f"a cell divides 180 degrees evenly and has {SMALLEST_CELL} to {LARGEST_CELL} of them, not {cell}"
        )
    _check(latitude, longitude)
    row = min(_steps(latitude + 90, rows, 180), rows - 1)
    column = _steps(longitude + 180, 2 * rows, 360) % (2 * rows)
    # From whole numbers, so that every point of a cell gives the same digits.
    south, north = (round(180 * edge / rows - 90, DECIMALS) for edge in (row, row + 1))
    west, east = (round(180 * edge / rows - 180, DECIMALS) for edge in (column, column + 1))
    centre_latitude = round(180 * (row + 0.5) / rows - 90, DECIMALS)
    centre_longitude = round(180 * (column + 0.5) / rows - 180, DECIMALS)
    # One of the two is the farther: cells are wider towards the equator.
    reach = max(distance_m(centre_latitude, centre_longitude, edge, west) for edge in (south, north))
    return PublicPlace(centre_latitude, centre_longitude, math.ceil(reach), Bounds(south, west, north, east))


def public_place(
    latitude: float | None,
    longitude: float | None,
    uncertainty_m: float | None,
    privacy: str,
    taxon_floor: str = "open",
    cell: float = CELL_DEGREES,
) -> PublicPlace | None:
    """What anyone may see of a place, or None for nothing.

    `privacy` is the observer's choice and `taxon_floor` what a sensitive taxon asks for at least: the
    stricter of the two holds. A generalized place whose own uncertainty is larger than the cell's says so,
    in whole multiples of the cell's, so that the figure names no single record. Raises ValueError for a
    point not on Earth or an unknown privacy.
    """
    level = strictest(privacy, taxon_floor)
    if latitude is None or longitude is None or level == "private":
        return None
    _check(latitude, longitude)
    own = uncertainty_m if uncertainty_m is not None and math.isfinite(uncertainty_m) else None
    if level == "open":
        return PublicPlace(latitude, longitude, own)
    place = generalize(latitude, longitude, cell)
    assert place.uncertainty_m is not None
    if own is None or own <= place.uncertainty_m:
        return place
    times = 1 + math.ceil(own / place.uncertainty_m)
    return PublicPlace(place.latitude, place.longitude, times * place.uncertainty_m, place.bounds)


def strictest(*privacies: str) -> str:
    """The strictest of some privacies. Raises ValueError for an unknown one: guessing "open" would publish
    a place.
    """
    unknown = set(privacies) - set(PRIVACIES)
    if unknown or not privacies:
        raise ValueError(
            f"privacy is one of {', '.join(PRIVACIES)}, not {', '.join(sorted(unknown)) or 'nothing'}"
        )
    return max(privacies, key=PRIVACIES.index)


OBSERVER = "observer"
# Why no more of a place is public, by the rule that was applied.
REASONS = {
    OBSERVER: "as its observer chose",
    "agreed": "because what lives here is protected",
    "named": "because somebody named a protected species here",
}


def rule(privacy: str, floors: Mapping[str, str]) -> str:
    """Which rule decides how much of a place is shown: the observer's choice, where it alone does as much,
    else the name of one of the `floors` (rule to level) that ask for the strictest.
    """
    level = strictest(privacy, *floors.values())
    return OBSERVER if level == privacy else next(name for name in floors if floors[name] == level)


def reason(shown: str, rule: str) -> str:
    """A sentence about a place that is not shown as it is, for whoever asks why; else empty."""
    if shown == "generalized":
        return f"The place is the middle of a square of {CELL_DEGREES:g}°, {REASONS[rule]}."
    if shown == "withheld":
        return f"The place is hidden, {REASONS[rule]}."
    return ""


def h3_cells(latitude: float, longitude: float, resolutions: Iterable[int]) -> dict[int, str]:
    """The H3 cell of a point at each resolution (0 to 15), as the usual 15 hex digits.

    For anything public, pass the coordinates of a `PublicPlace`. Raises ValueError for a point not on Earth.
    """
    _check(latitude, longitude)
    return {resolution: h3.latlng_to_cell(latitude, longitude, resolution) for resolution in resolutions}


def _check(latitude: float, longitude: float) -> None:
    # NaN compares false, so the question is put the way round that refuses it.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"{latitude}, {longitude} is not a place on Earth")


def _steps(angle: float, cells: int, span: int) -> int:
    """How many cells lie before `angle`. As published digits, so that an edge read back is the same edge."""
    return int(round(angle, DECIMALS) * cells / span + 1e-9)


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres along the great circle (haversine)."""
    one, other = math.radians(latitude), math.radians(other_latitude)
    half_north, half_east = (other - one) / 2, math.radians(other_longitude - longitude) / 2
    chord = math.sin(half_north) ** 2 + math.cos(one) * math.cos(other) * math.sin(half_east) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))
