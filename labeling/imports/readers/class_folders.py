"""A folder of photos per class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

from labeling.imports.collection import BadLine, IncomingPhoto, IncomingSighting, Row
from labeling.imports.readers.url_list import LISTS, is_list, listed

NOT_OURS = ("__MACOSX",)


# --- classes ----------------------------------------------------------------------------------------------


def classes(folder: Path) -> Iterator[Row]:
    for path in _visible(folder):
        if path.is_dir():
            yield from _class_folder(path, folder)
        elif path.suffix.lower() in LISTS and is_list(path):
            yield from listed(path)


def _class_folder(folder: Path, root: Path) -> Iterator[Row]:
    for path in sorted(_files(folder)):
        # A Mac writes names decomposed; the same folder copied elsewhere must be the same photos.
        key = normalize("NFC", path.relative_to(root).as_posix())
        if not path.resolve().is_relative_to(root.resolve()):
            yield key, BadLine("Leads outside the folder.")
            continue
        photo = IncomingPhoto(key, key, path=path)
        yield key, IncomingSighting(key, folder.name, photos=[photo])


def _files(folder: Path) -> Iterator[Path]:
    for path in _visible(folder):
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path


def _visible(folder: Path) -> list[Path]:
    """Hidden folders are nobody's class: `.ipynb_checkpoints` once became one."""
    return sorted(
        path for path in folder.iterdir() if not path.name.startswith(".") and path.name not in NOT_OURS
    )
