"""The rows of a manifest on disk while it is made: in memory a hundred thousand organisms would take a gigabyte."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from research.splits.items import Item

SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;
CREATE TABLE sightings (id TEXT PRIMARY KEY, observer, day, month, cell, trip, entry) WITHOUT ROWID;
CREATE TABLE organisms (id TEXT PRIMARY KEY, sighting, taxon, label, individual, anchored, entry, stands) WITHOUT ROWID;
CREATE TABLE photos (id TEXT PRIMARY KEY, sha256, phash, licence, side, part, picture, entry) WITHOUT ROWID;
CREATE TABLE shown (photo TEXT, organism TEXT, PRIMARY KEY (photo, organism)) WITHOUT ROWID;
CREATE TABLE voices (said TEXT PRIMARY KEY, person, organism) WITHOUT ROWID;
CREATE INDEX by_organism ON shown (organism, photo);
"""
ITEMS = """
SELECT shown.photo, shown.organism, sightings.id, observer, day, cell, trip, individual, phash, label, sha256, anchored
FROM shown CROSS JOIN photos ON photos.id = shown.photo CROSS JOIN organisms ON organisms.id = shown.organism
    CROSS JOIN sightings ON sightings.id = organisms.sighting
"""
# Of which no more than the month is told: that, and the rough place or else the person.
MONTHS = """
SELECT DISTINCT photo, coalesce(cell, observer), month FROM sightings CROSS JOIN organisms ON sighting = sightings.id
    CROSS JOIN shown ON shown.organism = organisms.id
WHERE month IS NOT NULL
"""
# Of what the split has left. CROSS JOIN everywhere: in the order of the left table, so that nothing has to be sorted.
PHOTOS = """
SELECT entry, picture, side, part, (SELECT json_group_array(organism) FROM shown WHERE photo = photos.id)
FROM photos WHERE side IS NOT NULL ORDER BY id
"""
KEPT = """
FROM organisms CROSS JOIN shown ON shown.organism = organisms.id CROSS JOIN photos ON photos.id = shown.photo
WHERE side IS NOT NULL
"""
ORGANISMS = f"""
SELECT organisms.entry, taxon, json_group_array(photos.id) {KEPT} GROUP BY organisms.id ORDER BY organisms.id
"""
# In the order in which a manifest first names them, so that a number tells nothing but that it is the same person.
PEOPLE = f"""
SELECT person FROM voices WHERE organism IN (SELECT organisms.id {KEPT}) GROUP BY person ORDER BY min(said)
"""
SIGHTINGS = f"SELECT entry FROM sightings WHERE id IN (SELECT sighting {KEPT}) ORDER BY id"


class Rows:
    """A list that is made anew each time it is asked, an entry at a time."""

    def __init__(self, make: Callable[[], Iterator[dict[str, Any]]], length: int) -> None:
        self._make, self._length = make, length

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._make()

    def __len__(self) -> int:
        return self._length


