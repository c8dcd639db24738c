"""GBIF's simple download: one table with a `gbifID`, and `multimedia.txt` beside it where there is one.

Its other form is a Darwin Core Archive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from labeling.imports.collection import BadLine, Row, Unreadable
from labeling.imports.readers import files, records
from labeling.imports.readers.lines import csv_lines, headed, named
from labeling.imports.readers.records import Record

ID = "gbifid"
MEDIA = "multimedia.txt"
TABLES = (".csv", ".txt", ".tsv")
# Terms that are read, in the case in which Darwin Core writes them; `headed` makes all letters small.
TERMS = {
    term.lower(): term
    for term in (
        *("gbifID", "basisOfRecord", "occurrenceStatus", "individualCount", "identificationQualifier"),
        *("scientificName", "scientificNameAuthorship", "vernacularName", "taxonRank", "species"),
        *("infraspecificEpithet", "genus", "family", "order", "class", "phylum", "kingdom"),
        *("eventDate", "eventTime", "year", "month", "day", "geodeticDatum", "issue", "georeferenceSources"),
        *("dataGeneralizations", "informationWithheld", *records.Place()),
        *("license", "rightsHolder", "creator", "recordedBy", "type", "identifier"),
    )
}


def table_in(folder: Path) -> Path | None:
    """The download in a folder, if there is one. Raises Unreadable where there are several."""
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in TABLES and path.name.lower() != MEDIA and is_download(path)
    ]
    if len(found) > 1:
        raise Unreadable(f"{found[0].name} and {found[1].name} are two downloads. Import each by itself.")
    return found[0] if found else None


def is_download(path: Path) -> bool:
    """Whether the first line of a table names a gbifID."""
    try:
        with path.open("rb") as file:
            return ID in file.readline(65_536).decode(errors="ignore").lower().strip("\ufeff\r\n").split("\t")
    except OSError:
        return False


def rows(path: Path) -> Iterator[Row]:
    """A row per photo of each record, one for each that has none. Raises Unreadable."""
    media: dict[str, list[tuple[str, Record]]] = defaultdict(list)
    said_in = path.parent / MEDIA
    told = said_in.is_file()
    for where, row in _records(said_in) if told else iter(()):
        if isinstance(row, BadLine):
            yield where, row
        else:
            media[row["gbifID"]].append((where, {"identifier": ""} | row))
    shown: dict[str, set[str]] = defaultdict(set)  # of each photo the records
    for id, each in media.items():
        for _, said in each:
            shown[said.get("identifier", "")].add(id)
    beside = files.Beside(path.parent, shown)
    stand: dict[str, str] = {}
    for where, record in _records(path):
        if isinstance(record, BadLine):
            yield where, record
            continue
        id = record["gbifID"]
        if not id or id in stand:
            yield (
                where,
                BadLine(f"The gbifID {id} is that of {stand[id]} as well." if id else "gbifID is empty."),
            )
            continue
        stand[id] = where
        try:
            sighting = records.sighting(record, id)
        except BadLine as problem:
            yield where, problem
            continue
        # One that is called by an address may bear a number that is a record's, too.
        found = media.get(id, []) if told else [(where, {"identifier": name}) for name in beside.of(id)]
        if not found:
            what = f"no photo of {id} in {MEDIA}" if told else f"no photo called {id} beside the table"
            yield where, BadLine(f"There is {what}.")
        for at, said in found:
            try:
                if (many := len(shown.get(said["identifier"], ()))) > 1:
                    raise BadLine(f"Shows {many} organisms, and an import takes in photos of one.")
                yield at, replace(sighting, photos=[records.photo(said, record, at, beside)])
            except BadLine as problem:
                yield at, problem
    for id in sorted(media.keys() - stand.keys()):
        for where, _ in media[id]:
            yield where, BadLine(f"Tells of {id or 'no gbifID'}, and there is no such record.")


def _records(path: Path) -> Iterator[tuple[str, Record | BadLine]]:
    # GBIF puts nothing in quotes.
    columns, lines = headed(path, csv_lines(path, "\t", ""))
    if ID not in columns:
        raise Unreadable(f"{path.name} has no column called gbifID.")
    for where, row in named(path, columns, lines):
        yield (
            where,
            row
            if isinstance(row, BadLine)
            else {TERMS[name]: text for name, text in row.items() if name in TERMS},
        )
