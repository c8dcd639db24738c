"""From a scene to a file: light, noise, blur, orientation, JPEG."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from drawings import metadata
from drawings.chance import stream

SIZES = ((1280, 960), (1280, 960), (1280, 854), (960, 1280), (1200, 900))
TILE = 640
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


def frame(rng: np.random.Generator, size: tuple[int, int] | None) -> tuple[int, int]:
    """Width and height to paint at: as a camera has it, or smaller where the file will be. What will be larger
    than any of these is enlarged.
    """
    chosen = SIZES[rng.integers(len(SIZES))]
    if size is None or max(size) > max(chosen):
        return chosen
    return size if chosen[0] > chosen[1] else size[::-1]


def develop(
    image: Image.Image,
    rng: np.random.Generator,
    size: tuple[int, int] | None,
    orientation: int,
    exif: bytes,
) -> bytes:
    """JPEG bytes of `image`, stored in that orientation and marked as a drawing. `size` is that of a landscape
    picture; None leaves it as it is.
    """
    image = _lit(image, rng)
    if rng.random() < 0.14:
        image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 1.4)))
    wanted = size if size is None or image.width >= image.height else size[::-1]
    if wanted and wanted != image.size:
        image = image.resize(wanted, Image.Resampling.BICUBIC)
    image = ImageChops.overlay(image, _grain(rng, image.size))
    if (turn := STORED[orientation]) is not None:
        image = image.transpose(turn)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(rng.integers(76, 92)), exif=exif, xmp=metadata.XMP)
    return out.getvalue()


def _lit(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Daylight of some colour from some side, more or less of it."""
    warm, gain, gamma = rng.normal(0, 0.05), rng.normal(1.1, 0.07), np.exp(rng.normal(0, 0.12))
    steps = np.linspace(0, 1, 256) ** gamma
    curves = [
        np.clip(steps * gain * (1 + warm * side) * 255, 0, 255).astype(int).tolist() for side in (1, 0, -1)
    ]
    image = image.point([value for curve in curves for value in curve])
    x, y = np.meshgrid(np.linspace(-1, 1, 32), np.linspace(-1, 1, 32))
    turn, slope, rim = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.16), rng.uniform(0, 0.12)
    fall = 1 - slope * (1 + x * np.cos(turn) + y * np.sin(turn)) / 2 - rim * (x * x + y * y)
    shade = Image.fromarray((np.clip(fall, 0, 1) * 255).astype(np.uint8)).resize(
        image.size, Image.Resampling.BILINEAR
    )
    return ImageChops.multiply(image, Image.merge("RGB", [shade] * 3))


def _grain(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Tooth of the paper and noise of the sensor, around middle grey."""
    tile = _tile(int(rng.integers(3)))
    page = Image.new("RGB", size)
    left, top = (int(v) for v in rng.integers(0, TILE, 2))
    for x in range(-left, size[0], TILE):
        for y in range(-top, size[1], TILE):
            page.paste(tile, (x, y))
    return page


@lru_cache(maxsize=3)
def _tile(kind: int) -> Image.Image:
    rng = stream("grain", kind)
    values = rng.normal(0, 2 + 2.5 * kind, (TILE, TILE, 3)) + rng.normal(0, 3, (TILE, TILE, 1))
    tooth = np.asarray(
        Image.fromarray(rng.normal(0, 6, (TILE // 2, TILE // 2)).astype(np.float32)).resize((TILE, TILE))
    )
    return Image.fromarray(np.clip(127 + values + tooth[..., None], 0, 255).astype(np.uint8))
