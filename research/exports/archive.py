"""A zip file written while it is being sent: one photo in memory at a time, the same bytes every time."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.storage import default_storage

from look.spreadsheets import line
from species.models import Photo

# A clock in the entries would make two exports differ; the zip format begins here.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Damaged(Exception):
    """A stored file is not the one that was frozen, or is gone."""


class _Outbox(io.RawIOBase):
    """Takes what zipfile writes until it is fetched. Not seekable, so zipfile never goes back."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def fetch(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        return taken


def stream(entries: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> Iterator[bytes]:
    """The bytes of a zip with these (name, content) entries, in their order.

    Everything is stored, not deflated: photos don't shrink, and deflate's output depends on who built zlib.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            # Said aloud: by default it is that of the system that happens to write.
            entry.create_system = 3
            with archive.open(entry, "w") as file:
                for part in [content] if isinstance(content, bytes) else content:
                    file.write(part)
                    if sent := outbox.fetch():
                        yield sent
            yield outbox.fetch()
    yield outbox.fetch()


def images(manifest: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Every photo's stored rendition under its name in the manifest.

    Raises Damaged where it is gone or its sha256 is not the frozen one: half an archive that fails to open
    is better than a whole one that isn't what is cited.
    """
    for photo in manifest["photos"]:
        frozen = photo["rendition"]
        try:
            row = Photo(pk=photo["id"], sha256=photo["sha256"])
            with default_storage.open(row.rendition_name(frozen["size"])) as file:
                data = file.read()
        except FileNotFoundError as error:
            raise Damaged(f"Photo {photo['id']} is no longer in the store.") from error
        if hashlib.sha256(data).hexdigest() != frozen["sha256"]:
            raise Damaged(f"Photo {photo['id']} is not the file that was frozen.")
        yield photo["file"], data


def table(header: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """A CSV file (RFC 4180, UTF-8), a piece at a time. None is empty; True and False are true and false."""
    yield line(header)
    for row in rows:
        yield line(row)
