"""From upright pixels to a network's input: the one place that does it, for training and for serving.

A long organism is squashed or padded into the frame, never cropped: a centre crop cuts off head and tail.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Part of the pixel cache's key: raise it with any change that alters a pixel, or old caches would be reused.
VERSION = 1


def resize(rgb: NDArray[np.uint8], size: tuple[int, int], how: str) -> NDArray[np.uint8]:
    """`rgb` (uint8, height x width x 3) as uint8 of exactly `size` (height, width).

    "squash" stretches to the frame; "pad" keeps the proportions and fills the rest with black, half on each
    side. Raises ValueError for pixels or a `how` it does not know.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"Expected uint8 pixels of height x width x 3, got {rgb.dtype} {rgb.shape}.")
    height, width = size
    image = Image.fromarray(rgb)
    if how == "squash":
        return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    if how != "pad":
        raise ValueError(f"Resize {how!r} is not known: squash or pad.")
    scale = min(width / image.width, height / image.height)
    inner = (
        min(width, max(1, round(image.width * scale))),
        min(height, max(1, round(image.height * scale))),
    )
    frame = Image.new("RGB", (width, height))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    frame.paste(image.resize(inner, Image.Resampling.BICUBIC), (left, top))
    return np.asarray(frame)


def normalise(pixels: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]) -> NDArray[np.float32]:
    """Pixels (uint8, … x height x width x 3) as float32, … x 3 x height x width: (x / 255 - mean) / std."""
    scaled: NDArray[np.float32] = pixels.astype(np.float32)
    scaled /= np.float32(255)
    scaled -= np.asarray(mean, np.float32)
    scaled /= np.asarray(std, np.float32)
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))
