"""What is behind a caught fish: stream beds, deep water, grass, gravel, nets, planks, paper, a river valley.

All are painted at half the size of a picture: a camera is sharp on the fish.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawings.paint import Colour, Grain, between, blot, cloud, mask_of, ramp, shifted, smooth, toned

Size = tuple[int, int]

WATERS: tuple[Colour, ...] = (
    (60, 92, 84), (78, 104, 96), (92, 98, 70), (110, 104, 66), (58, 82, 104), (104, 120, 118), (128, 116, 88),
    (66, 76, 62), (118, 132, 140),
)  # fmt: skip
STONES: tuple[Colour, ...] = (
    (122, 116, 104), (148, 138, 118), (96, 98, 98), (138, 98, 76), (110, 122, 112), (164, 158, 146), (88, 78, 70),
    (126, 104, 108),
)  # fmt: skip


def streambed(rng: np.random.Generator, size: Size) -> Image.Image:
    water = shifted(rng, WATERS[rng.integers(len(WATERS))], 8)
    page = _stones(rng, size, between(water, (30, 34, 30), 0.35), rng.uniform(16, 42))
    page = Image.blend(page, Image.new("RGB", size, water), rng.uniform(0.3, 0.62))
    _caustics(rng, page, rng.uniform(0.15, 0.5))
    return page.filter(ImageFilter.BoxBlur(rng.uniform(0, 1.6)))


def deep(rng: np.random.Generator, size: Size) -> Image.Image:
    water = shifted(rng, WATERS[rng.integers(len(WATERS))], 8)
    tones = ramp([(0, between(water, (226, 236, 220), rng.uniform(0.2, 0.6))), (0.5, water),
                  (1, between(water, (14, 20, 20), rng.uniform(0.3, 0.7)))])  # fmt: skip
    fall = np.linspace(0, 1, size[1], dtype=np.float32)[:, None] + 0.1 * cloud(rng, size, (200, 60, (90, 14)))
    page = Image.fromarray(tones[(np.clip(fall, 0, 1) * 255).astype(np.uint8)])
    pen = ImageDraw.Draw(page)
    if rng.random() < 0.6:
        green = shifted(rng, (62, 84, 42), 12)
        root = rng.uniform(0, size[0])
        for _ in range(int(rng.integers(15, 60))):
            x, y, lean = root + rng.normal(0, 90), size[1] + 5.0, rng.normal(0, 3)
            blade = [(x + lean * n + 5 * np.sin(n * 0.7 + x), y - n * rng.uniform(9, 15)) for n in range(12)]
            pen.line(blade, fill=shifted(rng, green, 10), width=int(rng.integers(2, 5)), joint="curve")
    for _ in range(int(rng.integers(20, 120))):
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0.5, 1.8)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=between(water, (240, 244, 230), 0.5))
    return page.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 2)))


def grass(rng: np.random.Generator, size: Size) -> Image.Image:
    green = shifted(rng, [(92, 116, 52), (118, 126, 62), (74, 98, 54), (142, 130, 78)][rng.integers(4)], 10)
    page = Image.new("RGB", size, between(green, (24, 28, 14), 0.55))
    pen = ImageDraw.Draw(page)
    lean = rng.normal(0, 14)
    for n in range(620):
        x, y, up = rng.uniform(-20, size[0] + 20), rng.uniform(0, size[1] * 1.12), rng.uniform(24, 74)
        tip = lean + rng.normal(0, 16)
        tone = between(shifted(rng, green, 14), (232, 226, 140), max(0.0, rng.normal(0.05, 0.16)))
        tone = between((28, 34, 16), tone, min(1.0, 0.35 + n / 620))
        pen.line(
            [(x, y), (x + tip * 0.3, y - up * 0.5), (x + tip, y - up)],
            fill=tone,
            width=int(rng.integers(2, 5)),
        )
    for _ in range(int(rng.integers(0, 16))):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        petal = [(236, 226, 120), (238, 238, 232), (172, 130, 190)][rng.integers(3)]
        pen.polygon(blot(rng, x, y, rng.uniform(3, 6)), fill=petal)
    return page.filter(ImageFilter.BoxBlur(rng.uniform(0, 0.8)))


def gravel(rng: np.random.Generator, size: Size) -> Image.Image:
    return _stones(rng, size, (74, 68, 58), rng.uniform(8, 34))


def sand(rng: np.random.Generator, size: Size) -> Image.Image:
    tone = shifted(
        rng, [(186, 168, 132), (158, 150, 136), (214, 216, 220), (112, 102, 86)][rng.integers(4)], 8
    )
    waves = 1 + 0.16 * cloud(rng, size, (160, (60, 12), (14, 5), 3))
    return toned(np.array(tone, np.float32) * waves[..., None])


def planks(rng: np.random.Generator, size: Size) -> Image.Image:
    """A jetty, a drift boat's floor, a table: boards across the picture or along it."""
    along = bool(rng.random() < 0.6)
    width, height = size if along else size[::-1]
    wood = [(150, 116, 78), (120, 108, 94), (176, 146, 104), (96, 70, 50), (92, 112, 120)][rng.integers(5)]
    grain = 1 + 0.13 * cloud(rng, (width, height), ((260, 7), (120, 3), 50))
    board = rng.uniform(50, 130)
    rows = (np.arange(height) + rng.uniform(0, board)) / board
    shade = rng.normal(1, 0.08, int(rows.max()) + 1)[rows.astype(int)] * (
        1 - 0.6 * (np.abs(rows % 1) < 3 / board)
    )
    page = toned(
        np.array(shifted(rng, wood, 10), np.float32) * (grain * shade[:, None].astype(np.float32))[..., None]
    )
    return page if along else page.transpose(Image.Transpose.ROTATE_90)


