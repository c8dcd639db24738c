"""CSV with datapackage.json, DataCite, CITATION.cff: public validators take the good and refuse the broken."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
import yaml
from datacite import schema45
from frictionless import Package

from research.exports import csv_zip, descriptions
from tests.research.exports.conftest import Files, changed

AT = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture
def files(from_golden, written):
    return written(from_golden, "csv", pictures=False)


def refused(files: Files, folder: Path) -> bool:
    for name in ("datapackage.json", "photos.csv", "occurrences.csv"):
        if name in files:
            (folder / name).write_bytes(files[name])
    try:
        return not Package(str(folder / "datapackage.json")).validate().valid
    except Exception:
        return True


def in_column(name: str, column: str, value: str) -> Callable[[Files], Files]:
    """Another value in the first row of a table."""

    def edit(files: Files) -> Files:
        rows = list(csv.reader(io.StringIO(files[name].decode("utf-8-sig"))))
        rows[1][rows[0].index(column)] = value
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return files | {name: ("\ufeff" + text.getvalue()).encode()}

    return edit


TABLES: dict[str, Callable[[Files], Files]] = {
    "a table is missing": lambda files: {name: each for name, each in files.items() if name != "photos.csv"},
    "no description": lambda files: files | {"datapackage.json": b"{"},
    "a column is missing": lambda files: changed(files, "photos.csv", ",file,", ","),
    "a column too many": lambda files: changed(files, "photos.csv", ",file,", ",file,file2,"),
    "columns are exchanged": lambda files: changed(files, "photos.csv", ",width,height,", ",height,width,"),
    "an id stands twice": lambda files: (
        files | {"photos.csv": files["photos.csv"] + files["photos.csv"].splitlines(True)[-1]}
    ),
    "no id": in_column("occurrences.csv", "occurrence_id", ""),
    "a width in words": in_column("photos.csv", "width", "wide"),
    "half a pixel": in_column("photos.csv", "width", "0.5"),
    "a degree with a sign": in_column("photos.csv", "latitude", "47° N"),
    "a comma for a point": in_column("occurrences.csv", "score", "0,5"),
    "perhaps": in_column("photos.csv", "drawn", "perhaps"),
}


@pytest.mark.parametrize("name", TABLES)
def test_broken_tables_are_refused(name, files, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    assert not refused(files, tmp_path)
    assert refused(TABLES[name](files), broken)


def test_a_column_that_is_described_is_there_and_the_other_way_round(files):
    said = json.loads(files["datapackage.json"])
    for resource in said["resources"]:
        header = next(csv.reader(io.StringIO(files[resource["path"]].decode("utf-8-sig"))))
        assert header == [each["name"] for each in resource["schema"]["fields"]]
        assert all(each["description"] for each in resource["schema"]["fields"])
    assert [each["path"] for each in said["resources"]] == ["photos.csv", "occurrences.csv"]


def test_a_spreadsheet_takes_it_for_utf_8_and_pandas_reads_it(files, from_golden):
    assert files["photos.csv"].startswith(b"\xef\xbb\xbf")
    frame = pandas.read_csv(io.BytesIO(files["photos.csv"]))
    assert list(frame["photo_id"]) == [each["id"] for each in from_golden["photos"]]
    assert set(frame["place_shown"].dropna()) == {"generalized", "withheld"}
    assert "Ana Öztürk, 安娜" in set(frame["credit"])
    assert list(frame.columns) == csv_zip.PHOTOS


def test_datacite_takes_it(files, from_golden):
    said = json.loads(files["datacite.json"])
    schema45.validator.validate(said | {"doi": "10.5072/example"})
    assert said["alternateIdentifiers"][0]["alternateIdentifier"] == from_golden["dataset"]["content_hash"]
    assert {each["rightsIdentifier"] for each in said["rightsList"]} == {"CC0-1.0", "CC-BY-4.0"}
    assert said["contributors"][0]["name"] == "Ana" and said["publisher"]["name"]


DATACITE: dict[str, Callable[[dict], object]] = {
    "nobody made it": lambda said: said.update(creators=[]),
    "no title": lambda said: said.pop("titles"),
    "no publisher": lambda said: said.pop("publisher"),
    "a publisher without a name": lambda said: said.update(publisher={}),
    "a year in words": lambda said: said.update(publicationYear="last year"),
    "no kind": lambda said: said.pop("types"),
    "another kind": lambda said: said.update(types={"resourceTypeGeneral": "Photos"}),
    "a date of nothing": lambda said: said["dates"].append({"date": "2021-01-01"}),
    "another contributor": lambda said: said["contributors"].append({"name": "Ana", "contributorType": "Fish"}),
    "east of the world": lambda said: said["geoLocations"][0]["geoLocationBox"].update(eastBoundLongitude=999),
    "a description of nothing": lambda said: said.update(descriptions=[{"description": "x"}]),
    "another schema": lambda said: said.update(schemaVersion="http://datacite.org/schema/kernel-3"),
}  # fmt: skip


@pytest.mark.parametrize("name", DATACITE)
def test_datacite_refuses_what_is_broken(name, from_golden):
    said = json.loads(descriptions.datacite(from_golden)) | {"doi": "10.5072/example"}
    DATACITE[name](said)
    assert list(schema45.validator.iter_errors(said))


def test_the_citation_file_says_what_it_must(files, from_golden):
    said = yaml.safe_load(files["CITATION.cff"])
    assert said["cff-version"] == "1.2.0" and said["type"] == "dataset" and said["message"]
    assert said["authors"][0] == {"name": "Rosa"} and AT.fullmatch(said["date-released"])
    assert said["license"] == ["CC-BY-4.0", "CC0-1.0"]
    assert said["identifiers"] == [
        {"type": "other", "value": f"sha256:{from_golden['dataset']['content_hash']}"}
    ]
    assert "url" not in said


def test_what_was_asked_for_and_where_it_is_are_said(from_golden):
    from_golden["query"] = "taxon=chub"
    from_golden["dataset"] |= {"title": "a: [b]\n- c", "address": "https://trout.example/datasets/1/"}
    said = yaml.safe_load(descriptions.cff(from_golden))
    assert "taxon=chub" in said["abstract"] and said["url"] == "https://trout.example/datasets/1/"
    assert said["title"] == "a: [b]\n- c"
