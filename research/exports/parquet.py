"""Parquet: photos.parquet, and occurrences.parquet, which is GeoParquet 1.1 (geoparquet.org/releases/v1.1.0).

The columns of the CSV export with types of their own: what stands between `|` there is a list here. The bytes are the
same for one version of pyarrow; another may write another file of the same rows.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from research.exports import csv_zip
from research.exports.archive import Content, images
from research.exports.readme import entries

if TYPE_CHECKING:
    import pyarrow as pa

SAYS = [
    "photos.parquet: a row per photo",
    "occurrences.parquet: a row per organism, with its public place as a point (GeoParquet 1.1)",
]
# In the CSV these hold several values between "|".
LISTS = frozenset({"label", "scientific_name", "occurrence_ids", "photo_ids", "lineage", "models_on_screen"})
OF_ONE = frozenset({"label", "scientific_name"})  # of an organism, which has one
PLACE = ("latitude", "longitude", "uncertainty_m", "place_shown")
ROWS = 10_000  # of a group, which is in memory at once
POINT = struct.Struct("<BIdd")  # WKB: little-endian, geometry type 1, x, y

Row = dict[str, Any]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "photos.parquet", photos(manifest)
    yield "occurrences.parquet", occurrences(manifest)
    if pictures:
        yield from images(manifest["photos"])


def photos(manifest: dict[str, Any]) -> Iterator[bytes]:
    schema = _schema(csv_zip.PHOTO_COLUMNS, LISTS)
    rows = (_row(csv_zip.PHOTOS, LISTS, each) for each in csv_zip.photo_rows(manifest))
    return _file(rows, schema, {})


def occurrences(manifest: dict[str, Any]) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415  # half a second, which only this format pays

    lists = LISTS - OF_ONE
    sightings = {each["id"]: each for each in manifest["observations"]}
    said = {name: csv_zip.PHOTO_COLUMNS[name] for name in PLACE}
    corners = pa.struct([pa.field(side, pa.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
    schema = _schema({**csv_zip.OCCURRENCE_COLUMNS, **said}, lists)
    schema = schema.append(pa.field("geometry", pa.binary())).append(pa.field("bbox", corners))

    def placed() -> Iterator[Row]:
        for values in csv_zip.occurrence_rows(manifest):
            row = _row(csv_zip.OCCURRENCES, lists, values)
            sighting = sightings[row["observation_id"]]
            yield row | _place(sighting["place"], sighting.get("place_shown", ""))

    return _file(placed(), schema, {"geo": json.dumps(geo(manifest), sort_keys=True)})


def geo(manifest: dict[str, Any]) -> dict[str, Any]:
    """What GeoParquet says of its columns. Without a `crs` they are longitude and latitude of WGS84 (OGC:CRS84)."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "covering": {"bbox": {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}},
    }
    places = [each["place"] for each in manifest["observations"] if each["place"]]
    if places:
        easts, norths = [each["longitude"] for each in places], [each["latitude"] for each in places]
        column["bbox"] = [min(easts), min(norths), max(easts), max(norths)]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _place(place: dict[str, Any] | None, shown: str) -> Row:
    if place is None:
        return {**dict.fromkeys(PLACE), "place_shown": shown, "geometry": None, "bbox": None}
    east, north = place["longitude"], place["latitude"]
    return {
        "latitude": north,
        "longitude": east,
        "uncertainty_m": place["uncertainty_m"],
        "place_shown": shown,
        "geometry": POINT.pack(1, 1, east, north),
        "bbox": {"xmin": east, "ymin": north, "xmax": east, "ymax": north},
    }


def _row(names: list[str], lists: frozenset[str], values: list[Any]) -> Row:
    return {
        name: [each for each in value.split("|") if each] if name in lists else value
        for name, value in zip(names, values, strict=True)
    }


def _schema(columns: dict[str, tuple[str, str]], lists: frozenset[str]) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415

    types: dict[str, Callable[[], pa.DataType]] = {
        "string": pa.string,
        "integer": pa.int64,
        "number": pa.float64,
        "boolean": pa.bool_,
    }
    return pa.schema(
        [
            pa.field(
                name,
                pa.list_(pa.string()) if name in lists else types[kind](),
                metadata={"description": says.replace("; several kinds are separated by |", "")},
            )
            for name, (kind, says) in columns.items()
        ]
    )


def _file(rows: Iterable[Row], schema: pa.Schema, about: dict[str, str]) -> Iterator[bytes]:
    """A Parquet file, a group of rows at a time."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    sink = _Sink()
    left = iter(rows)
    # Not compressed, as nothing in an archive is: what a scan looks for stands in it as it is.
    with pq.ParquetWriter(sink, schema.with_metadata(about), compression="none") as writer:
        while group := list(islice(left, ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Takes what is written until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        self._at += len(self._pieces[-1])
        return len(self._pieces[-1])

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken
