"""How a fish lies in a picture: where, how large, turned, bent and foreshortened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from drawings.fish import SHEET
from drawings.paint import Point

# Of the sheet that a fish fills from snout to tail.
FISH_PIXELS = 960
HALF = 480
COLUMNS, ROWS = 26, 14


@dataclass(frozen=True)
class Pose:
    """`x`, `y`: the middle in pixels; `length` in pixels; `angle` in degrees, clockwise; `bend` and `wave` in pixels
    of the sheet; `flat`: its height to what it was.
    """

    x: float
    y: float
    length: float
    angle: float
    bend: float = 0.0
    wave: float = 0.0
    flat: float = 1.0
    mirrored: bool = False

    @property
    def scale(self) -> float:
        return self.length / FISH_PIXELS

    def point(self, u: float, v: float) -> Point:
        """Where a point of the sheet comes to lie."""
        x = -(u - SHEET[0] / 2) if self.mirrored else u - SHEET[0] / 2
        y = (v - SHEET[1] / 2 + float(self._spine(np.array(u - SHEET[0] / 2)))) * self.flat
        turn = np.radians(self.angle)
        x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        return float(self.x + x * self.scale), float(self.y + y * self.scale)

    def _spine(self, along: np.ndarray) -> np.ndarray:
        """How far the spine is off its line, `along` pixels of the sheet behind the middle."""
        part = along / HALF
        return self.bend * (part * part - 0.33) + self.wave * np.sin(part * 2.6) * (0.5 + 0.5 * part)

    def _back(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where on the sheet pixels of the picture come from."""
        turn = np.radians(self.angle)
        dx, dy = (x - self.x) / self.scale, (y - self.y) / self.scale
        u, v = dx * np.cos(turn) + dy * np.sin(turn), -dx * np.sin(turn) + dy * np.cos(turn)
        if self.mirrored:
            u = -u
        return u + SHEET[0] / 2, v / self.flat - self._spine(u) + SHEET[1] / 2

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """The part of a picture of that size that the fish may touch."""
        rim = [self.point(u, v) for u in np.linspace(40, SHEET[0] - 40, 9) for v in (60, SHEET[1] - 60)]
        xs, ys = [x for x, _ in rim], [y for _, y in rim]
        left, top = max(0, int(min(xs))), max(0, int(min(ys)))
        return left, top, max(left + 2, min(size[0], int(max(xs)))), max(top + 2, min(size[1], int(max(ys))))

    def placed(self, sheet: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
        """The fish as it is seen in a picture of that size, cut out, and where its upper left corner goes."""
        left, top, right, bottom = self.box(size)
        xs = np.linspace(0, right - left, COLUMNS).round().astype(int)
        ys = np.linspace(0, bottom - top, ROWS).round().astype(int)
        u, v = self._back(*np.meshgrid(xs + left, ys + top))
        mesh = []
        for row in range(ROWS - 1):
            for column in range(COLUMNS - 1):
                corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
                quad = [float(value) for at in corners for value in (u[at], v[at])]
                mesh.append(((int(xs[column]), int(ys[row]), int(xs[column + 1]), int(ys[row + 1])), quad))
        mesh = [(box, quad) for box, quad in mesh if box[2] > box[0] and box[3] > box[1]]
        seen = sheet.transform(
            (right - left, bottom - top), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR
        )
        return seen, (left, top)


def shadow(
    page: Image.Image, fish: Image.Image, at: tuple[int, int], reach: tuple[int, int], dark: float
) -> None:
    """Lay the fish's shadow on the page, `reach` pixels away."""
    small = fish.getchannel("A").reduce(4).point(lambda value: int(value * dark))
    soft = small.filter(ImageFilter.BoxBlur(max(1, reach[1] / 9))).resize(
        fish.size, Image.Resampling.BILINEAR
    )
    page.paste((22, 22, 20), (at[0] + reach[0], at[1] + reach[1]), soft)
