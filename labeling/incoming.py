"""What a folder of labelled photos holds: sightings with their photos, and lines that cannot be used.

Three forms: `observations.csv`, a folder per class, a list of addresses per class; docs/importing.md
describes them. Pure Python: nothing is decoded, fetched or written here.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from species import clocks

TABLE = "observations.csv"
OPINIONS = "opinions.csv"
NAME_AT_MOST = 80
NAME_COLUMNS = ("scientific_name", "label", "class", "vernacular_name")
LISTS = (".txt", ".csv")
NOT_OURS = ("__MACOSX",)


class Unreadable(Exception):
    """Nothing of the collection can be used; the text says why."""


class BadLine(Exception):
    """One line or file cannot be used; the text says why."""


@dataclass(frozen=True)
class Problem:
    where: str
    what: str


@dataclass(frozen=True)
class IncomingPhoto:
    """One image to take in: a file, or an address to fetch. `key` names it within its collection for good."""

    where: str
    key: str
    path: Path | None = None
    url: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class IncomingOpinion:
    """What one person of the collection says a sighting shows."""

    where: str
    person: str
    name: str


@dataclass
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
    opinions: list[IncomingOpinion] = field(default_factory=list)

    def same_as(self, other: IncomingSighting) -> bool:
        mine, theirs = ((one.name, one.fields, one.length_mm, one.recorded_by) for one in (self, other))
        return mine == theirs


@dataclass
class Collection:
    rows: int = 0
    sightings: list[IncomingSighting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path) -> Collection:
    """The collection at `path`: a folder, a table or a list of addresses. Raises Unreadable."""
    if path.is_file():
        if path.suffix.lower() not in LISTS:
            raise Unreadable(f"{path.name} is neither a folder nor a .csv or .txt file.")
        return _of_table(path) if not _is_list(path) else _of_rows(_listed(path))
    if not path.is_dir():
        # The name alone: where folders lie on the server is not for whoever reads the job.
        raise Unreadable(f"There is no folder or file {path.name}.")
    if (path / TABLE).is_file():
        return _of_table(path / TABLE)
    collection = _of_rows(_classes(path))
    if not collection.rows:
        raise Unreadable(
            f"{path.name} holds no {TABLE}, no folder of photos per class and no list of addresses per class."
        )
    return collection


Row = tuple[str, IncomingSighting | BadLine]


def _of_rows(rows: Iterator[Row]) -> Collection:
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


# --- observations.csv -------------------------------------------------------------------------------------


def _of_table(path: Path) -> Collection:
    columns, lines = _columns(path)
    if not {"file", "url"} & set(columns):
        raise Unreadable(f"{path.name} has no column called file or url.")
    if not set(NAME_COLUMNS) & set(columns):
        raise Unreadable(f"{path.name} has none of the columns {', '.join(NAME_COLUMNS)}.")
    collection = _of_rows(_table_rows(path, columns, lines))
    if path.name == TABLE and (path.parent / OPINIONS).is_file():
        _add_opinions(path.parent / OPINIONS, collection)
    return collection


def _columns(path: Path) -> tuple[list[str], Iterator[Line]]:
    """The names in the first line of a table, and its other lines. Raises Unreadable."""
    lines = _csv_lines(path)
    try:
        _, header = next(lines)
    except StopIteration:
        raise Unreadable(f"{path.name} is empty.") from None
    if isinstance(header, BadLine):
        raise Unreadable(f"{path.name} is no table: {header}")
    columns = [name.strip().lower() for name in header]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Unreadable(f"{path.name} has two columns called {twice[0]}.")
    return columns, lines


def _cells(
    path: Path, columns: list[str], lines: Iterator[Line]
) -> Iterator[tuple[str, dict[str, str] | BadLine]]:
    """Where each row that says anything stands, and its cells by column."""
    for number, cells in lines:
        where = f"{path.name} line {number}"
        if isinstance(cells, BadLine):
            yield where, cells
        elif any(cells) and len(cells) != len(columns):
            yield where, BadLine(f"Has {len(cells)} cells where the header has {len(columns)}.")
        elif any(cells):
            yield where, dict(zip(columns, (cell.strip() for cell in cells), strict=True))


def _table_rows(path: Path, columns: list[str], lines: Iterator[Line]) -> Iterator[Row]:
    folder = path.parent.resolve()
    for where, row in _cells(path, columns, lines):
        try:
            yield where, row if isinstance(row, BadLine) else _sighting(row, where, folder)
        except BadLine as problem:
            yield where, problem


def _sighting(row: dict[str, str], where: str, folder: Path) -> IncomingSighting:
    name = _name(row)
    photo = _photo(row, where, folder)
    length = _number(row, "length_mm")
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
        path = _inside(folder, key)
        if not path.is_file():
            raise BadLine(f"There is no file {key}.")
        return IncomingPhoto(where, key, path=path, sha256=digest)
    if row.get("url"):
        return IncomingPhoto(where, row["url"], url=row["url"], sha256=digest)
    raise BadLine("Names no photo.")


def _inside(folder: Path, name: str) -> Path:
    """A table can be somebody else's: it must not make us read what lies outside its folder."""
    try:
        path = (folder / name).resolve()
    except (OSError, ValueError) as error:
        raise BadLine(f"{name!r} is no name of a file.") from error
    if not path.is_relative_to(folder):
        raise BadLine(f"{name} lies outside the folder.")
    return path


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
    latitude, longitude = _number(row, "latitude"), _number(row, "longitude")
    if latitude is None and longitude is None:
        return {}
    if latitude is None or longitude is None:
        raise BadLine("A place needs both latitude and longitude.")
    if not row.get("place_source"):
        raise BadLine("A place needs a place_source: where the coordinates came from.")
    fields: dict[str, object] = {"latitude": latitude, "longitude": longitude}
    fields |= {"place_source": row["place_source"], "uncertainty_m": _number(row, "uncertainty_m")}
    return fields


def _number(row: dict[str, str], column: str) -> float | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadLine(f"{column} is {text}, not a number.")
    return value


# --- opinions.csv -----------------------------------------------------------------------------------------


def _add_opinions(path: Path, collection: Collection) -> None:
    """To each sighting what others say of it. A person says one thing of a sighting, the first."""
    columns, lines = _columns(path)
    for column in ("observation_id", "identified_by"):
        if column not in columns:
            raise Unreadable(f"{path.name} has no column called {column}.")
    sightings = {sighting.key: sighting for sighting in collection.sightings}
    for where, row in _cells(path, columns, lines):
        collection.rows += 1
        try:
            _add_opinion(row, where, sightings)
        except BadLine as problem:
            collection.problems.append(Problem(where, str(problem)))


def _add_opinion(row: dict[str, str] | BadLine, where: str, sightings: dict[str, IncomingSighting]) -> None:
    if isinstance(row, BadLine):
        raise row
    sighting, person = sightings.get(row["observation_id"]), _person(row, "identified_by")
    if sighting is None:
        raise BadLine(f"There is no sighting {row['observation_id']!r} to have an opinion of.")
    if not person:
        raise BadLine("Does not say whose opinion it is.")
    if person == sighting.recorded_by or person in {each.person for each in sighting.opinions}:
        raise BadLine(f"{person} has named sighting {sighting.key} already.")
    sighting.opinions.append(IncomingOpinion(where, person, _name(row)))


# --- classes ----------------------------------------------------------------------------------------------


def _classes(folder: Path) -> Iterator[Row]:
    for path in _visible(folder):
        if path.is_dir():
            yield from _class_folder(path, folder)
        elif path.suffix.lower() in LISTS and _is_list(path):
            yield from _listed(path)


def _class_folder(folder: Path, root: Path) -> Iterator[Row]:
    for path in sorted(_files(folder)):
        key = path.relative_to(root).as_posix()
        if not path.resolve().is_relative_to(root.resolve()):
            yield key, BadLine("Leads outside the folder.")
            continue
        photo = IncomingPhoto(key, key, path=path)
        yield key, IncomingSighting(key, folder.name, photos=[photo])


def _files(folder: Path) -> Iterator[Path]:
    for path in _visible(folder):
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path


def _visible(folder: Path) -> list[Path]:
    """Hidden folders are nobody's class: `.ipynb_checkpoints` once became one."""
    return sorted(
        path for path in folder.iterdir() if not path.name.startswith(".") and path.name not in NOT_OURS
    )


def _listed(path: Path) -> Iterator[Row]:
    """One sighting per address; its class is the name of the file."""
    for number, cells in _csv_lines(path):
        where = f"{path.name} line {number}"
        if isinstance(cells, BadLine):
            yield where, cells
            continue
        url = cells[0].strip() if cells else ""
        if url and not url.startswith("#") and url.lower() != "url":
            photo = IncomingPhoto(where, url, url=url)
            yield where, IncomingSighting(url, path.stem, photos=[photo])


def _is_list(path: Path) -> bool:
    """Whether the first line that says anything is an address: a README is no list."""
    try:
        lines = _csv_lines(path)
        words = (
            cells[0].strip().lower() for _, cells in lines if not isinstance(cells, BadLine) and any(cells)
        )
        first = next((word for word in words if word and word != "url" and not word.startswith("#")), "")
    except Unreadable:
        return False
    return first.startswith(("http://", "https://"))


# --- lines ------------------------------------------------------------------------------------------------

Line = tuple[int, list[str] | BadLine]


def _csv_lines(path: Path) -> Iterator[Line]:
    """Number of the line a row begins on, and its cells. Raises Unreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not written in UTF-8. Save it so and try again.") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    return _numbered(text, delimiter)


def _numbered(text: str, delimiter: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, BadLine(f"Is no row of a table ({error}).")
            continue
        yield number, BadLine("Holds a NUL character.") if any("\0" in cell for cell in cells) else cells
