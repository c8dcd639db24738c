"""What a photo looks like, in a few bits: a hash that near-duplicates share, and the colour of its water."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image

# The mats of the stylesheet (`--water-*`): each the edge colour of many photos.
WATERS = {
    "glass": (0x89, 0x89, 0x75),
    "stone": (0x7D, 0x7C, 0x79),
    "slate": (0x8A, 0x8C, 0x8C),
    "milk": (0x97, 0x93, 0x85),
    "silt": (0x9E, 0x91, 0x78),
    "straw": (0xAC, 0xA0, 0x72),
    "peat": (0x7A, 0x72, 0x59),
    "amber": (0xA3, 0x8B, 0x4D),
    "weed": (0x5F, 0x70, 0x50),
    "night": (0x2A, 0x2C, 0x2F),
    # What is left around a photo that was turned: any other mat would be a second frame.
    "black": (0, 0, 0),
}


# Bits of 64 in which the hashes of two near-duplicates may differ: copies, re-encodings, frames of one moment. At 6 and
# more, different photos of one fixed camera run together.
NEAR = 4


def near(one: str, other: str) -> bool:
    """Whether two hashes (16 hex digits) are of nearly the same picture."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= NEAR


def phash(image: Image.Image) -> str:
    """The perceptual hash of `image` as 16 hex digits: equal to `imagehash.phash`, without loading SciPy
    for it.

    Source: the DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions"
    (2010): 32 × 32 grey pixels, the 8 × 8 lowest frequencies, one bit each for above their median.
    """
    pixels = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes()
    rows = [pixels[i : i + 32] for i in range(0, 1024, 32)]
    waves = _cosines()
    # columns first, then rows: 8 frequencies each way
    down = [[sum(c * row[x] for c, row in zip(wave, rows, strict=True)) for x in range(32)] for wave in waves]
    # Rounded, because in a plain picture all but one are zero and the noise of the sums would decide the
    # bits.
    low = [round(sum(c * v for c, v in zip(wave, line, strict=True)), 6) for line in down for wave in waves]
    ordered = sorted(low)
    median = (ordered[31] + ordered[32]) / 2
    bits = 0
    for value in low:
        bits = bits << 1 | (value > median)
    return f"{bits:016x}"


@lru_cache(maxsize=1)
def _cosines() -> list[list[float]]:
    return [[2 * math.cos(math.pi * k * (2 * n + 1) / 64) for n in range(32)] for k in range(8)]


def water(image: Image.Image) -> str:
    """The mat (a key of WATERS) nearest to the median colour along the edges of an RGB `image`."""
    small = image.resize((64, 64), Image.Resampling.BOX)
    edge = Image.new("L", small.size, 255)
    edge.paste(0, (3, 3, 61, 61))
    histogram = small.histogram(edge)
    colour = tuple(_median(histogram[i : i + 256]) for i in (0, 256, 512))
    return min(WATERS, key=lambda name: _distance(WATERS[name], colour))


def _median(histogram: list[int]) -> int:
    half, seen = sum(histogram) / 2, 0
    for level, count in enumerate(histogram):
        seen += count
        if seen >= half:
            return level
    return 255


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Lightness counts half: the mats are all of middling lightness, and it is the hue that names the
    water.
    """
    grey_one, grey_other = sum(one) / 3, sum(other) / 3
    hue = sum(((a - grey_one) - (b - grey_other)) ** 2 for a, b in zip(one, other, strict=True))
    return hue + (grey_one - grey_other) ** 2 / 2
