"""Is there no room left? Said by the system, by SQLite and by PostgreSQL in words of their own. No Django in here."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

SENTENCE = "The disk of this site is full."
# What is answered, with 507, and the seconds after which programs ask again.
TRY_LATER = f"{SENTENCE} Not all of what you sent could be kept; send it again later."
RETRY_AFTER = 300
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
DISK_FULL = "53100"  # PostgreSQL's sqlstate
TOO_LITTLE = 1024 * 1024  # bytes


def is_full_disk(error: BaseException | None, folder: Path) -> bool:
    """Did this go wrong because there is no room? `folder` is on the disk in question."""
    return any(_says_so(each, folder) for each in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _says_so(error: BaseException, folder: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        # Where it cannot make room for its index it only speaks of an I/O error.
        out_of_room = code == sqlite3.SQLITE_IOERR and shutil.disk_usage(folder).free < TOO_LITTLE
        return code == sqlite3.SQLITE_FULL or out_of_room
    return getattr(error, "sqlstate", "") == DISK_FULL
