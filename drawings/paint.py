"""Brushes: clouds of pigment, blots, strokes, and colours between colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]
Grain = float | tuple[float, float]
Ink = int | tuple[int, ...]
# Of the corners of a blot, small and large.
TURNS = tuple(np.linspace(0, 2 * np.pi, corners, endpoint=False) for corners in (11, 24))


def cloud(rng: np.random.Generator, size: tuple[int, int], grain: Sequence[Grain]) -> np.ndarray:
    """Soft noise of `size` (width, height), about -1 to 1: layers of blots as wide as each of `grain` (pixels,
    or a pair of width and height), each of half the weight of the one before.
    """
    width, height = size
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for each in grain:
        across, down = each if isinstance(each, tuple) else (each, each)
        cells = (max(2, round(width / across) + 1), max(2, round(height / down) + 1))
        layer = Image.fromarray(rng.standard_normal(cells[::-1], dtype=np.float32))
        total += weight * np.asarray(layer.resize(size, Image.Resampling.BICUBIC))
        weight /= 2
    return total * 0.6


def mask_of(values: np.ndarray) -> Image.Image:
    """A mask from values between 0 and 1."""
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))


def toned(values: np.ndarray) -> Image.Image:
    """An RGB picture from height × width × 3 levels, cut off at black and white."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def smooth(edge: float, to: float, values: np.ndarray) -> np.ndarray:
    """0 below `edge`, 1 above `to` (or the other way round), and a soft step between."""
    part = np.clip((values - edge) / (to - edge), 0, 1)
    return part * part * (3 - 2 * part)


def ramp(stops: Sequence[tuple[float, Colour]]) -> np.ndarray:
    """256 colours from stops at 0 to 1, 256 × 3 levels."""
    at = [stop for stop, _ in stops]
    steps = np.linspace(0, 1, 256)
    return np.stack([np.interp(steps, at, [c[i] for _, c in stops]) for i in range(3)], 1).astype(np.uint8)


def between(one: Colour, other: Colour, part: float) -> Colour:
    mixed = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return tuple(mixed)  # type: ignore[return-value]


def shifted(rng: np.random.Generator, colour: Colour, by: float) -> Colour:
    """That colour from another tube: lighter or darker, and a little off in hue."""
    light = rng.normal(0, by)
    moved = (min(255, max(0, round(c + light + rng.normal(0, by / 2)))) for c in colour)
    return tuple(moved)  # type: ignore[return-value]


def blot(
    rng: np.random.Generator, x: float, y: float, radius: float, flat: float = 1.0, rough: float = 0.12
) -> list[Point]:
    """The outline of one dab of a brush: a circle that wavers."""
    turns = TURNS[radius > 12]
    reach = radius * (
        1 + sum(rng.normal(0, rough / n) * np.cos((n + 1) * turns + 6 * rng.random()) for n in (1, 2))
    )
    return list(zip(x + reach * np.cos(turns), y + reach * flat * np.sin(turns), strict=True))


class Sheet:
    """Part of a picture to draw on with soft edges: `fine` times as large as it will be.

    `size` is its width and height and `corner` its place in the picture; points are those of the picture.
    """

    def __init__(
        self,
        size: tuple[int, int],
        mode: str = "L",
        ground: Ink = 0,
        fine: int = 2,
        corner: tuple[int, int] = (0, 0),
    ) -> None:
        self.fine, self.corner = fine, corner
        self.image = Image.new(mode, (size[0] * fine, size[1] * fine), ground)
        self.pen = ImageDraw.Draw(self.image)

    def fill(self, points: Sequence[Point], colour: Ink) -> None:
        self.pen.polygon(self._at(points), fill=colour)

    def line(self, points: Sequence[Point], colour: Ink, width: float) -> None:
        self.pen.line(self._at(points), fill=colour, width=max(1, round(width * self.fine)), joint="curve")

    def disc(self, x: float, y: float, radius: float, colour: Ink, flat: float = 1.0) -> None:
        corners = (x - radius, y - radius * flat), (x + radius, y + radius * flat)
        self.pen.ellipse(self._at(corners), fill=colour)

    def done(self) -> Image.Image:
        return self.image.reduce(self.fine) if self.fine > 1 else self.image

    def _at(self, points: Sequence[Point]) -> list[Point]:
        left, top = self.corner
        return [((x - left) * self.fine, (y - top) * self.fine) for x, y in points]
