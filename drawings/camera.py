"""From a scene to a file: light, noise, blur, orientation, JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from drawings import metadata
from drawings.chance import stream

SIZES = ((1280, 960), (1280, 960), (1280, 854), (960, 1280), (1200, 900))
# How a picture is stored for each EXIF orientation, so that reading it by that orientation puts it right.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(subject: str, label: str, individual: str, rng: np.random.Generator) -> Image.Image:
    size = SIZES[rng.integers(len(SIZES))]
    fish = stream(individual, "body")
    image = Image.new("RGB", size, tuple(int(v) for v in rng.integers(60, 200, 3)))
    pen = ImageDraw.Draw(image)
    hue = stream(label).integers(0, 255, 3)
    w, h = size
    x, y = rng.uniform(0.05, 0.3, 2)
    pen.ellipse((x * w, y * h, (x + 0.6) * w, (y + 0.4) * h), fill=tuple(int(v) for v in hue))
    for _ in range(80):
        u, v = fish.uniform(0, 1, 2)
        px, py = (x + 0.6 * u) * w, (y + 0.4 * v) * h
        pen.ellipse((px - 6, py - 6, px + 6, py + 6), fill=(20, 20, 20))
    return image


def length_mm(subject: str, individual: str, label: str) -> int | None:
    return int(stream(individual, "length").integers(120, 560)) if subject == "trout" else None


def develop(
    image: Image.Image,
    rng: np.random.Generator,
    size: tuple[int, int] | None,
    orientation: int,
    exif: bytes,
) -> bytes:
    """JPEG bytes of `image`, stored in that orientation, marked as a drawing."""
    if size:
        image = image.resize(size if image.width >= image.height else size[::-1], Image.Resampling.BICUBIC)
    if (turn := STORED[orientation]) is not None:
        image = image.transpose(turn)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(rng.integers(76, 92)), exif=exif, xmp=metadata.XMP)
    return out.getvalue()
