"""What the lower half of a network sees of every photo, kept on disk: it is never tuned, so it is computed once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.vision import renditions
from ml.vision.backbones import Backbone
from ml.vision.resize import normalise

Kept = NDArray[np.float16]


def key(pixels: str, backbone: Backbone, depth: float, seed: int) -> str:
    """What kept activations depend on, as 16 hex digits. `pixels` is the key of the pixels (`ml.vision.cache.key`)."""
    text = (
        f"{pixels} {backbone.name} {backbone.source} {depth} {seed} {renditions.VERSION} {renditions.VIEWS}"
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build(
    lower: nn.Module,
    pixels: NDArray[np.uint8],
    backbone: Backbone,
    folder: Path,
    name: str,
    seed: int,
    each: Callable[[int], None] = lambda count: None,
) -> Kept:
    """photos x VIEWS x channels x height x width in half precision, read-only from disk; made where it is not there.

    `lower` is in eval mode. `each` is called with the number of photos done since the last call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"activations-{name}.npy"
    if path.exists():
        each(len(pixels))
        return _open(path)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".activations-", suffix=".npy")
    os.close(handle)
    device = next(lower.parameters()).device
    try:
        with torch.inference_mode():
            made = None
            for place in range(len(pixels)):
                frames = np.stack(renditions.views(np.asarray(pixels[place]), seed + place))
                batch = torch.from_numpy(normalise(frames, backbone.mean, backbone.std)).to(device)
                seen = lower(batch).float().cpu().numpy().astype(np.float16)
                if made is None:
                    shape = (len(pixels), *seen.shape)
                    made = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float16, shape=shape)
                made[place] = seen
                each(1)
        assert made is not None
        made.flush()
        del made
        # Renamed only when whole: a killed run leaves nothing that the next one would believe.
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return _open(path)


def _open(path: Path) -> Kept:
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
