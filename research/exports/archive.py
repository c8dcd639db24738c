"""A zip file written while it is being sent: one photo in memory at a time, the same bytes every time."""

import codecs
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from django.core.files.storage import default_storage

from look.spreadsheets import line
from research.exports import zips
from species.models import Photo

PIECE = 1 << 20


class Damaged(Exception):
    """A stored file is not the one that was frozen, or is gone."""


@dataclass(frozen=True)
class Part:
    """Bytes of an archive that are made when they are asked for. `size` of them; `crc` as zip has it."""

    size: int
    crc: int
    make: Callable[[], bytes]


Content = bytes | Iterable[bytes] | Part


class Archive:
    """A zip whose every byte is known before it is made, so that a download that broke off goes on where it was.

    Everything is stored, not deflated: photos don't shrink, and deflate's output depends on who built zlib. Tables are
    made at once, into a file of their own that goes with this; photos are read as they are sent. `tag` is the same for
    the same bytes, whatever version of this program or of a library writes them.
    """

    def __init__(self, entries: Iterable[tuple[str, Content]]) -> None:
        # Nobody else sees it, and it goes with this.
        self._tables: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._parts: list[tuple[int, Callable[[], Iterator[bytes]]]] = []  # size, and how they are made
        self.size = 0  # bytes of these
        central = [self._add(name, content) for name, content in entries]
        directory = b"".join(central)
        self.tag = hashlib.sha256(directory).hexdigest()
        self._put(directory + zips.end(self.size, len(directory), len(central)))

    def _add(self, name: str, content: Content) -> bytes:
        """The entry's line in the central directory."""
        part = content if isinstance(content, Part) else None
        begins = self._tables.seek(0, os.SEEK_END)
        size, crc = (part.size, part.crc) if part else self._keep(content)  # type: ignore[arg-type]  # no Part
        at = self.size
        self._put(zips.header(name, size, crc))
        make = (lambda: iter([part.make()])) if part else (lambda: self._kept(begins, size))
        self._parts.append((size, make))
        self.size += size
        return zips.listed(name, size, crc, at)

    def _put(self, data: bytes) -> None:
        self._parts.append((len(data), lambda: iter([data])))
        self.size += len(data)

    def _keep(self, content: bytes | Iterable[bytes]) -> tuple[int, int]:
        size = crc = 0
        for piece in [content] if isinstance(content, bytes) else content:
            self._tables.write(piece)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
        return size, crc

    def _kept(self, begins: int, size: int) -> Iterator[bytes]:
        while size:
            self._tables.seek(begins)
            piece = self._tables.read(min(size, PIECE))
            yield piece
            begins, size = begins + len(piece), size - len(piece)

    def read(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes from `first` to `last`, both included; no photo before or after them is read."""
        at, ends = 0, self.size if last is None else last + 1
        for size, make in self._parts:
            if at < ends and at + size > first:
                here = at
                for piece in make():
                    cut = piece[max(0, first - here) : max(0, ends - here)]
                    here += len(piece)
                    if cut:
                        yield cut
            at += size


def in_the_manifest(photo: dict[str, Any]) -> str:
    return str(photo["file"])


def images(
    photos: Iterable[dict[str, Any]], name: Callable[[dict[str, Any]], str] = in_the_manifest
) -> Iterator[tuple[str, Part]]:
    """Each photo's stored rendition under its `name`.

    Reading one raises Damaged where it is gone or its sha256 is not the frozen one: half an archive that fails to open
    is better than a whole one that isn't what is cited.
    """
    for photo in photos:
        frozen = photo["rendition"]
        # Datasets frozen before format 5 do not say it.
        crc = frozen["crc32"] if "crc32" in frozen else zlib.crc32(_stored(photo))
        yield name(photo), Part(frozen["bytes"], crc, partial(_stored, photo))


def _stored(photo: dict[str, Any]) -> bytes:
    frozen = photo["rendition"]
    row = Photo(pk=photo["id"], sha256=photo["sha256"])
    try:
        with default_storage.open(row.rendition_name(frozen["size"])) as file:
            data: bytes = file.read()
    except FileNotFoundError as error:
        raise Damaged(f"Photo {photo['id']} is no longer in the store.") from error
    if hashlib.sha256(data).hexdigest() != frozen["sha256"]:
        raise Damaged(f"Photo {photo['id']} is not the file that was frozen.")
    return data


def table(header: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """A CSV file (RFC 4180, UTF-8), a piece at a time. None is empty; True and False are true and false.

    It begins with a byte order mark, without which spreadsheets take it for another code.
    """
    yield codecs.BOM_UTF8 + line(header)
    for row in rows:
        yield line(row)
