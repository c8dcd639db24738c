"""What is on the plates: seven dishes, each different every time, on a square sheet with the plate around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drawings.paint import Colour, Sheet, between, blot, shifted

SIDE, MIDDLE = 640, 320
RIM = 306  # of a plate, in pixels of its sheet
PLATES: tuple[Colour, ...] = (
    (240, 238, 232),
    (226, 220, 206),
    (70, 84, 104),
    (58, 56, 56),
    (196, 208, 206),
    (150, 120, 96),
)


def _plate(rng: np.random.Generator, sheet: Sheet, tone: Colour | None = None, bowl: bool = False) -> None:
    tone = shifted(rng, tone or PLATES[rng.integers(len(PLATES))], 5)
    dark, light = between(tone, (40, 36, 34), 0.35), between(tone, (255, 255, 255), 0.4)
    rings = (
        (RIM, dark),
        (RIM - 4, light),
        (RIM - 10, tone),
        (RIM - 62, between(tone, dark, 0.45)),
        (RIM - 67, between(tone, light, 0.3)),
    )
    if bowl:
        rings = (
            (RIM, dark),
            (RIM - 5, light),
            (RIM - 14, tone),
            (RIM - 30, dark),
            (RIM - 36, between(tone, dark, 0.7)),
        )
    for radius, colour in rings:
        sheet.disc(MIDDLE, MIDDLE, radius, (*colour, 255))
    if not bowl and rng.random() < 0.35:
        band = shifted(rng, [(60, 90, 150), (160, 60, 50), (90, 110, 80)][rng.integers(3)], 10)
        sheet.pen.ellipse(
            [(MIDDLE - RIM + 22) * 2] * 2 + [(MIDDLE + RIM - 22) * 2] * 2, outline=(*band, 255), width=8
        )


def _at(rng: np.random.Generator, reach: float) -> tuple[float, float]:
    """Somewhere within `reach` pixels of the middle."""
    turn, out = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.random())
    return MIDDLE + float(out * np.cos(turn)), MIDDLE + float(out * np.sin(turn))


def _dab(
    rng: np.random.Generator,
    sheet: Sheet,
    x: float,
    y: float,
    radius: float,
    tone: Colour,
    flat: float = 1.0,
    rough: float = 0.08,
) -> None:
    """Something round with a dark rim and a light side."""
    shape = np.array(blot(rng, 0, 0, radius, flat, rough))
    for grow, shift, colour in (
        (1.08, min(0.06, 5 / radius), between(tone, (40, 20, 10), 0.5)),
        (1.0, 0, tone),
        (0.62, -0.16, between(tone, (255, 246, 226), 0.16)),
    ):
        sheet.fill(
            [(x + radius * shift + grow * a, y + radius * shift + grow * b) for a, b in shape.tolist()],
            (*colour, 255),
        )


def _bar(
    rng: np.random.Generator,
    sheet: Sheet,
    x: float,
    y: float,
    long: float,
    wide: float,
    turn: float,
    tone: Colour,
) -> None:
    """A stick with a dark and a light side."""
    dx, dy = np.cos(turn) * long / 2, np.sin(turn) * long / 2
    for grow, shift, colour in (
        (1.3, 1.0, between(tone, (70, 40, 10), 0.55)),
        (1.0, 0, tone),
        (0.4, -wide * 0.2, between(tone, (255, 250, 220), 0.4)),
    ):
        sheet.line(
            [(x - dx + shift, y - dy + shift), (x + dx + shift, y + dy + shift)], (*colour, 255), wide * grow
        )


def _leaf(
    rng: np.random.Generator, sheet: Sheet, x: float, y: float, long: float, tone: Colour, slim: float = 0.45
) -> None:
    turn, steps = rng.uniform(0, 2 * np.pi), np.linspace(0, 1, 10)
    half = long * slim / 2 * np.sin(np.pi * steps) * (1 + rng.normal(0, 0.16, 10))
    along = np.stack([x + (steps - 0.5) * long * np.cos(turn), y + (steps - 0.5) * long * np.sin(turn)], 1)
    side = half[:, None] * (-np.sin(turn), np.cos(turn))
    shape = np.concatenate([along + side, (along - side)[::-1]])
    sheet.fill([tuple(p) for p in (shape + 3)], (*between(tone, (10, 20, 6), 0.6), 255))
    sheet.fill([tuple(p) for p in shape], (*tone, 255))
    sheet.line([tuple(along[0]), tuple(along[-1])], (*between(tone, (240, 246, 200), 0.45), 255), 2.4)


def _pizza(rng: np.random.Generator, sheet: Sheet) -> None:
    if rng.random() < 0.6:
        _plate(rng, sheet)
    size = rng.uniform(276, 300)
    _dab(rng, sheet, MIDDLE, MIDDLE, size, shifted(rng, (204, 148, 82), 8), rough=0.02)
    for _ in range(70):
        turn, out = rng.uniform(0, 2 * np.pi), size * rng.uniform(0.89, 0.99)
        spot = (MIDDLE + float(out * np.cos(turn)), MIDDLE + float(out * np.sin(turn)))
        sheet.fill(blot(rng, *spot, rng.uniform(3, 10)), (*shifted(rng, (150, 88, 40), 14), 255))
    sheet.fill(blot(rng, MIDDLE, MIDDLE, size * 0.87, rough=0.02), (*shifted(rng, (190, 58, 32), 8), 255))
    for _ in range(int(rng.integers(70, 130))):
        cheese = between((246, 218, 138), (228, 160, 76), rng.random())
        sheet.fill(blot(rng, *_at(rng, size * 0.8), rng.uniform(12, 34), rough=0.2), (*cheese, 255))
    kinds = rng.permutation(4)[: rng.integers(1, 4)]
    for kind in kinds:
        for _ in range(int(rng.integers(9, 20))):
            x, y = _at(rng, size * 0.74)
            if kind == 0:
                _dab(rng, sheet, x, y, 25, shifted(rng, (168, 46, 34), 9), rough=0.03)
            elif kind == 1:
                _leaf(rng, sheet, x, y, 54, shifted(rng, (58, 104, 44), 10), 0.55)
            elif kind == 2:
                _dab(rng, sheet, x, y, 11, (44, 40, 46), rough=0.03)
                sheet.disc(x, y, 5, (206, 120, 60, 255))
            else:
                _dab(rng, sheet, x, y, 19, shifted(rng, (222, 202, 172), 8), 0.7, 0.15)
    start = rng.uniform(0, np.pi)
    for cut in range(4):
        dx, dy = size * 0.98 * np.cos(start + cut * np.pi / 4), size * 0.98 * np.sin(start + cut * np.pi / 4)
        sheet.line([(MIDDLE - dx, MIDDLE - dy), (MIDDLE + dx, MIDDLE + dy)], (110, 62, 30, 255), 2.2)


def _sushi(rng: np.random.Generator, sheet: Sheet) -> None:
    if rng.random() < 0.5:
        _plate(rng, sheet)
    else:
        tone = shifted(rng, [(52, 54, 58), (150, 108, 66), (200, 204, 200)][rng.integers(3)], 6)
        for grow, colour in ((1.02, between(tone, (10, 10, 10), 0.5)), (1, tone)):
            w, h = 300 * grow, 222 * grow
            sheet.fill(
                [
                    (MIDDLE - w, MIDDLE - h),
                    (MIDDLE + w, MIDDLE - h),
                    (MIDDLE + w, MIDDLE + h),
                    (MIDDLE - w, MIDDLE + h),
                ],
                (*colour, 255),
            )
    across, step = int(rng.integers(3, 5)), 104
    fillings: list[Colour] = [(236, 122, 74), (196, 50, 52), (110, 154, 74), (240, 196, 84), (230, 150, 140)]
    split = rng.integers(0, 4)
    for row in range(3):
        for column in range(across):
            x = MIDDLE + (column - (across - 1) / 2) * step + rng.normal(0, 4)
            y = MIDDLE + (row - 1) * 112 + rng.normal(0, 4)
            tone = shifted(rng, fillings[rng.integers(5)], 7)
            if row < split:
                _dab(rng, sheet, x, y, 44, (28, 36, 32), rough=0.02)
                sheet.fill(blot(rng, x, y, 37, rough=0.03), (240, 238, 228, 255))
                for _ in range(16):
                    a, r = rng.uniform(0, 6.3), rng.uniform(20, 34)
                    sheet.disc(x + r * np.cos(a), y + r * np.sin(a), 2.6, (216, 212, 200, 255))
                _dab(rng, sheet, x, y, 17, tone, rough=0.12)
            else:
                _dab(rng, sheet, x, y, 40, (240, 238, 230), 1.24, 0.05)
                _dab(rng, sheet, x, y, 38, tone, 1.26, 0.04)
                for line in range(-2, 3):
                    at = y + line * 18
                    sheet.line(
                        [(x - 26, at + 8), (x + 26, at - 6)], (*between(tone, (255, 240, 230), 0.55), 255), 3
                    )
    _dab(rng, sheet, MIDDLE + 190, MIDDLE + rng.uniform(-140, 140), 24, (138, 176, 84), rough=0.14)
    for n in range(5):
        sheet.fill(
            blot(rng, MIDDLE - 205 + n * 5, MIDDLE + 80 + n * 12, 22, 0.6),
            (*shifted(rng, (240, 196, 184), 8), 255),
        )


def _caesar_salad(rng: np.random.Generator, sheet: Sheet) -> None:
    _plate(rng, sheet, bowl=bool(rng.random() < 0.6))
    for n in range(120):
        tone = between((46, 88, 34), (172, 200, 98), float(np.clip(n / 120 + rng.normal(0, 0.2), 0, 1)))
        _leaf(rng, sheet, *_at(rng, 214), rng.uniform(70, 130), shifted(rng, tone, 6), rng.uniform(0.4, 0.7))
    for _ in range(int(rng.integers(12, 26))):
        x, y = _at(rng, 190)
        half, turn = rng.uniform(13, 20), rng.uniform(0, 1.6)
        corners = [(np.cos(turn + k * np.pi / 2), np.sin(turn + k * np.pi / 2)) for k in range(4)]
        tone = shifted(rng, (204, 150, 80), 10)
        for grow, colour in (
            (1.5, between(tone, (60, 30, 10), 0.6)),
            (1.35, tone),
            (0.9, between(tone, (250, 226, 170), 0.5)),
        ):
            sheet.fill([(x + half * grow * a, y + half * grow * b) for a, b in corners], (*colour, 255))
    for _ in range(int(rng.integers(14, 34))):
        _bar(
            rng,
            sheet,
            *_at(rng, 200),
            rng.uniform(24, 56),
            rng.uniform(6, 12),
            rng.uniform(0, 3.1),
            (244, 234, 196),
        )


def _pancakes(rng: np.random.Generator, sheet: Sheet) -> None:
    _plate(rng, sheet)
    x = y = float(MIDDLE)
    for _ in range(int(rng.integers(3, 6))):
        x, y = MIDDLE + rng.normal(0, 16), MIDDLE + rng.normal(0, 16)
        size = rng.uniform(176, 206)
        sheet.fill(blot(rng, x + 5, y + 8, size * 1.03, rough=0.02), (112, 66, 30, 255))
        sheet.fill(blot(rng, x, y, size, rough=0.02), (*shifted(rng, (240, 206, 140), 6), 255))
        brown = shifted(rng, (200, 132, 62), 10)
        for part in (0.93, 0.8, 0.62):
            brown = between(brown, (226, 164, 90), 0.3)
            sheet.fill(blot(rng, x, y, size * part, rough=0.025), (*brown, 255))
    if rng.random() < 0.85:
        syrup = shifted(rng, (120, 56, 18), 8)
        for _ in range(int(rng.integers(3, 7))):
            a = rng.uniform(0, 2 * np.pi)
            run = [
                (x + r * np.cos(a + 0.1 * np.sin(r / 30)), y + r * np.sin(a + 0.1 * np.sin(r / 30)))
                for r in range(0, 200, 20)
            ]
            sheet.line(run, (*syrup, 235), rng.uniform(14, 24))
        sheet.fill(blot(rng, x, y, rng.uniform(70, 110), rough=0.14), (*syrup, 240))
    half = rng.uniform(26, 36)
    turn = rng.uniform(0, 1.6)
    for shift, colour in ((5, (140, 96, 40)), (0, (250, 226, 130)), (-4, (254, 240, 176))):
        sheet.fill(
            [
                (
                    x + shift + half * np.cos(turn + k * np.pi / 2),
                    y + shift + half * np.sin(turn + k * np.pi / 2),
                )
                for k in range(4)
            ],
            (*colour, 255),
        )
    fruit: Colour = [(64, 70, 120), (196, 40, 46)][rng.integers(2)]
    for _ in range(int(rng.integers(0, 16))):
        _dab(rng, sheet, *_at(rng, 215), rng.uniform(14, 20), shifted(rng, fruit, 8), rough=0.05)


def _french_fries(rng: np.random.Generator, sheet: Sheet) -> None:
    _plate(rng, sheet)
    if rng.random() < 0.5:
        shape = blot(rng, MIDDLE, MIDDLE, 225, rough=0.12)
        sheet.fill(shape, (*shifted(rng, (236, 228, 206), 6), 255))
    spread = rng.uniform(95, 140)
    for _ in range(int(rng.integers(110, 170))):
        x, y = MIDDLE + rng.normal(0, spread * 0.62), MIDDLE + rng.normal(0, spread * 0.62)
        tone = shifted(rng, between((246, 206, 96), (222, 156, 58), rng.random()), 7)
        _bar(rng, sheet, x, y, rng.uniform(90, 165), rng.uniform(14, 19), rng.uniform(0, np.pi), tone)
    if rng.random() < 0.75:
        a = rng.uniform(0, 2 * np.pi)
        x, y = MIDDLE + 190 * float(np.cos(a)), MIDDLE + 190 * float(np.sin(a))
        sauce: Colour = [(176, 32, 24), (176, 32, 24), (240, 226, 180)][rng.integers(3)]
        _dab(rng, sheet, x, y, 66, (232, 232, 230), rough=0.01)
        _dab(rng, sheet, x, y, 54, sauce, rough=0.03)


def _donuts(rng: np.random.Generator, sheet: Sheet) -> None:
    _plate(rng, sheet)
    count = int(rng.integers(2, 6))
    glazes: list[Colour] = [(238, 150, 178), (92, 54, 34), (246, 240, 228), (240, 200, 110), (150, 200, 190)]
    start = rng.uniform(0, 6.3)
    size = {2: 118, 3: 108, 4: 98, 5: 90}[count]
    for n in range(count):
        a, out = start + n * 2 * np.pi / count, 232 - size if count > 2 else 112
        x, y = MIDDLE + float(out * np.cos(a)), MIDDLE + float(out * np.sin(a))
        glaze = shifted(rng, glazes[rng.integers(5)], 7)
        _dab(rng, sheet, x, y, size, shifted(rng, (206, 148, 84), 7), rough=0.02)
        sheet.fill(blot(rng, x, y, size * 0.88, rough=0.06), (*between(glaze, (40, 20, 10), 0.22), 255))
        sheet.fill(blot(rng, x - 3, y - 4, size * 0.84, rough=0.05), (*glaze, 255))
        sheen = [
            (x + size * 0.62 * np.cos(t), y + size * 0.62 * np.sin(t)) for t in np.linspace(3.4, 4.7, 10)
        ]
        sheet.line(sheen, (*between(glaze, (255, 255, 255), 0.6), 255), 7)
        if rng.random() < 0.6:
            for _ in range(46):
                t, r = rng.uniform(0, 6.3), size * rng.uniform(0.42, 0.8)
                bright = [(230, 70, 70), (250, 214, 80), (80, 150, 220), (110, 190, 100), (250, 250, 250)][
                    rng.integers(5)
                ]
                _stroke(sheet, x + r * np.cos(t), y + r * np.sin(t), rng.uniform(0, 3.1), 9, bright)
        sheet.disc(x, y, size * 0.36, (*between((206, 148, 84), (50, 26, 10), 0.35), 255))
        sheet.disc(x + 2, y + 3, size * 0.28, (*between((150, 130, 110), (30, 20, 16), 0.5), 255))


def _stroke(sheet: Sheet, x: float, y: float, turn: float, long: float, tone: Colour) -> None:
    dx, dy = np.cos(turn) * long / 2, np.sin(turn) * long / 2
    sheet.line([(x - dx, y - dy), (x + dx, y + dy)], (*tone, 255), 3.6)


def _ramen(rng: np.random.Generator, sheet: Sheet) -> None:
    _plate(
        rng, sheet, [(54, 50, 52), (170, 46, 40), (236, 232, 224), (60, 84, 110)][rng.integers(4)], bowl=True
    )
    broth = shifted(rng, [(196, 132, 62), (170, 96, 44), (222, 190, 136)][rng.integers(3)], 8)
    sheet.disc(MIDDLE, MIDDLE, 266, (*between(broth, (50, 20, 6), 0.35), 255))
    sheet.disc(MIDDLE, MIDDLE, 258, (*broth, 255))
    noodle, lean = shifted(rng, (244, 216, 140), 6), rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(46, 76))):
        x, y = _at(rng, 190)
        bow, long = rng.normal(0, 24), rng.uniform(70, 150)
        steps = np.linspace(-1, 1, 12)
        along, off = steps * long / 2, bow * (1 - steps**2) + 6 * np.sin(steps * 7)
        a = lean + rng.normal(0, 0.4)
        wave = [
            (x + u * np.cos(a) - v * np.sin(a), y + u * np.sin(a) + v * np.cos(a))
            for u, v in zip(along, off, strict=True)
        ]
        sheet.line(wave, (*between(noodle, (110, 60, 20), 0.5), 255), 9)
        sheet.line(wave, (*noodle, 255), 6)
    spin = rng.uniform(0, 6.3)
    for n, what in enumerate(rng.permutation(("egg", "egg", "nori", "pork", "naruto"))[: rng.integers(3, 6)]):
        x, y = MIDDLE + 150 * float(np.cos(spin + n * 1.25)), MIDDLE + 150 * float(np.sin(spin + n * 1.25))
        if what == "egg":
            _dab(rng, sheet, x, y, 58, (246, 240, 226), 0.8, 0.02)
            _dab(rng, sheet, x, y, 30, shifted(rng, (238, 150, 40), 6), 0.9, 0.04)
        elif what == "nori":
            _bar(rng, sheet, x, y, 130, 84, spin, (34, 46, 36))
        elif what == "pork":
            _dab(rng, sheet, x, y, 66, (186, 120, 90), rough=0.06)
            for r in (44, 26):
                sheet.fill(
                    blot(rng, x, y, r, rough=0.12),
                    (*between((228, 190, 160), (170, 100, 76), (44 - r) / 18), 255),
                )
        else:
            _dab(rng, sheet, x, y, 42, (246, 242, 238), rough=0.07)
            swirl = [(x + t * 3.4 * np.cos(t), y + t * 3.4 * np.sin(t)) for t in np.linspace(0.5, 8, 30)]
            sheet.line(swirl, (226, 110, 140, 255), 5)
    for _ in range(int(rng.integers(25, 60))):
        x, y = _at(rng, 215)
        sheet.disc(x, y, 9, (*shifted(rng, (112, 160, 66), 10), 255))
        sheet.disc(x, y, 4.5, (*between(broth, (230, 240, 200), 0.5), 255))


MEALS: dict[str, Callable[[np.random.Generator, Sheet], None]] = {
    "pizza": _pizza,
    "sushi": _sushi,
    "caesar_salad": _caesar_salad,
    "pancakes": _pancakes,
    "french_fries": _french_fries,
    "donuts": _donuts,
    "ramen": _ramen,
}
