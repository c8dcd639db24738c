"""The second subject: plates on tables, seen from above. A dish stays what it is from picture to picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from drawings import meals, water
from drawings.chance import stream
from drawings.hands import Hand, skin_of
from drawings.paint import Colour, Sheet, between, cloud, shifted, toned

Size = tuple[int, int]


def picture(label: str, key: str, rng: np.random.Generator, size: Size) -> Image.Image:
    """RGB, of that size: the dish `key`, framed as `rng` will have it."""
    table = (water.planks, water.planks, _cloth, _stone)[rng.integers(4)]
    page = table(rng, (size[0] // 2, size[1] // 2)).resize(size, Image.Resampling.BILINEAR)
    across = min(size) * rng.uniform(0.72, 1.2)
    x = size[0] / 2 + rng.normal(0, 0.05) * size[0]
    y = size[1] / 2 + rng.normal(0, 0.05) * size[1]
    turn, flat = np.radians(rng.uniform(0, 360)), rng.uniform(0.72, 1.0)
    scale = meals.SIDE / across
    rows = np.array([[np.cos(turn), np.sin(turn) / flat], [-np.sin(turn), np.cos(turn) / flat]]) * scale
    half = int(across / 2)
    start = rows @ (-half, -half) + meals.SIDE / 2
    seen = _dish(label, key).transform(
        (2 * half, 2 * half),
        Image.Transform.AFFINE,
        (*rows[0].tolist(), float(start[0]), *rows[1].tolist(), float(start[1])),
        Image.Resampling.BILINEAR,
    )
    at = (int(x) - half, int(y) - half)
    _shadow(page, seen, at, round(rng.uniform(6, 22)))
    page.paste(seen, at, seen)
    _beside(rng, page, label, (x, y), across * 0.5)
    if rng.random() < 0.25:
        side = rng.choice((-1, 1))
        root = (x + side * across * rng.uniform(0.5, 0.56), y + rng.normal(0.15, 0.1) * across)
        Hand(rng, root, (side, rng.uniform(0.1, 0.9)), across / 300, skin_of(key)).hold(page)
    return page


def _shadow(page: Image.Image, seen: Image.Image, at: tuple[int, int], reach: int) -> None:
    small = seen.getchannel("A").reduce(4).point(lambda value: int(value * 0.5))
    soft = small.filter(ImageFilter.BoxBlur(3)).resize(seen.size, Image.Resampling.BILINEAR)
    page.paste((24, 20, 18), (at[0] + reach // 2, at[1] + reach), soft)


@lru_cache(maxsize=4)
def _dish(label: str, key: str) -> Image.Image:
    """RGBA, `meals.SIDE` pixels square."""
    rng = stream(key, "dish")
    sheet = Sheet((meals.SIDE, meals.SIDE), "RGBA", (60, 50, 40, 0))
    meals.MEALS[label](rng, sheet)
    done = sheet.done()
    alpha = done.getchannel("A")
    light = 1 + 0.09 * cloud(rng, (meals.SIDE, meals.SIDE), (160, 40, 10, 4))
    tone = Image.fromarray((np.clip(light, 0, 2) * 127).astype(np.uint8))
    brush = Image.merge("RGB", [tone] * 3)
    done = ImageChops.overlay(done.convert("RGB"), brush)
    done.putalpha(alpha)
    return done


# --- tables -----------------------------------------------------------------------------------------------


def _cloth(rng: np.random.Generator, size: Size) -> Image.Image:
    tone = [(178, 52, 48), (60, 92, 140), (90, 126, 84), (206, 172, 92), (120, 112, 108)][rng.integers(5)]
    step = rng.uniform(16, 44)
    x, y = np.arange(size[0]), np.arange(size[1])
    checks = ((x / step % 2 < 1)[None, :].astype(np.float32) + (y / step % 2 < 1)[:, None]) / 2
    if rng.random() < 0.4:
        checks = checks * 0.2 + 0.3
    weave = 1 + 0.05 * cloud(rng, size, (120, (3, 1.5), 2))
    white = np.array((238, 234, 226), np.float32)
    return toned((white + checks[..., None] * (np.array(tone, np.float32) - white)) * weave[..., None])


def _stone(rng: np.random.Generator, size: Size) -> Image.Image:
    tone = [(226, 224, 222), (70, 72, 76), (190, 184, 172), (112, 122, 120)][rng.integers(4)]
    veins = np.clip(1 - np.abs(cloud(rng, size, (120, 50, 20))) / 0.08, 0, 1) * rng.uniform(0, 0.25)
    mottle = 1 + 0.06 * cloud(rng, size, (160, 30, 3))
    return toned(np.array(tone, np.float32) * (mottle - veins)[..., None])


def _beside(
    rng: np.random.Generator, page: Image.Image, label: str, at: tuple[float, float], radius: float
) -> None:
    """Cutlery, or chopsticks."""
    if rng.random() < 0.25:
        return
    pen = ImageDraw.Draw(page)
    side, lean = rng.choice((-1, 1)), rng.normal(0, 0.12)
    steel, wood = shifted(rng, (176, 178, 182), 8), shifted(rng, (128, 74, 44), 14)

    def bar(off: float, top: float, bottom: float, wide: float, tone: Colour) -> None:
        x = at[0] + side * (radius + off)
        ends = [(x + lean * top, at[1] + top), (x + lean * bottom, at[1] + bottom)]
        for shift, width, colour in (
            (4, wide, (30, 26, 22)),
            (0, wide, tone),
            (-wide * 0.2, wide * 0.3, between(tone, (255, 255, 250), 0.5)),
        ):
            pen.line([(a + shift, b + shift) for a, b in ends], fill=colour, width=max(1, round(width)))

    unit = radius / 100
    if label in ("sushi", "ramen"):
        bar(14 * unit, -90 * unit, 80 * unit, 4.5 * unit, wood)
        bar(24 * unit, -92 * unit, 78 * unit, 4.5 * unit, wood)
        return
    bar(14 * unit, -20 * unit, 85 * unit, 5 * unit, steel)
    for tine in range(4):
        bar((8.5 + 3.7 * tine) * unit, -60 * unit, -28 * unit, 2 * unit, steel)
    bar(14 * unit, -30 * unit, -18 * unit, 13 * unit, steel)
    if rng.random() < 0.5:
        bar(34 * unit, -62 * unit, 20 * unit, 10 * unit, steel)
        bar(34 * unit, 16 * unit, 85 * unit, 6 * unit, steel)
