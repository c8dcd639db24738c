"""Fins of a fish: fans of rays from the body's edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawings.paint import Colour, Point, Sheet, between, blot, shifted
from drawings.trout import INK, Look

if TYPE_CHECKING:
    from drawings.fish import Body

RAYS = 15


def behind(rng: np.random.Generator, look: Look, body: Body) -> Sheet:
    """Those that the body covers the roots of: tail, dorsal, adipose and anal fin."""
    page = Sheet((620, 400), "RGBA", (*look.fins.colour, 0), corner=(400, 24))
    upper, lower = look.fins.colour, look.fins.lower
    spread = rng.uniform(0.75, 1.1)
    dorsal = Fan(body, (0.43, -0.93), (0.575, -0.9), ((0.032, -88 * spread), (0.058, -36)))
    dorsal.paint(page, rng, upper)
    if look.fins.worms:
        dorsal.worms(page, rng, look)
    dorsal.spots(page, rng, look, look.fins.dorsal_spots)
    x, y = body.point(0.795, -0.9)
    turn = np.linspace(0.15, 1.25, 9) * np.pi
    adipose = [(x + 14 - 13 * np.cos(a) + 14 * np.sin(a), y - 26 * np.sin(a)) for a in turn]
    page.fill([*adipose, (x + 22, y + 4), (x, y + 4)], (*shifted(rng, between(upper, INK, 0.15), 6), 250))
    anal = Fan(body, (0.70, 0.88), (0.79, 0.88), ((0.05, 70 * spread), (0.075, 16)))
    anal.paint(page, rng, lower)
    anal.edge(page, look)
    fork = look.fork * 150
    _tail(page, rng, look, body, fork, spread)
    return page


def before(rng: np.random.Generator, look: Look, body: Body) -> Sheet:
    """Those that lie on the flank: pectoral and pelvic fin."""
    page = Sheet((390, 165), "RGBA", (*look.fins.lower, 0), corner=(225, 265))
    angle = rng.uniform(-14, 16)
    for first, last, tips in (
        ((0.222, 0.84), (0.236, 0.66), ((0.13, 40 + angle), (0.105, 20 + angle))),
        ((0.525, 0.9), (0.562, 0.9), ((0.082, 56 + angle), (0.07, 18 + angle))),
    ):
        fan = Fan(body, first, last, tips)
        fan.paint(page, rng, look.fins.lower, alpha=238)
        fan.edge(page, look)
    return page


class Fan:
    """Rays between two points of the body's edge and two tips, each (along the body, pixels away from it)."""

    def __init__(self, body: Body, first: Point, last: Point, tips: tuple[Point, Point]) -> None:
        part = np.linspace(0, 1, RAYS)
        begin, end = np.array(body.point(*first)), np.array(body.point(*last))
        self.roots = begin + part[:, None] * (end - begin)
        length = 820
        lead = begin + (tips[0][0] * length, tips[0][1])
        trail = end + (tips[1][0] * length, tips[1][1])
        line = lead + part[:, None] * (trail - lead)
        # The margin bulges a little, as a spread fin's does.
        across = np.array([-(trail - lead)[1], (trail - lead)[0]])
        outward = np.sign(across @ ((lead + trail) / 2 - (begin + end) / 2))
        self.tips = line + (np.sin(part * np.pi) * 0.1 * outward)[:, None] * across

    def paint(self, page: Sheet, rng: np.random.Generator, colour: Colour, alpha: int = 245) -> None:
        _rays(page, rng, self.roots, self.tips, colour, alpha)

    def edge(self, page: Sheet, look: Look) -> None:
        """White on the leading ray, with a black line behind: a char's badge."""
        if strength := look.fins.white_edge:
            white = between(look.fins.lower, (250, 248, 242), 0.45 + 0.55 * strength)
            if strength > 0.5:
                page.line([self.at(0.16, 0), self.at(0.2, 0.98)], (*INK, 255), 5 * strength)
            page.fill(
                [self.at(0, 0), self.at(0, 1), self.at(0.14 * strength, 1), self.at(0.12 * strength, 0)],
                (*white, 255),
            )
            page.line([self.at(0.02, 0.02), self.at(0.03, 0.97)], (*white, 255), 1.5 + 4 * strength)

    def at(self, across: float, out: float) -> Point:
        ray = min(int(across * (RAYS - 1)), RAYS - 2)
        part = across * (RAYS - 1) - ray
        root, tip = (ends[ray] + part * (ends[ray + 1] - ends[ray]) for ends in (self.roots, self.tips))
        x, y = root + out * (tip - root)
        return float(x), float(y)

    def spots(self, page: Sheet, rng: np.random.Generator, look: Look, count: int) -> None:
        for _ in range(count):
            page.fill(blot(rng, *self.at(rng.random(), rng.uniform(0.15, 0.9)), 3.6), (*look.fins.spot, 255))

    def worms(self, page: Sheet, rng: np.random.Generator, look: Look) -> None:
        """Wavy bands across the rays."""
        dark = between(look.fins.colour, INK, 0.72)
        for out in (0.25, 0.5, 0.75):
            wave = [
                self.at(a, out + 0.07 * np.sin(a * 15 + rng.uniform(0, 1)))
                for a in np.linspace(0.03, 0.97, 14)
            ]
            page.line(wave, (*dark, 255), 6)


def _tail(page: Sheet, rng: np.random.Generator, look: Look, body: Body, fork: float, spread: float) -> None:
    (x, top), (_, bottom) = body.point(0.955, -0.93), body.point(0.955, 0.93)
    part = np.linspace(0, 1, 2 * RAYS)
    away = part * 2 - 1
    roots = np.stack([np.full_like(part, x), top + part * (bottom - top)], 1)
    reach = 88 * (0.85 + 0.2 * spread)
    notch = 1 - np.abs(away) ** 1.5
    tips = np.stack(
        [x + 152 - notch * fork * 1.7 - 26 * np.abs(away) ** 9, 240 + np.sin(away * 1.45) * reach], 1
    )
    _rays(page, rng, roots, tips, look.fins.colour, 248)
    if look.fins.worms:
        for out in (0.45, 0.7):
            wave = roots + (out + 0.04 * np.sin(part * 22))[:, None] * (tips - roots)
            page.line([tuple(p) for p in wave], (*between(look.fins.colour, INK, 0.6), 255), 4)
    for _ in range(look.fins.tail_spots):
        ray = int(rng.integers(1, 2 * RAYS - 1))
        x_, y_ = roots[ray] + rng.uniform(0.05, 0.92) * (tips[ray] - roots[ray])
        page.fill(blot(rng, float(x_), float(y_), 3.8), (*look.fins.spot, 255))


def _rays(
    page: Sheet, rng: np.random.Generator, roots: np.ndarray, tips: np.ndarray, colour: Colour, alpha: int
) -> None:
    colour = shifted(rng, colour, 6)
    dark = between(colour, INK, 0.45)
    for n in range(len(roots) - 1):
        tone = between(shifted(rng, colour, 5), (250, 240, 214), 0.12 * (n % 2))
        page.fill([tuple(p) for p in (roots[n], tips[n], tips[n + 1], roots[n + 1])], (*tone, alpha))
    for n in range(len(roots)):
        page.line([tuple(roots[n]), tuple(tips[n])], (*dark, 255), 1.2)
    page.line([tuple(p) for p in (roots[0], *tips, roots[-1])], (*between(colour, INK, 0.65), 255), 1.8)
