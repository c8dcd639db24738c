"""The pixels of a dataset's photos at the network's input size, decoded once and kept as one array on disk.

They come from the originals by the very steps that serving takes: `species.images.decode.upright` at 1008 px, then
`ml.vision.resize`. What a network learns from is what it will be asked about.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.vision.resize import VERSION, resize
from ml.vision.training_manifest import Photo
from species.images.decode import upright
from species.images.refusals import ImageRefused

UPRIGHT = 1008  # px, longest side of the upright photo that is then resized
STALE = 7 * 24 * 3600.0  # seconds after which an unused cache of another dataset is deleted
NAMED = 5  # photos that a refusal names


class PixelsRefused(Exception):
    """Photos that cannot be trained on; `str()` names them and says why."""


def pixels_of(data: bytes, size: tuple[int, int], how: str) -> NDArray[np.uint8]:
    """An original's bytes as uint8, height x width x 3 of `size`. Raises species.images.refusals.ImageRefused."""
    return resize(np.asarray(upright(data, UPRIGHT)), size, how)


def key(photos: Sequence[Photo], size: tuple[int, int], how: str) -> str:
    """What cached pixels depend on, as 16 hex digits: the files, their order, how they are resized."""
    text = f"{VERSION} {UPRIGHT} {size[0]}x{size[1]} {how} " + " ".join(photo.sha256 for photo in photos)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build(
    photos: Sequence[Photo],
    folder: Path,
    size: tuple[int, int],
    how: str,
    each: Callable[[int], None] = lambda count: None,
) -> NDArray[np.uint8]:
    """The photos' pixels, n x height x width x 3, read-only from disk; made first where they are not there.

    `each` is called with the number of photos done since the last call. Raises PixelsRefused, naming every
    photo (the first few) that is missing, changed since the dataset was frozen, or not decodable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pixels-{key(photos, size, how)}.npy"
    if path.exists():
        os.utime(path)
        each(len(photos))
        return _open(path)
    _forget_stale(folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".pixels-", suffix=".npy")
    os.close(handle)
    refused: list[str] = []
    try:
        shape = (len(photos), *size, 3)
        made = np.lib.format.open_memmap(name, mode="w+", dtype=np.uint8, shape=shape)
        for place, photo in enumerate(photos):
            try:
                made[place] = pixels_of(_original(photo), size, how)
            except (PixelsRefused, ImageRefused) as error:
                refused.append(f"photo {photo.id} ({photo.path.name}): {error}")
            each(1)
        made.flush()
        del made
        if refused:
            more = len(refused) - NAMED
            tail = f" … and {more} more" if more > 0 else ""
            raise PixelsRefused(
                f"{len(refused)} of {len(photos)} photos cannot be used. " + " ".join(refused[:NAMED]) + tail
            )
        # Renamed only when whole: a killed run leaves nothing that the next one would believe.
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return _open(path)


def _open(path: Path) -> NDArray[np.uint8]:
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def _original(photo: Photo) -> bytes:
    try:
        data = photo.path.read_bytes()
    except OSError as error:
        raise PixelsRefused(f"the original cannot be read: {error.strerror}.") from error
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise PixelsRefused("the file is not the one that was frozen (its sha256 differs).")
    return data


def _forget_stale(folder: Path) -> None:
    for path in [*folder.glob("pixels-*.npy"), *folder.glob(".pixels-*.npy")]:
        try:
            # Another run may be using or deleting it: on these systems an open map outlives its name.
            if time.time() - path.stat().st_mtime > STALE:
                path.unlink()
        except FileNotFoundError:
            pass
