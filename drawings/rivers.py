"""Where the drawn trout are said to have been caught: points along rivers of Montana."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class River:
    """`points`: (latitude, longitude) downstream, degrees WGS 84; a place is somewhere between two of them."""

    name: str
    points: tuple[tuple[float, float], ...]
    # Bull trout live west of the Continental Divide only.
    west: bool = False


RIVERS = (
    River("Madison River", ((44.866, -111.335), (44.893, -111.587), (45.227, -111.752), (45.346, -111.730))),
    River("Gallatin River", ((45.071, -111.253), (45.266, -111.254), (45.432, -111.226), (45.591, -111.198))),
    River(
        "Yellowstone River",
        ((45.031, -110.705), (45.371, -110.733), (45.509, -110.574), (45.661, -110.560), (45.739, -110.227)),
    ),
    River(
        "Big Hole River",
        ((45.618, -113.450), (45.791, -112.948), (45.753, -112.746), (45.633, -112.683), (45.476, -112.688)),
    ),
    River("Beaverhead River", ((44.999, -112.858), (45.217, -112.638), (45.544, -112.331))),
    River(
        "Missouri River",
        ((45.927, -111.506), (46.322, -111.525), (46.991, -112.005), (47.074, -111.964), (47.272, -111.703)),
    ),
    River(
        "Bitterroot River",
        ((46.021, -114.179), (46.247, -114.170), (46.417, -114.129), (46.631, -114.056), (46.839, -114.096)),
        west=True,
    ),
    River(
        "Blackfoot River",
        ((46.955, -112.681), (47.006, -113.140), (46.919, -113.680), (46.872, -113.865)),
        True,
    ),
    River(
        "Rock Creek", ((46.349, -113.607), (46.466, -113.780), (46.600, -113.650), (46.725, -113.682)), True
    ),
    River(
        "Clark Fork", ((46.396, -112.740), (46.666, -113.150), (46.869, -113.996), (47.297, -115.099)), True
    ),
    River("Kootenai River", ((48.409, -115.313), (48.391, -115.553), (48.462, -115.890)), True),
    River("North Fork Flathead River", ((48.996, -114.474), (48.766, -114.285), (48.495, -114.127)), True),
)


def place(rng: np.random.Generator, west: bool) -> tuple[River, float, float]:
    """A river (west of the divide, if `west`), and latitude and longitude of a place along it."""
    choice = [river for river in RIVERS if river.west or not west]
    river = choice[rng.integers(len(choice))]
    along = rng.uniform(0, len(river.points) - 1)
    (lat, lon), (lat_to, lon_to) = river.points[int(along) : int(along) + 2]
    part = along % 1
    return river, lat + part * (lat_to - lat), lon + part * (lon_to - lon)


def nearby(rng: np.random.Generator, latitude: float, longitude: float, metres: float) -> tuple[float, float]:
    """A point about that many metres away."""
    north, east = rng.normal(0, metres / METRES_PER_DEGREE, 2)
    return latitude + north, longitude + east / np.cos(np.radians(latitude))
