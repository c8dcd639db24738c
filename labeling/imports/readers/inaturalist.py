"""iNaturalist's export (inaturalist.org/observations/export): one table, and the photos that lie beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from labeling.imports.collection import BadLine, IncomingSighting, Row, Unreadable
from labeling.imports.readers import files, records
from labeling.imports.readers.lines import headed, named
from labeling.imports.readers.records import NO_LICENCE, Record
from species import clocks

# What nobody else's table has.
ITS_OWN = frozenset({"image_url", "quality_grade", "iconic_taxon_name", "coordinates_obscured"})
OPEN, HIDDEN = ("", "open"), {"obscured": "generalized", "obscured_private": "private", "private": "private"}
PLACE = records.Place("latitude", "longitude", "positional_accuracy")
PUBLIC = records.Place("latitude", "longitude", "public_positional_accuracy")
# An obscured place is anywhere in a cell of 0.2 degrees, which is nowhere wider than this from corner to corner.
OBSCURED_M = 31_500.0
YES, NO = ("true", "t", "1"), ("false", "f", "0")
VERSION = "4.0"  # of the licences that it gives


def is_export(path: Path) -> bool:
    try:
        columns, _ = headed(path)
    except Unreadable:
        return False
    return "id" in columns and "file" not in columns and not ITS_OWN.isdisjoint(columns)


def table_in(folder: Path) -> Path | None:
    """The export in a folder, if there is one. Raises Unreadable where there are several."""
    found = [path for path in sorted(folder.glob("*.csv")) if is_export(path)]
    if len(found) > 1:
        raise Unreadable(f"{found[0].name} and {found[1].name} are two exports. Import each by itself.")
    return found[0] if found else None


def rows(path: Path) -> Iterator[Row]:
    """A row per photo of each observation, one for each that has none. Raises Unreadable."""
    columns, lines = headed(path)
    if "scientific_name" not in columns:
        raise Unreadable(f"{path.name} has no column called scientific_name.")
    if "latitude" in columns and not (
        "coordinates_obscured" in columns or {"geoprivacy", "taxon_geoprivacy"} <= set(columns)
    ):
        raise Unreadable(
            f"{path.name} has places, and neither coordinates_obscured nor geoprivacy and taxon_geoprivacy: "
            "which of them are protected has to be said. Export it with these columns."
        )
    shown = Counter(_addresses(path))
    beside = files.Beside(path.parent)
    seen: dict[str, str] = {}
    for where, row in named(path, columns, lines):
        if isinstance(row, BadLine):
            yield where, row
            continue
        id = row["id"]
        if not id or id in seen:
            yield where, BadLine(f"The id {id} is that of {seen[id]} as well." if id else "id is empty.")
            continue
        seen[id] = where
        try:
            sighting, record = _sighting(row, id), _record(row)
            # People add what else is on a photo as an observation of its own.
            if (many := shown[row.get("image_url", "")]) > 1:
                raise BadLine(
                    f"image_url is that of {many} observations, and an import takes in photos of one."
                )
            found = _photos(row, id, beside)
        except BadLine as problem:
            yield where, problem
            continue
        for name in found:
            try:
                yield where, replace(sighting, photos=[records.photo({}, record, where, beside, name)])
            except BadLine as problem:
                yield where, problem


def _addresses(path: Path) -> Iterator[str]:
    columns, lines = headed(path)
    for _, row in named(path, columns, lines):
        if not isinstance(row, BadLine) and row.get("image_url"):
            yield row["image_url"]


def _photos(row: Record, id: str, beside: files.Beside) -> list[str]:
    """Names of those that are called by its id, else of the one that its address means. Raises BadLine."""
    if found := beside.of(id):
        return found
    if not row.get("image_url"):
        raise BadLine(f"image_url is empty, and there is no photo called {id} beside the table.")
    return [beside.at(row["image_url"])[0]]


def _sighting(row: Record, id: str) -> IncomingSighting:
    name = row["scientific_name"] or row.get("common_name", "")
    if not name:
        raise BadLine("scientific_name is empty.")
    return IncomingSighting(id, name, fields=_when(row) | _where(row))


def _record(row: Record) -> Record:
    """What holds for each of its photos, in Darwin Core's terms."""
    code = row.get("license", "").upper()
    licence = f"{code}-{'1.0' if code == 'CC0' else VERSION}" if code.startswith("CC") else code
    if licence and not records.spdx(licence):
        raise BadLine(f"license is {row['license']}, which is no licence that is known here.")
    # An empty one keeps all rights.
    licence = licence or (NO_LICENCE if "license" in row else "")
    return {"license": licence, "rightsHolder": row.get("user_name") or row.get("user_login", "")}


def _when(row: Record) -> dict[str, object]:
    """The hour where it and its zone are named for sure, else the day."""
    said = records.when(row, "observed_on")
    day, text = said.get("local_date"), row.get("time_observed_at", "").removesuffix(" UTC")
    if not isinstance(day, date) or not text or text == row["time_observed_at"]:
        return said
    try:
        moment = clocks.parse(f"{text}Z")
        zone = ZoneInfo(row.get("time_zone", ""))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        # It calls zones by names of its own: the day is what is left.
        return said
    assert isinstance(moment, datetime)
    local = moment.astimezone(zone)
    if local.date() != day:
        raise BadLine(f"time_observed_at is {row['time_observed_at']}, which is not on {day} in {zone.key}.")
    return {"observed_at": local}


def _where(row: Record) -> dict[str, object]:
    """The place that everybody is told: `private_latitude` and `private_longitude` are not read."""
    hidden = {_hidden(row, column) for column in ("geoprivacy", "taxon_geoprivacy")} - {""}
    obscured = row.get("coordinates_obscured", "").lower()
    if obscured not in ("", *YES, *NO):
        raise BadLine(f"coordinates_obscured is {row['coordinates_obscured']}, neither true nor false.")
    rough = bool(hidden) or obscured in YES
    source = "device" if row.get("positioning_method", "").lower() == "gps" else "map_pin"
    found = records.place(row, PUBLIC if rough else PLACE, source=source, rough=rough)
    if rough and "latitude" in found and found["uncertainty_m"] is None:
        found["uncertainty_m"] = OBSCURED_M
    return found | ({"privacy": "private"} if "private" in hidden else {})


def _hidden(row: Record, column: str) -> str:
    said = row.get(column, "").lower()
    if said in OPEN:
        return ""
    if said not in HIDDEN:
        raise BadLine(f"{column} is {row[column]}, not open, obscured or private.")
    return HIDDEN[said]
