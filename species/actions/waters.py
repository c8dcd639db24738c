"""Waters are made ready once for each file: a store of squares and names, which pages only read."""

import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from species.places import waters
from species.queries.waters import folder
from species.taxonomy import names

FORMAT = 3  # of the store; another one is made anew
#: No square weighs more; what is largest is in it first.
LARGEST = 150_000
TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE about (credit TEXT);
CREATE TABLE pieces (level INTEGER, x INTEGER, y INTEGER, extent REAL, feature TEXT);
CREATE TABLE tiles (level INTEGER, x INTEGER, y INTEGER, data BLOB, PRIMARY KEY (level, x, y)) WITHOUT ROWID;
CREATE TABLE named (
    id INTEGER PRIMARY KEY, names TEXT, kind TEXT, shape TEXT, latitude REAL, longitude REAL, uncertainty_m REAL,
    extent_m REAL, course TEXT
);
CREATE TABLE passed (x INTEGER, y INTEGER, named INTEGER, points TEXT, PRIMARY KEY (x, y, named)) WITHOUT ROWID;
CREATE TABLE words (word TEXT, named INTEGER, PRIMARY KEY (word, named)) WITHOUT ROWID;
"""


def prepare(path: Path | None) -> bool:
    """Make the store of this file, unless it is there, and remove those of others; whether anything was made.

    A process that is killed leaves no half of a store. None: the subject has no waters.
    Raises species.places.waters.WatersRefused.
    """
    wanted = ""
    if path is not None:
        wanted = f"{_sha256(path)[:16]}-{FORMAT}"
    folder().mkdir(parents=True, exist_ok=True)
    target = folder() / f"{wanted}.sqlite"
    made = bool(wanted) and not target.exists()
    if made and path is not None:
        beside = folder() / f"{wanted}.{os.getpid()}.part"
        beside.unlink(missing_ok=True)
        try:
            _fill(beside, path)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    for other in folder().glob("*.sqlite"):
        if other.stem != wanted:
            other.unlink(missing_ok=True)
    return made


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise waters.WatersRefused(f"{path} cannot be read: {error}") from error


def _fill(target: Path, path: Path) -> None:
    store = sqlite3.connect(target, isolation_level=None)
    try:
        store.executescript(TABLES)
        store.execute("BEGIN")
        store.execute("INSERT INTO about VALUES (?)", [waters.credit(path)])
        found, by_cell = waters.named(waters.read(path))
        for each in found:
            _name(store, each)
        for feature in waters.read(path):
            _place(store, feature, by_cell)
        store.execute("CREATE INDEX piece ON pieces (level, x, y, extent DESC)")
        _pack(store)
        store.execute("DROP TABLE pieces")
        store.execute("COMMIT")
        store.execute("VACUUM")
    finally:
        store.close()


def _name(store: sqlite3.Connection, water: waters.Water) -> None:
    latitude, longitude, uncertainty = water.place()
    course = [[round(value, 5) for value in each] for each in water.course]
    row = (
        *(json.dumps(water.names), water.kind, water.shape, latitude, longitude, uncertainty),
        *(water.extent_m(), json.dumps(course)),
    )
    id = store.execute("INSERT INTO named VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
    passed = [(*square, id, json.dumps(points)) for square, points in sorted(water.passed().items())]
    store.executemany("INSERT INTO passed VALUES (?, ?, ?, ?)", passed)
    spelt = [each for name in water.names for each in names.spellings(name)]
    words = {word for each in spelt for word in (*each.words, each.letters)}
    store.executemany("INSERT INTO words VALUES (?, ?)", [(word, id) for word in sorted(words)])


def _place(store: sqlite3.Connection, feature: waters.Feature, by_cell: dict[Any, waters.Water]) -> None:
    extent, big = waters.extent_of(feature), False
    if feature.names:
        whole = by_cell[waters.cell_of(feature, feature.parts[0][0])]
        latitude = whole.course[0][1]
        extent = max(extent, waters.share_of_the_world(whole.extent_m(), latitude))
        big = feature.shape == "line" and whole.extent_m() >= waters.BIG_M
    rows = [
        (level, x, y, extent, json.dumps(held, ensure_ascii=False, separators=(",", ":")))
        for level, x, y, held in waters.squares(feature, extent, big)
    ]
    store.executemany("INSERT INTO pieces VALUES (?, ?, ?, ?, ?)", rows)


def _pack(store: sqlite3.Connection) -> None:
    squares = store.execute("SELECT DISTINCT level, x, y FROM pieces").fetchall()
    for square in squares:
        kept, size = [], 0
        pieces = store.execute(
            "SELECT feature FROM pieces WHERE level = ? AND x = ? AND y = ? ORDER BY extent DESC, feature",
            square,
        )
        for (piece,) in pieces:
            size += len(piece.encode()) + 1
            if size > LARGEST:
                break
            kept.append(piece)
        data = f'{{"type":"FeatureCollection","features":[{",".join(kept)}]}}'
        store.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", [*square, data.encode()])
