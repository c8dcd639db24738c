"""Darwin Core Archive: what GBIF would refuse is refused here, and the real reader finds what the manifest says."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from dwca.read import DwCAReader

from research.exports import FORMATS, darwin_core
from research.exports.darwin_core import TABLES, met
from research.exports.readme import IMAGES
from tests.research.exports.conftest import Files, changed

TEXT = "{http://rs.tdwg.org/dwc/text/}"
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?)?)?")
URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(#.+)?")
BASES = {"HumanObservation", "MachineObservation"}
NEEDED = ("title", "creator", "metadataProvider", "pubDate", "abstract", "intellectualRights", "contact")


def table(files: Files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode()), delimiter="\t", quoting=csv.QUOTE_NONE))


def faults(files: Files) -> Iterator[str]:
    """What is wrong with an archive, by Simple Darwin Core, the text guide and GBIF's profile of EML."""
    described = {
        each.findtext(f"{TEXT}files/{TEXT}location"): each
        for each in ElementTree.fromstring(files["meta.xml"])
    }
    for name, each in described.items():
        lines = files.get(name, b"").decode().splitlines()
        if not lines:
            yield f"{name} is not there"
            continue
        fields = each.findall(f"{TEXT}field")
        wide = {len(line.split("\t")) for line in lines}
        if wide != {len(fields) + 1}:
            yield f"{name} has lines of {wide} cells for {len(fields)} terms"
        terms = [field.get("term", "").rsplit("/", 1)[1] for field in fields]
        if lines[0].split("\t")[1:] != terms:
            yield f"{name} is headed otherwise than described"
    core = table(files, "occurrence.txt")
    ids = [each["id"] for each in core]
    if len(set(ids)) != len(ids):
        yield "an id stands twice"
    for name in set(described) & set(files) - {"occurrence.txt"}:
        if not {each["id"] for each in table(files, name)} <= set(ids):
            yield f"{name} speaks of what is not there"
    for each in core:
        yield from wrong_with(each)
    yield from wrong_with_media(table(files, "multimedia.txt"))
    yield from wrong_with_eml(files["eml.xml"])


def wrong_with(row: dict[str, str]) -> Iterator[str]:
    if not URN.fullmatch(row["occurrenceID"]):
        yield "occurrenceID is none"
    if row["basisOfRecord"] not in BASES:
        yield "basisOfRecord is no basis"
    if row["eventDate"] and not DATE.fullmatch(row["eventDate"]):
        yield "eventDate is no date"
    if not row["scientificName"] or not row["taxonRank"]:
        yield "no name"
    if bool(row["decimalLatitude"]) != bool(row["decimalLongitude"]):
        yield "half a place"
    if row["decimalLatitude"]:
        if abs(float(row["decimalLatitude"])) > 90 or abs(float(row["decimalLongitude"])) > 180:
            yield "nowhere on earth"
        if row["geodeticDatum"] != "WGS84":
            yield "no datum"
        if float(row["coordinateUncertaintyInMeters"] or 0) <= 0:
            yield "certain of a place"
    if not row["license"].startswith("https://creativecommons.org/"):
        yield "no licence"


def wrong_with_media(rows: list[dict[str, str]]) -> Iterator[str]:
    whole = {each["identifier"] for each in rows if not each["isROIOf"]}
    for each in rows:
        if not re.fullmatch("[0-9a-f]{64}", each["hashValue"]):
            yield "no hash"
        if not each["isROIOf"]:
            continue
        if each["isROIOf"] not in whole:
            yield "a part of nothing"
        x, y, width, height = (float(each[f"{side}Frac"]) for side in ("x", "y", "width", "height"))
        if not (
            x >= 0
            and y >= 0
            and width > 0
            and height > 0
            and x + width <= 1.000002
            and y + height <= 1.000002
        ):
            yield "a part that is not on it"


def wrong_with_eml(data: bytes) -> Iterator[str]:
    dataset = ElementTree.fromstring(data).find("dataset")
    for name in NEEDED:
        if not "".join(dataset.find(name).itertext() if dataset.find(name) is not None else ()).strip():
            yield f"no {name}"
    link = dataset.find("intellectualRights/para/ulink")
    if link is None or not link.get("url", "").startswith("https://creativecommons.org/"):
        yield "no licence that a program reads"


@pytest.fixture
def files(from_golden, written):
    return written(from_golden, "dwca")


def test_nothing_is_wrong_with_it(files):
    assert list(faults(files)) == []
    assert len(table(files, "occurrence.txt")) > 10 and any(
        each["isROIOf"] for each in table(files, "multimedia.txt")
    )