class Spool:
    """A database of its own in a file that nobody else sees and that goes with it. Ids are texts."""

    def __init__(self) -> None:
        # With no name SQLite removes the file as soon as it has made it, so that a kill leaves nothing.
        self._database = sqlite3.connect("")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # --- what was gathered --------------------------------------------------------------------------------

    def put(self, table: str, **columns: Any) -> None:
        """One row; what is there already stays. `entry` is its part of the manifest, as far as that is known."""
        values = [json.dumps(value) if name == "entry" else value for name, value in columns.items()]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._database.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)

    def items(self) -> Iterator[Item]:
        """Every organism on every photo, for the split."""
        # The same people, days, cells and labels come again and again: once each is enough.
        known: dict[str | None, str | None] = {}
        for photo, organism, sighting, *often, individual, phash, label, sha256, anchored in self._read(
            ITEMS
        ):
            observer, day, cell, trip, label = (known.setdefault(each, each) for each in (*often, label))
            yield Item(
                photo=photo,
                occurrence=organism,
                observation=sighting,
                observer=observer,
                local_day=day,
                cell=cell,
                trip=trip,
                organism_id=individual,
                phash=phash,
                label=label or "",
                sha256=sha256,
                anchored=bool(anchored),
            )

    def months(self) -> dict[str, tuple[str, str]]:
        """Of each photo of which others are told the month alone: where, as the split knows it, and that month."""
        return {photo: (where, month) for photo, where, month in self._read(MONTHS)}

    def photos(self) -> int:
        return self._count("*", "FROM photos")

    def without_picture(self, count: int) -> list[tuple[str, str]]:
        """Id and sha256 of so many photos of which nobody knows yet what is stored."""
        return list(
            self._read("SELECT id, sha256 FROM photos WHERE picture IS NULL ORDER BY id LIMIT ?", count)
        )

    def stood(self) -> Iterator[tuple[str, str]]:
        """Id of every organism in the order of ids, and what must not change until the dataset is published."""
        yield from self._read("SELECT id, stands FROM organisms ORDER BY id")

    def sha256(self, photo: object) -> str:
        [(found,)] = self._read("SELECT sha256 FROM photos WHERE id = ?", photo)
        return str(found)

    # --- what the split has left --------------------------------------------------------------------------

    def keep(self, side: Mapping[Any, str], group: Mapping[Any, str]) -> None:
        """Side and group of every photo that stays."""
        rows = ((on, group[photo], photo) for photo, on in side.items())
        self._database.executemany("UPDATE photos SET side = ?, part = ? WHERE id = ?", rows)

    def picture(self, photo: str, said: dict[str, Any]) -> None:
        """What is stored of a photo as a picture."""
        self._database.execute("UPDATE photos SET picture = ? WHERE id = ?", (json.dumps(said), photo))

    def kept_photos(self) -> Rows:
        def entries() -> Iterator[dict[str, Any]]:
            for entry, picture, side, part, organisms in self._read(PHOTOS):
                yield json.loads(entry) | {
                    "rendition": json.loads(picture),
                    "occurrences": sorted(json.loads(organisms)),
                    "side": side,
                    "group": part,
                }

        return Rows(entries, self._count("*", "FROM photos WHERE side IS NOT NULL"))

    def kept_organisms(self, category: Mapping[str, int]) -> Rows:
        """`category`: the number of each taxon."""

        people = {person: f"p{at}" for at, (person,) in enumerate(self._read(PEOPLE), start=1)}

        def numbered(each: dict[str, Any]) -> dict[str, Any]:
            return each | {"person": people[each["person"]]} if "person" in each else each

        def entries() -> Iterator[dict[str, Any]]:
            for text, taxon, photos in self._read(ORGANISMS):
                entry, here = json.loads(text), json.loads(photos)
                drawn = {
                    kind: [numbered(each) for each in entry[kind] if each["photo"] in here]
                    for kind in ("regions", "boxes", "marks")
                }
                said = [numbered(each) for each in entry["identifications"]]
                kept = {"photos": sorted(here), "category": category[taxon], "identifications": said}
                yield entry | kept | drawn

        return Rows(entries, self._count("DISTINCT organisms.id", KEPT))

    def kept_sightings(self) -> Rows:
        return Rows(
            lambda: (json.loads(entry) for (entry,) in self._read(SIGHTINGS)),
            self._count("DISTINCT sighting", KEPT),
        )

    def kept_taxa(self) -> set[str]:
        return {taxon for (taxon,) in self._read(f"SELECT DISTINCT taxon {KEPT}")}

    def licences(self) -> dict[str, int]:
        """How many photos stay under each."""
        return dict(
            self._read(
                "SELECT licence, count(*) FROM photos WHERE side IS NOT NULL GROUP BY licence ORDER BY licence"
            )
        )

    def sides(self) -> Iterator[tuple[str, str]]:
        yield from self._read("SELECT id, side FROM photos WHERE side IS NOT NULL ORDER BY id")

    # --- within -------------------------------------------------------------------------------------------

    def _read(self, query: str, *values: object) -> Iterable[tuple[Any, ...]]:
        return self._database.execute(query, values)

    def _count(self, what: str, rows: str) -> int:
        [(found,)] = self._read(f"SELECT count({what}) {rows}")
        return int(found)
