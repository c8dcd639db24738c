"""From upright pixels to a network's input, for training and for serving; see `species.images.fitting`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from species.images.fitting import fit

# Part of the pixel cache's key: raise it with any change that alters a pixel, or old caches would be reused.
VERSION = 1


def resize(rgb: NDArray[np.uint8], size: tuple[int, int], how: str) -> NDArray[np.uint8]:
    """`rgb` (uint8, height x width x 3) as uint8 of exactly `size` (height, width); see `species.images.fitting.fit`.

    Raises ValueError for pixels or a `how` it does not know.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"Expected uint8 pixels of height x width x 3, got {rgb.dtype} {rgb.shape}.")
    return np.asarray(fit(Image.fromarray(rgb), size, how))


def normalise(pixels: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]) -> NDArray[np.float32]:
    """Pixels (uint8, … x height x width x 3) as float32, … x 3 x height x width: (x / 255 - mean) / std."""
    scaled: NDArray[np.float32] = pixels.astype(np.float32)
    scaled /= np.float32(255)
    scaled -= np.asarray(mean, np.float32)
    scaled /= np.asarray(std, np.float32)
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))
