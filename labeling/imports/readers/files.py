"""Photos that lie beside a table: in its folder, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from labeling.imports.collection import BadLine

PHOTOS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif"})
# What iNaturalist calls each photo, below the photo's number.
SIZES = frozenset({"original", "large", "medium", "small", "thumb", "square"})


def inside(folder: Path, name: str) -> Path:
    """A table can be somebody else's: it must not make us read what lies outside its folder. Raises BadLine."""
    try:
        path = (folder / name).resolve()
    except (OSError, ValueError) as error:
        raise BadLine(f"{name!r} is no name of a file.") from error
    if not path.is_relative_to(folder):
        raise BadLine(f"{name} lies outside the folder.")
    return path


def find(folder: Path, name: str) -> Path | None:
    """The file of this name in a folder (resolved), however a Mac or Windows wrote it. Raises BadLine."""
    path = inside(folder, name)
    if not path.is_file():
        path = inside(folder, _as_written(folder, name))
    return path if path.is_file() else None


def _as_written(folder: Path, key: str) -> str:
    """The same path as the disk has it: a Mac writes names decomposed, and neither it nor Windows minds capitals."""
    found = folder
    for part in PurePosixPath(key).parts:
        if part == ".." or not found.is_dir():
            return key
        names, alone = _names_in(found, found.stat().st_mtime_ns)
        found /= names.get(part) or alone.get(part.casefold()) or part
    return found.relative_to(folder).as_posix()


@lru_cache(maxsize=16)
def _names_in(folder: Path, changed: int) -> tuple[dict[str, str], dict[str, str]]:
    """Composed name to the name on the disk, and the same in small letters where one file alone is called so.

    Read once for thousands of rows.
    """
    names = {normalize("NFC", each.name): each.name for each in folder.iterdir()}
    times = Counter(name.casefold() for name in names)
    return names, {small: names[name] for name in names if times[small := name.casefold()] == 1}


class Beside:
    """The photos in the folder of a table that names them by addresses, or not at all. Nothing is fetched.

    `addresses`: all that the table names, where a photo may be called by the last part of its own: two that end alike
    would be taken for each other.
    """

    def __init__(self, folder: Path, addresses: Iterable[str] = ()) -> None:
        self.folder = folder.resolve()
        self._lasts = Counter(_last(each) for each in set(addresses))
        self._called: dict[str, list[str]] | None = None

    def at(self, address: str) -> tuple[str, Path]:
        """The photo that an address or a path means: its name below the folder, and its file. Raises BadLine."""
        names, last = _names(address), _last(address)
        if self._lasts[last] == 1:
            names += [last, f"images/{last}"]
        for name in names:
            if path := find(self.folder, name):
                return name, path
        raise BadLine(f"There is no file for {address} beside the table.")

    def of(self, id: str) -> list[str]:
        """Names of the photos that are called by a record's id: `7.jpg`, `7_2.jpg`, or any in a folder `7`."""
        if self._called is None:
            self._called = {}
            for path in sorted([*self.folder.glob("*"), *self.folder.glob("*/*")]):
                name = path.relative_to(self.folder)
                if path.suffix.lower() in PHOTOS and not name.name.startswith(".") and path.is_file():
                    # Where it leads is asked when it is read. Deeper ones are called by addresses.
                    at_top = len(name.parts) == 1
                    for called in {path.stem, path.stem.partition("_")[0]} if at_top else {name.parts[0]}:
                        self._called.setdefault(called, []).append(normalize("NFC", name.as_posix()))
        return self._called.get(id, [])


def _names(address: str) -> list[str]:
    """A path as it is; of an address what `wget -x` makes of it, with and without the server."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return [PurePosixPath(address.replace("\\", "/")).as_posix()] if address else []
    path = PurePosixPath(unquote(parts.path).lstrip("/"))
    return [f"{parts.netloc}/{path}", str(path)]


def _last(address: str) -> str:
    """The last part of an address; empty for what is none."""
    parts = urlsplit(address)
    path = PurePosixPath(unquote(parts.path))
    if parts.scheme not in ("http", "https") or not path.name:
        return ""
    # All photos of iNaturalist are called original.jpg.
    return f"{path.parent.name}{path.suffix}" if path.stem in SIZES else path.name
