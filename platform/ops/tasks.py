"""Upkeep of this machine's part of the site; every worker looks at each sweep."""

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path

from django.db import connection

from jobs.registry import watch

log = logging.getLogger(__name__)

# It is copied at 4 MB by whoever writes, and written from its beginning again: larger means that a reader stood in it.
LARGE = 64 * 1024 * 1024  # bytes
TOLD_EVERY = 600.0  # seconds between two words about one that stays large
_at_work = threading.Lock()
_told = float("-inf")


@watch
def keep_wal_short() -> None:
    """Give the disk back what SQLite's write-ahead log does not need any more. In a thread: a sweep must be quick."""
    if connection.vendor == "sqlite" and wal_size(database()) > LARGE and not _at_work.locked():
        threading.Thread(target=shorten_wal, args=(database(),), name="wal", daemon=True).start()


def database() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def wal_size(path: Path) -> int:
    """Bytes; 0 where there is none, as beside a database in memory."""
    try:
        return os.stat(f"{path}-wal").st_size
    except OSError:
        return 0


def shorten_wal(path: Path) -> bool:
    """Copy the log into the database and cut it off, unless somebody reads or writes just now; whether that was done.

    Nobody waits for it: copying keeps out no one, and it is cut off only when nothing is left to copy, which takes a
    moment, and not at all where it would have to wait for that moment.
    """
    if not _at_work.acquire(blocking=False):
        return False
    try:
        before, started = wal_size(path), time.monotonic()
        # A connection of its own, which never asks again: timeout 0.
        own = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=0, isolation_level=None)
        try:
            _, pages, copied = own.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            done = pages == copied and own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        finally:
            own.close()
    except sqlite3.Error:
        log.warning("SQLite's log could not be shortened", exc_info=True)
        return False
    finally:
        _at_work.release()
    if done:
        log.info("SQLite's log gave back %d MB in %.1f s", before >> 20, time.monotonic() - started)
    else:
        _tell_it_stays(before)
    return done


def _tell_it_stays(size: int) -> None:
    global _told
    if time.monotonic() - _told >= TOLD_EVERY:
        _told = time.monotonic()
        log.warning(
            "SQLite's log is %d MB large, and somebody reads or writes. If it stays so, a program reads without "
            "an end: see “The WAL of SQLite” in docs/scale.md",
            size >> 20,
        )
