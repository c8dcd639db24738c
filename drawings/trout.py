"""What tells the trout of Montana apart: colours and field marks, as an identification key gives them.

Sources: Montana Fish, Wildlife & Parks, "Montana fish identification"; Behnke, "Trout and Salmon of North America"
(2002).
"""

from __future__ import annotations

from dataclasses import dataclass

from drawings.paint import Colour


@dataclass(frozen=True)
class Spots:
    """Dabs of one kind. `back` to `belly` on -1 … 1 and `front` to `rear` on 0 … 1 of the body."""

    colour: Colour
    count: int
    radius: float  # in thousandths of the body's length
    back: float = -0.95
    belly: float = 0.3
    front: float = 0.22
    rear: float = 0.99
    halo: Colour | None = None
    to_tail: float = 0.0  # 0 is evenly; 1 and more: the denser, the nearer to the tail
    on_head: int = 0


@dataclass(frozen=True)
class Worms:
    """Vermiculations: pale or dark wavy lines from the back down to `belly`."""

    colour: Colour
    belly: float
    width: float = 0.5  # part of the skin they cover
    strength: float = 0.9


@dataclass(frozen=True)
class Fins:
    colour: Colour
    lower: Colour  # pectoral, pelvic, anal
    white_edge: float = 0.0  # 0 none … 1 chalk-white with a black line behind
    dorsal_spots: int = 0
    tail_spots: int = 0
    worms: bool = False
    spot: Colour = (30, 28, 26)


@dataclass(frozen=True)
class Look:
    """`skin`: colours from back to belly, at 0 … 1. Stripe and slash from 0, none, to 1."""

    skin: tuple[tuple[float, Colour], ...]
    cheek: Colour
    fins: Fins
    spots: tuple[Spots, ...] = ()
    worms: Worms | None = None
    stripe: float = 0.0
    slash: float = 0.0
    belly_blush: Colour | None = None
    fork: float = 0.15  # of the tail
    jaw: float = 0.10  # how far the mouth reaches, of the body's length
    head: float = 1.0
    length_mm: tuple[int, int] = (180, 480)


INK = (34, 31, 28)

LOOKS: dict[str, Look] = {
    "brown_trout": Look(
        skin=((0, (92, 66, 32)), (0.3, (150, 108, 48)), (0.55, (203, 158, 74)), (0.8, (232, 200, 120)),
              (1, (240, 226, 182))),
        cheek=(204, 160, 78),
        fins=Fins((150, 110, 54), (206, 150, 66), dorsal_spots=16, tail_spots=3),
        spots=(
            Spots(INK, 52, 9.0, belly=0.2, halo=(236, 214, 160), on_head=7),
            Spots((196, 44, 24), 20, 8.5, back=-0.25, belly=0.45, halo=(244, 224, 186)),
        ),
        fork=0.06, jaw=0.115, length_mm=(180, 560),
    ),
    "rainbow_trout": Look(
        skin=((0, (74, 96, 66)), (0.28, (122, 144, 112)), (0.5, (184, 196, 186)), (0.75, (222, 226, 222)),
              (1, (242, 242, 238))),
        cheek=(196, 126, 130),
        fins=Fins((132, 146, 118), (196, 190, 176), dorsal_spots=34, tail_spots=60),
        spots=(Spots(INK, 330, 4.3, belly=0.32, front=0.17, on_head=26),),
        stripe=1.0, fork=0.16, jaw=0.09, length_mm=(180, 520),
    ),
    "brook_trout": Look(
        skin=((0, (44, 54, 36)), (0.3, (66, 78, 50)), (0.58, (96, 100, 72)), (0.78, (176, 122, 70)),
              (1, (238, 190, 140))),
        cheek=(92, 88, 62),
        fins=Fins((92, 92, 56), (214, 92, 44), white_edge=1.0, worms=True),
        worms=Worms((178, 178, 104), belly=-0.15),
        spots=(
            Spots((206, 206, 130), 48, 7.5, back=-0.35, belly=0.5),
            Spots((206, 42, 44), 22, 5.5, back=-0.25, belly=0.5, halo=(96, 142, 206)),
        ),
        belly_blush=(226, 104, 40), fork=0.04, jaw=0.115, length_mm=(130, 360),
    ),
    "cutthroat_trout": Look(
        skin=((0, (112, 96, 46)), (0.3, (168, 138, 62)), (0.55, (214, 176, 84)), (0.8, (232, 196, 108)),
              (1, (240, 216, 158))),
        cheek=(214, 134, 84),
        fins=Fins((172, 132, 64), (214, 146, 70), dorsal_spots=12, tail_spots=26),
        spots=(Spots(INK, 105, 7.2, belly=0.42, front=0.2, to_tail=2.2),),
        slash=1.0, fork=0.2, jaw=0.11, length_mm=(180, 480),
    ),
    "cutbow": Look(
        skin=((0, (92, 100, 54)), (0.28, (142, 146, 88)), (0.52, (198, 188, 136)), (0.78, (226, 214, 172)),
              (1, (240, 232, 208))),
        cheek=(206, 138, 106),
        fins=Fins((152, 142, 92), (208, 164, 104), dorsal_spots=22, tail_spots=40),
        spots=(Spots(INK, 190, 5.6, belly=0.34, front=0.18, on_head=10, to_tail=0.35),),
        stripe=0.5, slash=0.6, fork=0.18, jaw=0.1, length_mm=(200, 520),
    ),
    "bull_trout": Look(
        skin=((0, (74, 82, 66)), (0.32, (104, 112, 88)), (0.6, (142, 146, 118)), (0.82, (192, 186, 154)),
              (1, (232, 226, 206))),
        cheek=(126, 130, 104),
        fins=Fins((112, 118, 92), (178, 152, 108), white_edge=0.45),
        spots=(
            Spots((226, 212, 146), 78, 6.6, back=-0.9, belly=0.35),
            Spots((232, 146, 92), 34, 6.0, back=-0.35, belly=0.5),
        ),
        fork=0.22, jaw=0.14, head=1.15, length_mm=(220, 640),
    ),
    "tiger_trout": Look(
        skin=((0, (128, 102, 52)), (0.35, (196, 160, 84)), (0.65, (224, 184, 104)), (0.85, (224, 160, 84)),
              (1, (236, 190, 120))),
        cheek=(170, 134, 70),
        fins=Fins((146, 112, 60), (206, 128, 62), white_edge=0.6, worms=True),
        worms=Worms((62, 48, 26), belly=0.75, width=0.47, strength=0.92),
        fork=0.06, jaw=0.115, length_mm=(160, 440),
    ),
}  # fmt: skip