def paper(rng: np.random.Generator, size: Size) -> Image.Image:
    """The plate of a book, now and then foxed."""
    tone = [(238, 230, 208), (228, 222, 206), (240, 236, 224), (216, 204, 176), (198, 206, 204)][
        rng.integers(5)
    ]
    wash = 1 + 0.035 * cloud(rng, size, (220, 60, 12))
    page = toned(np.array(shifted(rng, tone, 5), np.float32) * wash[..., None])
    pen = ImageDraw.Draw(page)
    for _ in range(int(rng.integers(0, 22))):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        pen.polygon(
            blot(rng, x, y, rng.uniform(1, 5)), fill=between(tone, (150, 110, 60), rng.uniform(0.1, 0.4))
        )
    if rng.random() < 0.5:
        rim = int(rng.uniform(0.02, 0.06) * size[0])
        pen.rectangle(
            (rim, rim, size[0] - rim, size[1] - rim), outline=between(tone, (60, 50, 40), 0.6), width=2
        )
    if rng.random() < 0.45:
        wash_tone = WATERS[rng.integers(len(WATERS))]
        stain = smooth(-0.5, 0.6, cloud(rng, size, (180, 60, 20)))
        page.paste(between(tone, wash_tone, 0.6), mask=mask_of(stain * rng.uniform(0.3, 0.8)))
    return page


def net(rng: np.random.Generator, size: Size) -> Image.Image:
    """A landing net in the water: mesh, and the wooden hoop where it comes into the picture."""
    page = (streambed if rng.random() < 0.5 else deep)(rng, size)
    page = Image.blend(page, Image.new("RGB", size, (30, 36, 32)), 0.45)
    pen = ImageDraw.Draw(page)
    cord = shifted(rng, [(36, 40, 36), (206, 206, 196), (60, 90, 70), (150, 60, 40)][rng.integers(4)], 8)
    step, bulge = rng.uniform(16, 34), rng.uniform(0.0005, 0.0018)
    reach = np.arange(-40, max(size) * 2, 14)
    middle = size[0] / 2
    for start in np.arange(-size[1], size[0] + size[1], step):
        for lean in (1, -1):
            across = start + lean * reach * 0.75 + (size[1] * 0.75 if lean < 0 else 0)
            down = reach + bulge * (across - middle) ** 2 - 40
            pen.line([(float(a), float(b)) for a, b in zip(across, down, strict=True)], fill=cord, width=2)
    wood = shifted(rng, (142, 92, 50), 10)
    x, y = rng.uniform(0.3, 0.7) * size[0], rng.uniform(0.4, 0.6) * size[1]
    wide, high = rng.uniform(0.5, 0.66) * size[0], rng.uniform(0.5, 0.7) * size[1]
    for inset, tone in (
        (0, between(wood, (20, 14, 8), 0.5)),
        (2, wood),
        (6, between(wood, (250, 220, 170), 0.3)),
    ):
        box = (x - wide + inset, y - high + inset, x + wide - inset, y + high - inset)
        pen.ellipse(box, outline=tone, width=15 - 2 * inset)
    return page


