"""Parquet and GeoParquet: the CSV's columns with types, and points that geopandas reads."""

import io
import json
from collections.abc import Callable, Iterator

import geopandas
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.exports import csv_zip, parquet
from tests.research.exports.conftest import Files

PHOTOS, ORGANISMS = "photos.parquet", "occurrences.parquet"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def faults(files: Files) -> Iterator[str]:
    """What GeoParquet 1.1 and the columns ask for. Readers take most of what is wrong here."""
    try:
        table = pq.read_table(io.BytesIO(files[ORGANISMS]))
        about = json.loads(table.schema.metadata[b"geo"])
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        yield f"cannot be read: {error}"
        return
    if not str(about.get("version", "")).startswith("1.1"):
        yield "version"
    column = about.get("columns", {}).get(about.get("primary_column", ""))
    if column is None:
        yield "no primary column"
        return
    if column.get("encoding") != "WKB" or column.get("geometry_types") != ["Point"]:
        yield "another kind of geometry"
    if column.get("covering", {}).get("bbox", {}) != {side: ["bbox", side] for side in SIDES}:
        yield "no covering"
    missing = {*csv_zip.OCCURRENCES, *parquet.PLACE, "geometry", "bbox"} - set(table.column_names)
    if missing:
        yield f"columns {missing}"
        return
    rows = table.to_pylist()
    ids = [row["occurrence_id"] for row in rows]
    if len(set(ids)) != len(ids) or None in ids:
        yield "ids"
    for row in rows:
        if (row["geometry"] is None) != (row["latitude"] is None):
            yield "a place without a point"
        if row["geometry"] is None:
            continue
        east, north = parquet.POINT.unpack(row["geometry"])[2:]
        if (east, north) != (row["longitude"], row["latitude"]):
            yield "a point elsewhere"
        if row["bbox"] != {"xmin": east, "ymin": north, "xmax": east, "ymax": north}:
            yield "a box elsewhere"
        if not row["uncertainty_m"]:
            yield "certain of a place"
        west, south, far_east, far_north = column.get("bbox", (0, 0, 0, 0))
        if not (west <= east <= far_east and south <= north <= far_north):
            yield "outside of the whole"


def of_rows(change: Callable[[list[dict]], object]) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        table = pq.read_table(io.BytesIO(files[ORGANISMS]))
        rows = table.to_pylist()
        change(rows)
        return files | {ORGANISMS: _written(pa.Table.from_pylist(rows, schema=table.schema))}

    return edit


def of_about(change: Callable[[dict], object]) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        table = pq.read_table(io.BytesIO(files[ORGANISMS]))
        about = json.loads(table.schema.metadata[b"geo"])
        change(about)
        return files | {ORGANISMS: _written(table.replace_schema_metadata({"geo": json.dumps(about)}))}

    return edit


def _written(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _placed(rows: list[dict]) -> dict:
    return next(row for row in rows if row["geometry"])


BROKEN: dict[str, Callable[[Files], Files]] = {
    "half a file": lambda files: files | {ORGANISMS: files[ORGANISMS][:-20]},
    "plain Parquet": lambda files: (
        files | {ORGANISMS: _written(pq.read_table(io.BytesIO(files[ORGANISMS])).replace_schema_metadata({}))}
    ),
    "another version": of_about(lambda about: about.update(version="0.4.0")),
    "no primary column": of_about(lambda about: about.update(primary_column="place")),
    "another encoding": of_about(lambda about: about["columns"]["geometry"].update(encoding="WKT")),
    "no kinds of geometry": of_about(lambda about: about["columns"]["geometry"].pop("geometry_types")),
    "no covering": of_about(lambda about: about["columns"]["geometry"].pop("covering")),
    "a whole that is elsewhere": of_about(
        lambda about: about["columns"]["geometry"].update(bbox=[0, 0, 1, 1])
    ),
    "twice": of_rows(lambda rows: rows.append(rows[0])),
    "latitude first": of_rows(
        lambda rows: _placed(rows).update(geometry=parquet.POINT.pack(1, 1, 47.2, 11.3))
    ),
    "no point": of_rows(lambda rows: _placed(rows).update(geometry=None)),
    "a box of elsewhere": of_rows(lambda rows: _placed(rows).update(bbox=dict.fromkeys(SIDES, 0.0))),
    "certain of a place": of_rows(lambda rows: _placed(rows).update(uncertainty_m=None)),
    "a column less": lambda files: (
        files | {ORGANISMS: _written(pq.read_table(io.BytesIO(files[ORGANISMS])).drop_columns(["label"]))}
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused(name, from_golden, written):
    files = written(from_golden, "parquet", pictures=False)
    assert list(faults(files)) == []
    assert list(faults(BROKEN[name](files))) != []


def test_geopandas_reads_points_where_the_manifest_has_places(from_golden, written):
    files = written(from_golden, "parquet", pictures=False)
    frame = geopandas.read_parquet(io.BytesIO(files[ORGANISMS]))
    assert frame.crs.to_string() == "OGC:CRS84"
    places = {each["id"]: each["place"] for each in from_golden["observations"]}
    assert len(frame) == len(from_golden["occurrences"])
    for row, entry in zip(frame.itertuples(), from_golden["occurrences"], strict=True):
        place = places[entry["observation"]]
        assert row.occurrence_id == entry["id"] and row.label == entry["label"]
        assert (row.geometry is None) == (place is None)
        if place:
            assert (row.geometry.x, row.geometry.y) == (place["longitude"], place["latitude"])
    placed = frame[frame.geometry.notna()]
    west, south, east, north = placed.total_bounds
    here = geopandas.read_parquet(io.BytesIO(files[ORGANISMS]), bbox=(west, south, east, north))
    assert len(here) == len(placed), "the bbox column finds all that has a place, and no other"


def test_pandas_reads_what_the_csv_says(from_golden, written):
    frame = pandas.read_parquet(io.BytesIO(written(from_golden, "parquet", pictures=False)[PHOTOS]))
    table = pandas.read_csv(
        io.BytesIO(written(from_golden, "csv", pictures=False)["photos.csv"]), keep_default_na=False
    )
    assert list(frame.columns) == list(table.columns)
    assert list(frame["photo_id"]) == list(table["photo_id"])
    assert ["|".join(each) for each in frame["label"]] == list(table["label"])
    assert frame["width"].dtype == "int64" and frame["train_consent"].dtype == "bool"
    described = pq.read_schema(io.BytesIO(written(from_golden, "parquet", pictures=False)[PHOTOS]))
    assert described.field("side").metadata[b"description"] == b"train, validation or test."


def test_groups_of_rows_are_written_one_after_the_other(from_golden, monkeypatch):
    whole = b"".join(parquet.photos(from_golden))
    monkeypatch.setattr(parquet, "ROWS", 3)
    pieces = list(parquet.photos(from_golden))
    assert len(pieces) > 3
    assert pq.read_table(io.BytesIO(b"".join(pieces))) == pq.read_table(io.BytesIO(whole))
