"""Hands that hold a fish from below."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from drawings.chance import stream
from drawings.paint import Colour, Point, Sheet, between, shifted
from drawings.pose import Pose

SKINS: tuple[Colour, ...] = (
    (222, 172, 142), (196, 146, 114), (162, 112, 82), (122, 84, 62), (96, 66, 50), (232, 190, 162), (176, 128, 98),
)  # fmt: skip
SLEEVES: tuple[Colour, ...] = ((92, 104, 84), (70, 84, 112), (132, 66, 54), (160, 150, 130), (58, 60, 64))
# Of a grown hand, in millimetres: across a finger, between two, and how far they reach over the belly's edge.
FINGER, APART, REACH = 16.0, 17.5, 21.0
SHADES = 9


class Hand:
    """One hand, palm up: fingertips point away from `down`, the arm comes from there. `root` is where the knuckles
    are, in pixels; `mm` pixels are one millimetre.
    """

    def __init__(
        self, rng: np.random.Generator, root: Point, down: tuple[float, float], mm: float, skin: Colour
    ) -> None:
        self.rng, self.skin, self.mm = rng, skin, mm
        self.root, self.down = np.array(root), np.array(down) / np.hypot(*down)
        self.across = np.array([self.down[1], -self.down[0]])
        wrist = self.root + (self.down * 76 + self.across * rng.normal(0, 9)) * self.mm
        elbow = wrist + (self.down + self.across * rng.normal(0, 0.28)) * 420 * self.mm
        knuckles = self.root + self.down * 6 * self.mm
        self.hand = self._limb(
            (knuckles, 58), (knuckles, 70), ((knuckles * 4 + wrist) / 5, 77), ((knuckles + wrist) / 2, 70),
            ((knuckles + 4 * wrist) / 5, 55), (wrist, 50), (wrist + (elbow - wrist) * 0.1, 52), (elbow, 92),
        )  # fmt: skip
        self.sleeve = self._limb((wrist + (elbow - wrist) * rng.uniform(0.06, 0.3), 74), (elbow, 118))

    def hold(self, page: Image.Image) -> None:
        """Paint it: palm and arm below the belly, four fingers closed over its edge."""
        mm, rng, root = self.mm, self.rng, self.root
        corner, size = self._box(page.size)
        sheet = Sheet(size, "RGBA", (*self.skin, 0), fine=1, corner=corner)
        self._paint(sheet, self.hand, self.skin)
        self._paint(sheet, self.sleeve, shifted(rng, SLEEVES[rng.integers(len(SLEEVES))], 8))
        lean = self.across * rng.normal(0, 5)
        for n in (0, 3, 1, 2):
            off = n - 1.5
            start = root + (self.across * off * APART + self.down * (20 + 2 * abs(off))) * mm
            reach = REACH * rng.uniform(0.8, 1.15) * (1 - 0.16 * abs(off))
            tip = start + (lean - self.down * (20 + reach) + self.across * rng.normal(0, 1.2)) * mm
            self._finger(sheet, start, tip, FINGER * (1 - 0.05 * abs(off)) * mm)
        layer = sheet.done().filter(ImageFilter.BoxBlur(1))
        page.paste(layer, corner, layer)

    def _box(self, size: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Corner and size of the part of a picture of that size which the hand may touch."""
        rims = [middle + sign * side for middle, side in (self.hand, self.sleeve) for sign in (1, -1)]
        fingers = self.root + np.array([[-1, -1], [1, 1]]) * 56 * self.mm
        every = np.concatenate([*rims, fingers])
        least = np.clip(every.min(0), 0, np.array(size) - 2).astype(int)
        most = np.clip(every.max(0) + 1, least + 2, size).astype(int)
        return (int(least[0]), int(least[1])), (int(most[0] - least[0]), int(most[1] - least[1]))

    def _limb(self, *stations: tuple[np.ndarray, float]) -> tuple[np.ndarray, np.ndarray]:
        """Middle line and half widths, across, of a length of something; widths in millimetres."""
        middle = np.array([at for at, _ in stations])
        step = np.gradient(middle, axis=0)
        step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-6)
        side = np.stack([step[:, 1], -step[:, 0]], 1)
        return middle, side * np.array([wide for _, wide in stations])[:, None] * self.mm / 2

    def _paint(self, sheet: Sheet, limb: tuple[np.ndarray, np.ndarray], tone: Colour) -> None:
        middle, side = limb
        for part, colour in _round(tone):
            core = middle - side * (1 - part) * 0.24
            rim = [*(core - side * part), *(core + side * part)[::-1]]
            sheet.fill([_pair(point) for point in rim], (*colour, 255))

    def _finger(self, sheet: Sheet, start: np.ndarray, tip: np.ndarray, wide: float) -> None:
        knuckle = start + (tip - start) * 0.5 + self.across * 0.08 * wide
        for part, colour in _round(self.skin):
            middle = self.across * (1 - part) * -0.14 * wide
            bones = [_pair(point + middle) for point in (start, knuckle, tip)]
            sheet.line(bones, (*colour, 255), wide * part)
            sheet.disc(*bones[2], wide * part / 2, (*colour, 255))
            sheet.disc(*bones[0], wide * part / 2, (*between(colour, self.skin, 0.8), 255))
        crease = between(self.skin, (60, 26, 16), 0.35)
        for shift in (-0.06, 0.07):
            at = knuckle + self.down * shift * wide * 2
            ends = (at - self.across * 0.26 * wide, at + self.across * 0.26 * wide)
            sheet.line([_pair(end) for end in ends], (*crease, 255), wide * 0.05)
        nail = tip + self.down * 0.02 * wide
        sheet.disc(*_pair(nail), wide * 0.27, (*between(self.skin, (70, 30, 20), 0.25), 255))
        sheet.disc(*_pair(nail), wide * 0.23, (*between(self.skin, (255, 226, 214), 0.38), 255))


def skin_of(key: str) -> Colour:
    """Of whoever holds the individual `key`: the same hands in all its pictures."""
    rng = stream(key, "skin")
    return shifted(rng, SKINS[rng.integers(len(SKINS))], 6)


def under(rng: np.random.Generator, pose: Pose, length_mm: float, skin: Colour) -> list[Hand]:
    """The hands, one or two, that hold a fish of that length."""
    places = [rng.uniform(300, 420)] if rng.random() < 0.4 else [rng.uniform(300, 400), rng.uniform(700, 800)]
    hands = []
    for at in places:
        (x, y), (x_back, y_back) = pose.point(at, 328), pose.point(at, 240)
        up = -1 if y < y_back else 1
        # A small fish would vanish behind a finger.
        mm = pose.length / max(length_mm, 290)
        hands.append(Hand(rng, (x, y), (up * (x - x_back), up * (y - y_back)), mm, skin))
    return hands


def _round(tone: Colour) -> list[tuple[float, Colour]]:
    """Widths from the rim inwards, and the colour of each: dark at the rim, light a third in."""
    dark, light = between(tone, (44, 20, 16), 0.5), between(tone, (255, 244, 230), 0.16)
    steps = np.linspace(0, 1, SHADES)
    return [(float(1 - 0.8 * n), between(between(dark, tone, min(1, n * 2.2)), light, max(0.0, n * 1.6 - 0.6)))
            for n in steps]  # fmt: skip


def _pair(at: np.ndarray) -> Point:
    return float(at[0]), float(at[1])