def valley(rng: np.random.Generator, size: Size) -> Image.Image:
    """Out of focus behind a fish that is held up: sky, hills, trees, a river."""
    width, height = size
    sky = [(176, 200, 220), (206, 208, 206), (228, 206, 176), (140, 168, 200)][rng.integers(4)]
    clouds = 1 + 0.07 * cloud(rng, size, ((200, 60), (60, 24)))
    page = toned(np.array(shifted(rng, sky, 8), np.float32) * clouds[..., None])
    pen = ImageDraw.Draw(page)
    x = np.arange(0, width + 16, 16)
    horizon = rng.uniform(0.25, 0.5) * height
    for layer in range(3):
        ridge = horizon - (3 - layer) * rng.uniform(8, 30) + 22 * np.cumsum(rng.normal(0, 0.4, len(x)))
        tone = between(sky, [(96, 112, 104), (104, 108, 66), (58, 78, 48)][layer], 0.45 + 0.25 * layer)
        pen.polygon(
            [*zip(x.tolist(), ridge.tolist(), strict=True), (width, height), (0, height)],
            fill=shifted(rng, tone, 6),
        )
    for _ in range(int(rng.integers(5, 40))):
        x_, tall = rng.uniform(0, width), rng.uniform(20, 70)
        tone = shifted(rng, (48, 66, 44), 9)
        pen.polygon(
            [(x_ - tall / 5, horizon + 12), (x_, horizon + 12 - tall), (x_ + tall / 5, horizon + 12)],
            fill=tone,
        )
    bank = horizon + rng.uniform(8, 26)
    water = between(WATERS[rng.integers(len(WATERS))], sky, 0.35)
    glints = 1 + 0.14 * cloud(rng, (width, height - int(bank)), ((90, 7), (40, 4)))
    page.paste(toned(np.array(water, np.float32) * glints[..., None]), (0, int(bank)))
    return page.filter(ImageFilter.BoxBlur(rng.uniform(1, 5)))


GROUNDS = (streambed, deep, grass, gravel, sand, planks, paper, net, valley)
WET = (streambed, deep)


def ripples(rng: np.random.Generator, page: Image.Image, strength: float) -> None:
    """Light on the surface above whatever is in the page."""
    small = Image.new("RGB", (page.width // 2, page.height // 2))
    lines = _lines(rng, small.size, ((90, 30), (34, 14)))
    page.paste((236, 242, 236), mask=mask_of(lines * strength).resize(page.size, Image.Resampling.BILINEAR))


def _caustics(rng: np.random.Generator, page: Image.Image, strength: float) -> None:
    page.paste((230, 236, 206), mask=mask_of(_lines(rng, page.size, (70, 34)) * strength))


def _lines(rng: np.random.Generator, size: Size, grain: tuple[Grain, ...]) -> np.ndarray:
    """Bright where soft noise crosses zero: a net of wavering lines."""
    small = cloud(
        rng,
        (size[0] // 2, size[1] // 2),
        [(g[0] / 2, g[1] / 2) if isinstance(g, tuple) else g / 2 for g in grain],
    )
    lines = np.clip(1 - np.abs(small) / 0.13, 0, 1) ** 2
    return np.asarray(Image.fromarray(lines).resize(size, Image.Resampling.BILINEAR))


def _stones(rng: np.random.Generator, size: Size, gap: Colour, radius: float) -> Image.Image:
    page = Image.new("RGB", size, gap)
    pen = ImageDraw.Draw(page)
    mix = rng.permutation(len(STONES))[: rng.integers(3, 7)]
    count = int(min(520, 2.3 * size[0] * size[1] / (radius * radius * 2)))
    for _ in range(count):
        x, y = rng.uniform(-10, size[0] + 10), rng.uniform(-10, size[1] + 10)
        r = radius * rng.lognormal(-0.15, 0.4)
        tone = shifted(rng, STONES[mix[rng.integers(len(mix))]], 9)
        shape = np.array(blot(rng, 0, 0, r, flat=rng.uniform(0.6, 0.95), rough=0.1))
        for grow, dx, dy, colour in (
            (1.1, 0.06, 0.1, between(tone, (18, 18, 16), 0.68)),
            (1.0, 0, 0, between(tone, (18, 18, 16), 0.2)),
            (0.8, -0.08, -0.12, tone),
            (0.45, -0.2, -0.28, between(tone, (246, 240, 224), 0.18)),
        ):
            pen.polygon(
                [(x + r * dx + grow * px, y + r * dy + grow * py) for px, py in shape.tolist()], fill=colour
            )
    speckle = 1 + 0.1 * cloud(rng, size, (50, 5, 2))
    return toned(np.asarray(page.filter(ImageFilter.BoxBlur(0.6)), np.float32) * speckle[..., None])
