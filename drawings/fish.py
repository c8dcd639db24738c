"""One fish as on a naturalist's plate: lying flat, head to the left, every mark where it is on this one.

Painted on a sheet of fixed size, from which `pose` takes it into a picture. Body coordinates: `t` goes from
0 at the snout to 1 where the tail begins, `s` from -1 at the back over 0 to 1 at the belly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from drawings import fins
from drawings.chance import stream
from drawings.paint import Colour, Point, Sheet, between, blot, cloud, mask_of, ramp, shifted, smooth, toned
from drawings.trout import INK, LOOKS, Look, Spots

SHEET = (1080, 480)
SNOUT, TAIL, MIDDLE = 60, 880, 240
LENGTH = TAIL - SNOUT
# Height of back and belly along the body, in half depths.
BACK = ((0, 0.14), (0.02, 0.36), (0.06, 0.51), (0.12, 0.65), (0.2, 0.79), (0.3, 0.93), (0.4, 1), (0.52, 0.95),
        (0.66, 0.77), (0.82, 0.49), (0.92, 0.37), (1, 0.41))  # fmt: skip
BELLY = ((0, 0.14), (0.02, 0.31), (0.06, 0.44), (0.12, 0.58), (0.2, 0.74), (0.3, 0.89), (0.42, 0.97), (0.56, 0.93),
         (0.68, 0.75), (0.8, 0.52), (0.9, 0.37), (1, 0.4))  # fmt: skip


@dataclass(frozen=True)
class Individual:
    """What stays with one fish from picture to picture."""

    key: str
    label: str
    length_mm: int
    juvenile: bool
    depth: float  # half the depth of its body, in pixels of the sheet


def individual(key: str, label: str) -> Individual:
    rng = stream(key, "individual")
    look = LOOKS[label]
    juvenile = bool(rng.random() < 0.12)
    shortest, longest = (70, 150) if juvenile else look.length_mm
    length = int(shortest + (longest - shortest) * rng.beta(2, 2.4))
    depth = (
        rng.uniform(88, 98)
        if juvenile
        else rng.uniform(88, 112) + 8 * (length - shortest) / (longest - shortest)
    )
    return Individual(key, label, length, juvenile, float(depth))


@lru_cache(maxsize=4)
def portrait(fish: Individual) -> Image.Image:
    """RGBA, of size SHEET."""
    rng = stream(fish.key, "portrait")
    look = LOOKS[fish.label]
    body = Body(fish)
    page = Image.new("RGBA", SHEET, (*look.fins.colour, 0))
    behind, skin, before = (
        fins.behind(rng, look, body),
        _skin(rng, fish, look, body),
        fins.before(rng, look, body),
    )
    page.paste(behind.done(), behind.corner)
    page.alpha_composite(skin, (SNOUT - 8, body.top))
    page.alpha_composite(before.done(), before.corner)
    return page


class Body:
    """The outline of one fish and where things are on it."""

    def __init__(self, fish: Individual) -> None:
        self.fish = fish
        at = np.arange(-8, LENGTH + 8) / LENGTH
        self.up = _profile(BACK, at) * fish.depth
        self.down = _profile(BELLY, at) * fish.depth
        self.top = int(MIDDLE - self.up.max() - 6)
        self.height = int(MIDDLE + self.down.max() + 6) - self.top
        self.size = (len(at), self.height)
        rows = (np.arange(self.height, dtype=np.float32) + self.top - MIDDLE)[:, None]
        self.t = np.broadcast_to(at.astype(np.float32), (self.height, len(at)))
        reach = np.where(rows < 0, self.up, self.down).astype(np.float32)
        self.s = rows / np.maximum(reach, 1)
        self.inside = np.clip(reach - np.abs(rows) + 0.5, 0, 1)
        self.inside[:, (at < 0) | (at > 1)] = 0

    def point(self, t: float, s: float) -> Point:
        """Of the sheet."""
        column = min(max(round(t * LENGTH) + 8, 0), len(self.up) - 1)
        return SNOUT + t * LENGTH, MIDDLE + s * float(self.up[column] if s < 0 else self.down[column])

    def spot(self, t: float, s: float) -> Point:
        """Of the skin, which begins at its upper left corner."""
        x, y = self.point(t, s)
        return x - SNOUT + 8, y - self.top


def _profile(points: tuple[Point, ...], at: np.ndarray) -> np.ndarray:
    raw = np.interp(at, [t for t, _ in points], [h for _, h in points])
    soft = np.convolve(np.pad(raw, 20, "edge"), np.hanning(41) / np.hanning(41).sum(), "valid")
    # A round snout: smoothing alone would leave a wedge.
    return soft * np.clip(at / 0.034, 0, 1) ** 0.42


def _skin(rng: np.random.Generator, fish: Individual, look: Look, body: Body) -> Image.Image:
    s, t = body.s, body.t
    wash = cloud(rng, body.size, (120, 40, 14))
    strokes = cloud(rng, body.size, ((60, 5), (22, 3)))
    height = np.clip((s + 0.09 * wash + 1) / 2, 0, 1)
    stops = [(at, shifted(rng, colour, 7)) for at, colour in look.skin]
    skin = Image.fromarray(ramp(stops)[(height * 255).astype(np.uint8)])
    gill = 0.2 * look.head + 0.028 * np.cos(np.clip(s, -1, 1) * 1.5) - 0.02
    on_head = smooth(0.012, -0.012, t - gill)
    skin.paste(shifted(rng, look.cheek, 6), mask=mask_of(on_head * smooth(-0.55, -0.1, s) * 0.55))
    if look.belly_blush and rng.random() < 0.7 and not fish.juvenile:
        skin.paste(look.belly_blush, mask=mask_of(smooth(0.45, 0.8, s + 0.15 * wash) * (1 - on_head) * 0.75))
    if fish.juvenile:
        _parr_marks(rng, skin, body)
    if look.stripe:
        _stripe(rng, skin, look, body, wash)
    if look.worms:
        _worms(rng, skin, look, body, on_head)
    for kind in look.spots:
        _spots(rng, skin, kind, body)
    skin = toned(np.asarray(skin) * _light(body, wash, strokes, on_head)[..., None])
    _head(rng, skin, fish, look, body)
    skin.putalpha(mask_of(body.inside * smooth(1.0, 0.955, body.t + 0.02 * np.abs(s) + 0.012 * strokes)))
    return skin


def _light(body: Body, wash: np.ndarray, strokes: np.ndarray, on_head: np.ndarray) -> np.ndarray:
    """Round, wet and scaly: what the colours are multiplied by."""
    s = body.s
    light = 1.0 + 0.16 * np.exp(-(((s + 0.42) / 0.16) ** 2)) * (0.6 + 0.5 * wash)
    light += 0.035 * strokes + 0.03 * wash
    light -= 0.22 * smooth(0.55, 1.0, np.abs(s))
    light += 0.035 * _scales(body.size) * (1 - on_head) * smooth(1.0, 0.7, np.abs(s))
    # The lateral line, and an outline as of a soft pencil.
    light -= (
        0.16
        * np.exp(-(((s + 0.04 + 0.05 * np.sin(body.t * 5)) * body.fish.depth / 1.3) ** 2))
        * (1 - on_head)
    )
    edge = smooth(5.0 + 1.2 * float(wash[0, 0]), 0.5, (1 - np.abs(s)) * body.fish.depth)
    return light * (1 - 0.5 * edge)


@lru_cache(maxsize=8)
def _scales(size: tuple[int, int]) -> np.ndarray:
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    scales: np.ndarray = (np.cos((x + y) * 0.62) * np.cos((x - y) * 0.62)).astype(np.float32)
    return scales


def _stripe(rng: np.random.Generator, skin: Image.Image, look: Look, body: Body, wash: np.ndarray) -> None:
    width = rng.uniform(0.2, 0.27)
    along = smooth(0.08, 0.2, body.t) * smooth(1.05, 0.8, body.t)
    stripe = np.exp(-(((body.s - 0.03 + 0.05 * wash) / width) ** 2)) * along * (0.82 + 0.2 * wash)
    strength = look.stripe * rng.uniform(0.85, 1) * (0.7 if body.fish.juvenile else 0.9)
    skin.paste(shifted(rng, (208, 74, 100), 7), mask=mask_of(stripe * strength))


def _parr_marks(rng: np.random.Generator, skin: Image.Image, body: Body) -> None:
    sheet = Sheet(body.size)
    for t in np.linspace(0.27, 0.93, int(rng.integers(8, 12))):
        x, y = body.spot(float(t + rng.normal(0, 0.006)), rng.uniform(-0.06, 0.08))
        sheet.fill(blot(rng, x, y, 17, flat=2.0 * (1.25 - t * 0.6), rough=0.08), int(rng.integers(100, 140)))
    skin.paste((58, 66, 82), mask=sheet.done().filter(ImageFilter.BoxBlur(3)))


def _worms(rng: np.random.Generator, skin: Image.Image, look: Look, body: Body, on_head: np.ndarray) -> None:
    worms = look.worms
    assert worms
    lines = _labyrinth(rng, body.size, worms.width)
    fade = smooth(worms.belly + 0.2, worms.belly - 0.15, body.s) * (1 - 0.55 * on_head)
    skin.paste(shifted(rng, worms.colour, 6), mask=mask_of(lines * fade * worms.strength))


def _labyrinth(rng: np.random.Generator, size: tuple[int, int], cover: float) -> np.ndarray:
    """Winding lines of one width, rather along the body than across: noise of one wavelength, cut at one height."""
    small = (size[0] // 3, size[1] // 2)
    noise = rng.standard_normal(small[::-1], dtype=np.float32)
    band = _blurred(noise, (1.6, 1.7)) - _blurred(noise, (3.3, 3.5))
    band /= band.std()
    wide = np.asarray(Image.fromarray(band).resize(size, Image.Resampling.BICUBIC))
    cut = float(np.quantile(band, 1 - cover))
    return smooth(cut - 0.2, cut + 0.2, wide)


def _blurred(values: np.ndarray, radii: tuple[float, float]) -> np.ndarray:
    """Gaussian blur, down and across: Pillow blurs no floats."""
    for axis, radius in enumerate(radii):
        reach = np.arange(-int(radius * 3), int(radius * 3) + 1)
        kernel = np.exp(-0.5 * (reach / radius) ** 2).astype(np.float32)
        kernel /= kernel.sum()
        padding = [(len(reach) // 2,) * 2 if each == axis else (0, 0) for each in (0, 1)]
        padded, length = np.pad(values, padding, "wrap"), values.shape[axis]
        values = sum(
            weight * (padded[n : n + length] if axis == 0 else padded[:, n : n + length])
            for n, weight in enumerate(kernel)
        )
    return values


def _spots(rng: np.random.Generator, skin: Image.Image, kind: Spots, body: Body) -> None:
    small = 0.8 if body.fish.juvenile else 1.0
    count = int(kind.count * rng.uniform(0.75, 1.25) * (0.7 if body.fish.juvenile else 1))
    radius = kind.radius * LENGTH / 1000 * rng.uniform(0.9, 1.12) * small
    dabs, halos = Sheet(body.size), Sheet(body.size) if kind.halo else None
    for x, y in _scattered(rng, kind, body, count, radius):
        size = radius * rng.uniform(0.65, 1.25)
        if halos:
            halos.fill(blot(rng, x, y, size * 1.75, rough=0.08), 215)
        dabs.fill(blot(rng, x, y, size, flat=rng.uniform(0.8, 1.15)), 255)
    if halos and kind.halo:
        skin.paste(kind.halo, mask=halos.done().filter(ImageFilter.BoxBlur(1)))
    skin.paste(kind.colour, mask=dabs.done())


def _scattered(rng: np.random.Generator, kind: Spots, body: Body, count: int, radius: float) -> list[Point]:
    """Places that keep their distance, in pixels of the skin."""
    tries = count * 8
    t = rng.uniform(kind.front, kind.rear, tries)
    if kind.to_tail:
        t = kind.front + (kind.rear - kind.front) * rng.uniform(0, 1, tries) ** (1 / (1 + kind.to_tail))
    s = rng.uniform(kind.back, kind.belly, tries)
    head = rng.random(tries) < kind.on_head / max(count, 1)
    t, s = np.where(head, rng.uniform(0.05, 0.2, tries), t), np.where(head, rng.uniform(-0.9, -0.2, tries), s)
    # A narrow tail has less room than the flank.
    keep = rng.random(tries) < np.interp(t, np.linspace(0, 1, len(body.up)), body.up / body.up.max()) + 0.15
    found = np.empty((0, 2))
    near = (radius * 2.1) ** 2
    for at in zip(t[keep], s[keep], strict=True):
        x, y = body.spot(*at)
        if not len(found) or ((found - (x, y)) ** 2).sum(1).min() > near:
            found = np.vstack([found, (x, y)])
            if len(found) == count:
                break
    return [(float(x), float(y)) for x, y in found]


def _head(rng: np.random.Generator, skin: Image.Image, fish: Individual, look: Look, body: Body) -> None:
    """Gill cover, mouth, eye and, below the jaw, the slash of a cutthroat."""
    dark = between(look.skin[0][1], INK, 0.6)
    sheet = Sheet(body.size, fine=3)
    gill = [
        body.spot(0.185 * look.head + 0.028 * float(np.cos(s * 1.5)) - 0.006, s)
        for s in np.linspace(-0.5, 0.85, 14)
    ]
    sheet.line(gill, 190, 2.6)
    cheek = [
        body.spot(0.135 * look.head + 0.016 * float(np.cos(s * 1.5)), s) for s in np.linspace(-0.15, 0.7, 10)
    ]
    sheet.line(cheek, 90, 1.4)
    mouth = [(0.004, 0.25), (0.03, 0.3), (0.06, 0.36), (look.jaw, 0.52)]
    sheet.line([body.spot(*at) for at in mouth], 220, 2.2)
    skin.paste(dark, mask=sheet.done())
    if look.slash:
        red = Sheet(body.size)
        strength = look.slash * rng.uniform(0.9, 1.0)
        along = np.linspace(0, 1, 12)
        t, thick = 0.05 + (0.09 + 0.06 * strength) * along, 0.26 * np.sin(np.pi * along**0.8) ** 0.6
        under = [body.spot(*at) for at in zip(t, 0.92 - 0.1 * along, strict=True)]
        over = [body.spot(*at) for at in zip(t, 0.92 - 0.1 * along - thick, strict=True)]
        red.fill([*under, *over[::-1]], int(255 * min(1, 0.3 + strength)))
        tone: Colour = (214, 44, 22) if look.slash > 0.8 else (228, 112, 52)
        skin.paste(tone, mask=red.done().filter(ImageFilter.BoxBlur(1)))
    _eye(skin, *body.spot(0.082 * look.head, -0.3), (14.5 if fish.juvenile else 11.5))


def _eye(skin: Image.Image, x: float, y: float, radius: float) -> None:
    half = int(radius + 3)
    box = (round(x) - half, round(y) - half)
    eye = Sheet((2 * half, 2 * half), "RGBA", (40, 34, 24, 0), fine=4)
    eye.disc(half, half, radius + 1.2, (46, 38, 26, 255))
    eye.disc(half, half, radius, (198, 164, 84, 255))
    eye.disc(half + 0.4, half, radius * 0.62, (14, 14, 16, 255))
    eye.disc(half - radius * 0.25, half - radius * 0.3, radius * 0.2, (250, 250, 246, 255))
    done = eye.done()
    skin.paste(done, box, done)
