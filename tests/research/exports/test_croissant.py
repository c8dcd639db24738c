"""Croissant: records that mlcroissant makes, and what it lets pass."""

import hashlib
import json
from collections.abc import Callable, Iterator

import mlcroissant
import pytest

from research.exports import croissant, csv_zip
from tests.research.exports.conftest import Files

NAME = "croissant.json"


@pytest.fixture
def unpacked(tmp_path) -> Callable[[Files], str]:
    """The path of croissant.json in a folder of the archive's files."""

    def unpack(files: Files) -> str:
        for name, data in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return str(tmp_path / NAME)

    return unpack


def faults(files: Files) -> Iterator[str]:
    """What Croissant 1.1 and RAI 1.0 ask of what we write, and mlcroissant lets pass."""
    try:
        said = json.loads(files[NAME])
    except ValueError:
        yield "no JSON"
        return
    if said.get("conformsTo") != croissant.CONFORMS:
        yield "another version"
    if not said.get("license") or not all(each.startswith("https://") for each in said["license"]):
        yield "licence"
    for term in ("name", "description", "citeAs", "creator", "datePublished", "version", "sc:usageInfo"):
        if not said.get(term):
            yield f"no {term}"
    for term in ("Protocol", "Analysis"):
        if not said.get(f"rai:dataAnnotation{term}"):
            yield f"no word of how names came about: {term}"
    sources = set()
    for each in said.get("distribution", []):
        sources.add(each.get("@id"))
        if each.get("@type") == "cr:FileObject":
            data = files.get(each.get("contentUrl", ""))
            if data is None:
                yield "a file that is not there"
            elif hashlib.sha256(data).hexdigest() != each.get("sha256"):
                yield "another file"
            elif each.get("contentSize") != f"{len(data)} B":
                yield "another size"
    fields = {field["@id"] for records in said.get("recordSet", []) for field in records["field"]}
    for records in said.get("recordSet", []):
        if records.get("key", {}).get("@id") not in fields:
            yield "no key"
        for field in records["field"]:
            source = field.get("source")
            if source is None:
                if "data" not in records:
                    yield "a field of nothing"
            elif {*source.get("fileObject", {}).values(), *source.get("fileSet", {}).values()} - sources:
                yield "a field of another file"
            columns = csv_zip.PHOTOS if records["@id"] == "photos" else csv_zip.OCCURRENCES
            if source and source["extract"].get("column", columns[0]) not in columns:
                yield "a column that is not there"
            if (
                "references" in field
                and field["references"].get("field", {}).get("@id", "sides/name") not in fields
            ):
                yield "a reference to nothing"
    if {each.get("@id") for each in said.get("recordSet", [])} != {
        "photos",
        "occurrences",
        "sides",
        "labels",
    }:
        yield "record sets"


def edited(change: Callable[[dict], object]) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        said = json.loads(files[NAME])
        change(said)
        return files | {NAME: json.dumps(said).encode()}

    return edit


def _records(said: dict, name: str) -> dict:
    return next(each for each in said["recordSet"] if each["@id"] == name)


BROKEN: dict[str, Callable[[Files], Files]] = {
    "half a file": lambda files: files | {NAME: files[NAME][:-9]},
    "another version": edited(lambda said: said.update(conformsTo="http://mlcommons.org/croissant/1.0")),
    "no licence": edited(lambda said: said.pop("license")),
    "a licence in words": edited(lambda said: said.update(license=["free"])),
    "no citation": edited(lambda said: said.pop("citeAs")),
    "nothing of consent": edited(lambda said: said.pop("sc:usageInfo")),
    "nothing of how names came about": edited(lambda said: said.pop("rai:dataAnnotationProtocol")),
    "another table": lambda files: files | {"photos.csv": files["photos.csv"] + b"\r\n"},
    "no table": edited(lambda said: said["distribution"][0].update(contentUrl="photo.csv")),
    "a column of another name": edited(
        lambda said: _records(said, "photos")["field"][0]["source"]["extract"].update(column="id")
    ),
    "a field of another file": edited(
        lambda said: _records(said, "photos")["field"][0]["source"].update(fileObject={"@id": "photo.csv"})
    ),
    "a key that is no field": edited(lambda said: _records(said, "photos").update(key={"@id": "photos/id"})),
    "no splits": edited(lambda said: said["recordSet"].remove(_records(said, "sides"))),
    "a field of nothing": edited(lambda said: _records(said, "occurrences")["field"][0].pop("source")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_description_is_refused(name, from_golden, written):
    files = written(from_golden, "croissant", pictures=False)
    assert list(faults(files)) == []
    assert list(faults(BROKEN[name](files))) != []


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_mlcroissant_makes_a_record_of_each_set(from_golden, written, unpacked):
    files = written(from_golden, "croissant")
    dataset = mlcroissant.Dataset(unpacked(files))
    assert not dataset.metadata.ctx.issues.errors and not dataset.metadata.ctx.issues.warnings
    photos = list(dataset.records("photos"))
    assert len(photos) == len(from_golden["photos"])
    entries = {each["id"]: each for each in from_golden["photos"]}
    for record in photos:
        entry = entries[record["photos/photo_id"].decode()]
        assert record["photos/side"].decode() == entry["side"]
        assert record["photos/train_consent"] == entry["train"]
        rendition = entry["rendition"]
        assert record["photos/picture"].size == (rendition["width"], rendition["height"])
    [first, *_] = dataset.records("occurrences")
    assert first["occurrences/occurrence_id"].decode() == from_golden["occurrences"][0]["id"]
    labels = [each["labels/label"] for each in dataset.records("labels")]
    assert labels == [each["label"] for each in from_golden["categories"]]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_without_photos_it_promises_none(from_golden, written, unpacked):
    files = written(from_golden, "croissant", pictures=False)
    dataset = mlcroissant.Dataset(unpacked(files))
    [first, *_] = dataset.records("photos")
    assert "photos/picture" not in first


def test_how_names_came_about_is_counted(from_golden, written):
    said = json.loads(written(from_golden, "croissant", pictures=False)[NAME])
    may = sum(photo["train"] for photo in from_golden["photos"])
    assert f"{may} of {len(from_golden['photos'])} photos" in said["sc:usageInfo"][1]["description"]
    by_reviewers = sum(each["votes"]["ruling"] == "reviewer" for each in from_golden["occurrences"])
    assert f"{by_reviewers} by a reviewer" in said["rai:dataAnnotationProtocol"]
