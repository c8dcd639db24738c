"""`observations.csv`, with `opinions.csv` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from labeling.imports.collection import (
    BadLine,
    Collection,
    IncomingIdentification,
    IncomingPhoto,
    IncomingSighting,
    Problem,
    Row,
    Unreadable,
    of_rows,
)
from labeling.imports.readers import files
from labeling.imports.readers.lines import Line, headed, named, number
from species import clocks

TABLE = "observations.csv"


IDENTIFICATIONS = "opinions.csv"


NAME_AT_MOST = 80


NAME_COLUMNS = ("scientific_name", "label", "class", "vernacular_name")


# --- observations.csv -------------------------------------------------------------------------------------


def of_table(path: Path) -> Collection:
    columns, lines = headed(path)
    if not {"file", "url"} & set(columns):
        raise Unreadable(f"{path.name} has no column called file or url.")
    if not set(NAME_COLUMNS) & set(columns):
        raise Unreadable(f"{path.name} has none of the columns {', '.join(NAME_COLUMNS)}.")
    collection = of_rows(_table_rows(path, columns, lines))
    if path.name == TABLE and (path.parent / IDENTIFICATIONS).is_file():
        _add_identifications(path.parent / IDENTIFICATIONS, collection)
    return collection


def _table_rows(path: Path, columns: list[str], lines: Iterator[Line]) -> Iterator[Row]:
    folder = path.parent.resolve()
    for where, row in named(path, columns, lines):
        try:
            yield where, row if isinstance(row, BadLine) else sighting(row, where, folder)
        except BadLine as problem:
            yield where, problem


def sighting(row: dict[str, str], where: str, folder: Path) -> IncomingSighting:
    """What a row with the columns of docs/importing.md says; files lie in `folder`. Raises BadLine."""
    name = _name(row)
    photo = _photo(row, where, folder)
    length = number(row, "length_mm")
    if length is not None and length <= 0:
        raise BadLine(f"length_mm is {row['length_mm']}, not more than 0.")
    return IncomingSighting(
        key=row.get("observation_id") or photo.key,
        name=name,
        fields=_when(row) | _place(row),
        length_mm=length,
        photos=[photo],
        recorded_by=_person(row, "recorded_by"),
    )


def _name(row: dict[str, str]) -> str:
    name = next((row[column] for column in NAME_COLUMNS if row.get(column)), "")
    if not name:
        raise BadLine("Names no taxon.")
    return name


def _person(row: dict[str, str], column: str) -> str:
    name = row.get(column, "")
    if len(name) > NAME_AT_MOST:
        raise BadLine(f"{column} is longer than {NAME_AT_MOST} characters.")
    return name


def _photo(row: dict[str, str], where: str, folder: Path) -> IncomingPhoto:
    digest = row.get("sha256", "").lower()
    if row.get("file"):
        key = PurePosixPath(row["file"].replace("\\", "/")).as_posix()
        path = files.find(folder, key)
        if path is None:
            raise BadLine(f"There is no file {key}.")
        return IncomingPhoto(where, key, path=path, sha256=digest)
    if row.get("url"):
        return IncomingPhoto(where, row["url"], url=row["url"], sha256=digest)
    raise BadLine("Names no photo.")


def _when(row: dict[str, str]) -> dict[str, object]:
    """`observed_at` in ISO 8601; without an offset it is the clock on the wall, its zone unknown; a day is a day."""
    text = row.get("observed_at", "")
    if not text:
        return {}
    try:
        when = clocks.parse(text)
    except ValueError:
        raise BadLine(
            f"observed_at is {text}, not a time like 2015-04-13T16:52:29 or a day like 2015-04-13."
        ) from None
    return {"observed_at" if isinstance(when, datetime) else "local_date": when}


def _place(row: dict[str, str]) -> dict[str, object]:
    latitude, longitude = number(row, "latitude"), number(row, "longitude")
    if latitude is None and longitude is None:
        return {}
    if latitude is None or longitude is None:
        raise BadLine("A place needs both latitude and longitude.")
    if not row.get("place_source"):
        raise BadLine("A place needs a place_source: where the coordinates came from.")
    fields: dict[str, object] = {"latitude": latitude, "longitude": longitude}
    fields |= {"place_source": row["place_source"], "uncertainty_m": number(row, "uncertainty_m")}
    return fields


# --- opinions.csv -----------------------------------------------------------------------------------------


def _add_identifications(path: Path, collection: Collection) -> None:
    """To each sighting what others say of it. A person says one thing of a sighting, the first."""
    columns, lines = headed(path)
    for column in ("observation_id", "identified_by"):
        if column not in columns:
            raise Unreadable(f"{path.name} has no column called {column}.")
    sightings = {sighting.key: sighting for sighting in collection.sightings}
    for where, row in named(path, columns, lines):
        collection.rows += 1
        try:
            _add_identification(row, where, sightings)
        except BadLine as problem:
            collection.problems.append(Problem(where, str(problem)))


def _add_identification(
    row: dict[str, str] | BadLine, where: str, sightings: dict[str, IncomingSighting]
) -> None:
    if isinstance(row, BadLine):
        raise row
    sighting, person = sightings.get(row["observation_id"]), _person(row, "identified_by")
    if sighting is None:
        raise BadLine(f"There is no sighting {row['observation_id']!r} to have an opinion of.")
    if not person:
        raise BadLine("Does not say whose opinion it is.")
    if person == sighting.recorded_by or person in {each.person for each in sighting.identifications}:
        raise BadLine(f"{person} has named sighting {sighting.key} already.")
    sighting.identifications.append(IncomingIdentification(where, person, _name(row)))
