"""The waters that the operator's file named, as they were gridded at the start (`species.actions.waters`)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from species.places.waters import LEVELS


def folder() -> Path:
    return Path(settings.WATERS)


def version() -> str:
    """Which waters there are, as a word of an address; empty where there are none."""
    return next((path.stem for path in sorted(folder().glob("*.sqlite"))), "")


def credit() -> str:
    """Whom to name for them."""
    if not version():
        return ""
    with opened() as store:
        return str(store.execute("SELECT credit FROM about").fetchone()[0])


def tile(wanted: str, level: int, x: int, y: int) -> bytes | None:
    """The GeoJSON of one square; None where there is no such level or version."""
    known = level in LEVELS and max(x, y) < 2**level
    if not wanted or wanted != version() or not known:
        return None
    with opened() as store:
        found = store.execute(
            "SELECT data FROM tiles WHERE level = ? AND x = ? AND y = ?", (level, x, y)
        ).fetchone()
    return found[0] if found else EMPTY


EMPTY = b'{"type":"FeatureCollection","features":[]}'


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    path = folder() / f"{version()}.sqlite"
    store = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        yield store
    finally:
        store.close()