BREAKS: dict[str, Callable[[Files], Files]] = {
    "a table is missing": lambda files: {
        name: each for name, each in files.items() if name != "measurement.txt"
    },
    "a column is missing": lambda files: changed(files, "occurrence.txt", "\tlocality", ""),
    "columns are exchanged": lambda files: changed(
        files, "occurrence.txt", "decimalLatitude\tdecimalLongitude", "decimalLongitude\tdecimalLatitude"
    ),
    "an id stands twice": lambda files: (
        files | {"occurrence.txt": files["occurrence.txt"] + files["occurrence.txt"].splitlines(True)[-1]}
    ),
    "measured of nothing": lambda files: (
        changed(files, "measurement.txt", "\nb", "\nc")
        if b"\nb" in files["measurement.txt"]
        else files
        | {"measurement.txt": re.sub(rb"\n[0-9a-f]{8}", b"\n00000000", files["measurement.txt"], count=1)}
    ),
    "an American day": lambda files: changed(files, "occurrence.txt", "2021-04-", "04/2021/"),
    "north of the pole": lambda files: changed(files, "occurrence.txt", "\t47.", "\t147."),
    "certain to the millimetre": lambda files: changed(files, "occurrence.txt", "6721.0", "0"),
    "a picture as a basis": lambda files: changed(files, "occurrence.txt", "HumanObservation", "Photo"),
    "no licence": lambda files: changed(files, "occurrence.txt", "https://creativecommons.org", "see below "),
    "no name": lambda files: changed(files, "occurrence.txt", "\tSalmo trutta\t", "\t\t"),
    "a region outside": lambda files: changed(files, "multimedia.txt", "\t0.5\t", "\t1.5\t"),
    "a region of nothing": lambda files: (
        files
        | {
            "multimedia.txt": re.sub(
                rb"\turn:uuid:........([^\t#\n]*\t0\.14)",
                rb"\turn:uuid:00000000\1",
                files["multimedia.txt"],
                count=1,
            )
        }
    ),
    "nobody made it": lambda files: changed(
        files, "eml.xml", "<surName>Rosa</surName>", "<surName></surName>"
    ),
    "a licence in words": lambda files: (
        files | {"eml.xml": re.sub(rb"<ulink.*?</ulink>", b"CC BY", files["eml.xml"], flags=re.S)}
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, files):
    assert list(faults(BREAKS[name](files))) != []


def test_the_real_reader_finds_what_the_manifest_says(from_golden, tmp_path):
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"".join(FORMATS["dwca"].write(from_golden)))
    with DwCAReader(str(path)) as archive:
        assert archive.descriptor.core.type == "http://rs.tdwg.org/dwc/terms/Occurrence"
        rows = {each.id: each for each in archive}
        assert set(rows) == {each["id"] for each in from_golden["occurrences"]}
        one = next(each for each in from_golden["occurrences"] if each["measurements"])
        row, [sighting] = (
            rows[one["id"]],
            [each for each in from_golden["observations"] if each["id"] == one["observation"]],
        )
        said = {term.rsplit("/", 1)[1]: value for term, value in row.data.items()}
        assert said["scientificName"] == one["scientific_name"] and said["recordedBy"] == sighting["observer"]
        place = sighting["place"] or {}
        assert said["decimalLatitude"] == str(place.get("latitude", ""))
        kinds = [each.rowtype.rsplit("/", 1)[1] for each in row.extensions]
        assert kinds.count("MeasurementOrFact") == len(one["measurements"])
        assert kinds.count("Identification") == len(one["identifications"])
        assert kinds.count("Multimedia") == len(one["photos"]) + len(one["regions"])
        frame = archive.pd_read("occurrence.txt", parse_dates=False)
        assert len(frame) == len(rows)
        assert "Asked for" not in str(ElementTree.tostring(archive.metadata))


def test_every_term_has_its_value_in_the_manifest(from_golden):
    """A dataset that is frozen must be exportable for good: whatever a column can say is said somewhere."""
    makers = (
        darwin_core.occurrences,
        darwin_core.identifications,
        darwin_core.measurements,
        darwin_core.media,
    )
    for (name, (_, terms)), make in zip(TABLES.items(), makers, strict=True):
        rows = list(make(from_golden))
        assert {len(row) for row in rows} == {len(terms) + 1}, name


def test_a_dataset_of_an_earlier_format_is_exported_too(from_golden, written):
    for each in from_golden["occurrences"]:
        del each["identifications"], each["votes"]["ruling_reason"]
    for each in from_golden["categories"]:
        del each["higher"]
    for each in from_golden["observations"]:
        del each["place_source"], each["locality"]
    for each in from_golden["photos"]:
        del each["drawn"], each["all_boxed"]
    files = written(from_golden, "dwca")
    assert len(table(files, "occurrence.txt")) == len(from_golden["occurrences"])
    for format in FORMATS:
        assert written(from_golden, format)["README.txt"]


def test_drawings_were_met_by_nobody(boxed, written):
    for photo in boxed["photos"][:3]:
        photo["drawn"] = True
    files = written(boxed, "dwca")
    gone = {each["id"] for each in boxed["photos"][:3]}
    for row in table(files, "multimedia.txt"):
        assert not any(each in row["identifier"] for each in gone)
    assert len(table(files, "occurrence.txt")) == len(met(boxed)) < len(boxed["occurrences"])
    assert not any(each in name for name in files for each in gone)


@pytest.mark.parametrize("format", FORMATS)
def test_without_pictures_it_says_so_and_holds_none(format, boxed, written):
    alone, whole = written(boxed, format, pictures=False), written(boxed, format)
    pictures = {name for name in whole if name.endswith(".jpg")}
    assert pictures and set(alone) == set(whole) - pictures
    assert IMAGES not in alone["README.txt"].decode() and IMAGES in whole["README.txt"].decode()
    assert json.loads(alone["manifest.json"])["dataset"] == json.loads(whole["manifest.json"])["dataset"]


def test_no_spreadsheet_runs_what_people_typed(boxed, written):
    for photo in boxed["photos"]:
        photo["credit"] = "=1+1\nsecond\tline"
    text = written(boxed, "dwca")["multimedia.txt"].decode()
    assert "\t'=1+1 second line\t" in text and "\t=1" not in text
