"""What a collection of labelled photos holds: sightings with their photos, and lines that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


class Unreadable(Exception):
    """Nothing of the collection can be used; the text says why."""


class BadLine(Exception):
    """One line or file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class IncomingPhoto:
    """One image to take in: a file, or an address to fetch. `key` names it within its collection for good.

    `licence`: SPDX id, and `credit`: whom to name, where the collection says it of each photo. `box`: where the
    organism is, as x, y, width and height in fractions of the upright photo.
    """

    where: str
    key: str
    path: Path | None = None
    url: str = ""
    sha256: str = ""
    licence: str = ""
    credit: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class IncomingIdentification:
    """What one person of the collection says a sighting shows."""

    where: str
    person: str
    name: str


@dataclass(slots=True)
class IncomingSighting:
    """One organism seen once. `fields` are those of `species.actions.observations.describe`.

    `recorded_by` took the photos and gave `name`; where it is empty, both are the collection's own.
    """

    key: str
    name: str
    fields: dict[str, object] = field(default_factory=dict)
    length_mm: float | None = None
    photos: list[IncomingPhoto] = field(default_factory=list)
    recorded_by: str = ""
    identifications: list[IncomingIdentification] = field(default_factory=list)

    def same_as(self, other: IncomingSighting) -> bool:
        mine, theirs = ((one.name, one.fields, one.length_mm, one.recorded_by) for one in (self, other))
        return mine == theirs


@dataclass
class Collection:
    rows: int = 0
    sightings: list[IncomingSighting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


Row = tuple[str, IncomingSighting | BadLine]


def of_rows(rows: Iterator[Row]) -> Collection:
    """Rows of one sighting gathered under it; a row that contradicts the sighting's first is a problem."""
    collection = Collection()
    by_key: dict[str, IncomingSighting] = {}
    photos: dict[str, str] = {}
    for where, found in rows:
        collection.rows += 1
        if isinstance(found, BadLine):
            collection.problems.append(Problem(where, str(found)))
            continue
        photo = found.photos[0]
        known = by_key.get(found.key)
        if photo.key in photos:
            what = f"The same photo as in {photos[photo.key]}."
            collection.problems.append(Problem(where, what))
        elif known is not None and not known.same_as(found):
            what = f"Says something else about sighting {found.key} than {known.photos[0].where}."
            collection.problems.append(Problem(where, what))
        else:
            photos[photo.key] = where
            if known is None:
                by_key[found.key] = found
                collection.sightings.append(found)
            else:
                known.photos.append(photo)
    return collection
