"""The body of a request while it arrives: in memory if it is short, else in a file that nobody else sees."""

import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.core.exceptions import RequestDataTooBig

API = 64 * 1024 * 1024  # bytes of one body of a program…
FORM = 264 * 1024 * 1024  # …and of a person's form, which may hold many photos
DROPPED = 64 * 1024 * 1024  # bytes that are read of a longer one: a phone that still sends sees no answer
IN_MEMORY = 8 * 1024 * 1024  # bytes of one body
# Bytes around the chunks of a body, as many as there are in them and so many more.
WRAPPING = 64 * 1024
LINE = 8192  # bytes that say how long a chunk is


class NotKept(Exception):
    """The disk would not have it; why is the cause. No OSError: Django takes those for clients that hung up."""


def limit(path: str) -> int:
    """Bytes of a body sent to such an address, at most."""
    return API if "/api/" in path else FORM


class Body:
    """A body of known length; `cut`: with more to come that nobody reads.

    `file` is read once it is complete; reading one that could not be kept raises.
    """

    def __init__(self, length: int, most: int, in_memory: bool) -> None:
        self.length, self.cut = length, length > most
        self.in_memory = in_memory and not self.cut
        self.missing = min(length, DROPPED) if self.cut else length
        self.view: memoryview | None = None
        self.file: IO[bytes] | _Unreadable
        if self.cut:
            self.file = _Unreadable(RequestDataTooBig("The body is longer than this site takes at once."))
        elif in_memory:
            # As long as it will be, so that the kernel writes into it and nothing is copied.
            buffer = io.BytesIO()
            if length:
                buffer.seek(length - 1)
                buffer.write(b"\0")
                buffer.seek(0)
                self.view = buffer.getbuffer()
            self.file = buffer
        else:
            self.file = _spool()

    def room(self) -> memoryview | None:
        """Where what comes next goes by itself; None where it has to be handed to `add`."""
        return self.view[-self.missing :] if self.view is not None else None

    def came(self, size: int) -> None:
        """So many bytes were put into `room`."""
        self.missing -= size
        if not self.missing:
            if self.view is not None:
                self.view.release()
                self.view = None
            self.file = _rewound(self.file)

    def add(self, data: bytes | memoryview) -> bytes:
        """Take what belongs to this body; the rest."""
        mine, rest = data[: self.missing], data[self.missing :]
        if self.view is not None:
            self.view[-self.missing :][: len(mine)] = mine
        else:
            self.file = _keep(self.file, mine)
        self.came(len(mine))
        return bytes(rest)

    def close(self) -> None:
        if self.view is not None:
            self.view.release()
        self.file.close()


class ChunkedBody:
    """A body in chunks, kept as it comes until the last. It only looks for the end: what the chunks say, and
    whether they may say it, is left to the server's own parser.
    """

    view = None
    cut = False

    def __init__(self) -> None:
        self.missing = LINE  # unknown; any number that is not 0
        self.length = 0  # of what came so far
        self.file: IO[bytes] | _Unreadable = _spool()
        self._line = bytearray()
        self._left = 0  # of this chunk, and of the line's end after it
        self._last = False
        self._size = 0  # of what is in the chunks

    def room(self) -> None:
        return None

    def add(self, data: bytes | memoryview) -> bytes:
        """Take what belongs to this body; the rest."""
        mine = self._measure(bytes(data))
        self.file = _keep(self.file, data[:mine])
        self.length += mine
        if not self.missing:
            self.file = _rewound(self.file)
        wrapping = self.length - self._size
        if self.length > API or wrapping > self._size + WRAPPING:
            self.file.close()
            self.file = _Unreadable(RequestDataTooBig("The body is longer than this site takes at once."))
            self.cut, self.missing = True, 0
        return bytes(data[mine:])

    def _measure(self, data: bytes) -> int:
        """How many of these bytes belong to the body; sets `missing` to 0 when that was the end."""
        at = 0
        while at < len(data) and self.missing:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            end = data.find(b"\n", at)
            self._line += data[at : end + 1] if end >= 0 else data[at:]
            at = end + 1 if end >= 0 else len(data)
            if len(self._line) > LINE:
                self.missing = 0
            elif end >= 0:
                self._read_line()
        return at

    def _read_line(self) -> None:
        line, self._line = bytes(self._line).strip(), bytearray()
        if self._last:
            # What follows the last chunk ends with an empty line.
            self.missing = LINE if line else 0
            return
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            size = -1
        if size > 0:
            self._left = size + 2
            self._size += size
        elif size == 0:
            self._last = True
        else:
            # No length at all: the parser says so.
            self.missing = 0

    def close(self) -> None:
        self.file.close()


class _Unreadable(io.RawIOBase):
    """Stands for a body that could not be kept: whoever reads it is told why."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        self.why = why

    def read(self, size: int | None = -1, /) -> bytes:
        raise self.why

    readline = read

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return 0


def _spool() -> IO[bytes] | _Unreadable:
    # Not in the system's folder, and without a name: what a killed process leaves would be somebody's photo.
    folder = Path(os.environ.get("VAR", "")) / "uploads"
    try:
        return tempfile.TemporaryFile(dir=folder if folder.is_dir() else None)
    except OSError as error:
        return _unkept(error)


def _keep(file: IO[bytes] | _Unreadable, data: bytes | memoryview) -> IO[bytes] | _Unreadable:
    if isinstance(file, _Unreadable):
        return file
    try:
        file.write(data)
    except OSError as error:
        # A full disk. The rest is read all the same, and the application answers.
        with suppress(OSError):
            file.close()
        return _unkept(error)
    return file


def _rewound(file: IO[bytes] | _Unreadable) -> IO[bytes] | _Unreadable:
    try:
        file.seek(0)
    except OSError as error:
        # What was still on its way to the disk.
        with suppress(OSError):
            file.close()
        return _unkept(error)
    return file


def _unkept(error: OSError) -> _Unreadable:
    why = NotKept("The body could not be kept.")
    why.__cause__ = error
    return _Unreadable(why)
