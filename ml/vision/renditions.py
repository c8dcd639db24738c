"""One photo in several ways, for learning: as it is, its padding filled, and varied as waters and cameras vary.

Deterministic: the same photo and number give the same pixels everywhere. What is served sees photos as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]

VERSION = 1  # part of the key of what is kept: raise it with any change that alters a pixel
PLAIN = ("as is", "filled")  # each also mirrored
VARIED = 4
BLACK = 8  # up to this, in every channel, a pixel at the edge is padding
#: How many views `views` gives of a photo. The first two are what is served: as is, and mirrored.
VIEWS = 2 * len(PLAIN) + VARIED


def views(frame: Pixels, seed: int) -> list[Pixels]:
    """VIEWS pictures of the size of `frame` (height x width x 3)."""
    plain = [view for each in (frame, filled(frame)) for view in (each, each[:, ::-1])]
    return [
        *plain,
        *(varied(filled(frame), np.random.default_rng([seed, number])) for number in range(VARIED)),
    ]


def filled(frame: Pixels) -> Pixels:
    """Black that reaches in from the left and right edge is filled with the nearest pixel of its row.

    Rows that are black throughout repeat the nearest one that is not; a frame that is all black stays so.
    """
    padding: NDArray[np.bool_] = np.asarray(frame.max(axis=2)) <= BLACK
    if not padding.any() or padding.all():
        return frame
    made, width = frame.copy(), frame.shape[1]
    shown = ~padding
    some = np.flatnonzero(shown.any(axis=1))
    first, last = shown.argmax(axis=1), width - 1 - shown[:, ::-1].argmax(axis=1)
    for row in some:
        made[row, : first[row]] = frame[row, first[row]]
        made[row, last[row] + 1 :] = frame[row, last[row]]
    for row in np.flatnonzero(~shown.any(axis=1)):
        made[row] = made[some[np.abs(some - row).argmin()]]
    return made


def varied(frame: Pixels, random: np.random.Generator) -> Pixels:
    """Cropped, turned, mirrored, and with another cast, haze, sharpness and contrast, or grey."""
    image = Image.fromarray(np.ascontiguousarray(frame))
    width, height = image.size
    share = random.uniform(0.8, 1.0)
    left, top = random.uniform(0, width * (1 - share)), random.uniform(0, height * (1 - share))
    turned = image.rotate(random.uniform(-8, 8), Image.Resampling.BILINEAR)
    # Only inwards: what turning leaves empty would be padding that no camera made.
    box = (left, top, left + share * width, top + share * height)
    seen = turned.resize((width, height), Image.Resampling.BILINEAR, box=box)
    if random.random() < 0.5:
        seen = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if random.random() < 0.3:
        seen = seen.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.5)))
    pixels = np.asarray(seen, np.float32)
    if random.random() < 0.2:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    cast, contrast = random.uniform(0.85, 1.15, 3), random.uniform(0.75, 1.25)
    middle = pixels.mean(axis=(0, 1))
    pixels = (pixels - middle) * contrast + middle * cast
    haze = random.uniform(0, 0.25)
    pixels = pixels * (1 - haze) + pixels.mean(axis=(0, 1)) * haze + random.uniform(-12, 12)
    made: Pixels = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    return made
