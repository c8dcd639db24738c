"""Exports: the same bytes twice, readable by others' programs, and nothing in them that should not be."""

import csv
import hashlib
import io
import json
import re
import subprocess
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from PIL import Image
from pycocotools.coco import COCO

from accounts.models import User
from research import exports
from research.actions import datasets
from research.exports import archive, csv_zip
from research.manifest import store
from species.models import Photo
from tests.research import golden
from tests.research.building import freeze, opened
from tests.research.conftest import EXACT

FORMATS = sorted(exports.FORMATS)


def written(dataset, format: str) -> bytes:
    return b"".join(exports.FORMATS[format].write(store.read(dataset)))


def rows(zipped: zipfile.ZipFile, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(zipped.read(name).decode("utf-8-sig"), newline="")))


@pytest.fixture
def from_golden(db):
    """A dataset with two licences, boxes, dropped photos and foreign names."""
    with transaction.atomic():
        golden.plant()
    dataset = freeze(User.objects.get(email="rosa@example.org"))
    assert dataset.state == "frozen"
    return dataset


@pytest.mark.parametrize("format", FORMATS)
def test_two_exports_are_the_same_bytes(dataset, format):
    first = written(dataset, format)
    assert first == written(dataset, format)
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None
    entries = zipfile.ZipFile(io.BytesIO(first)).infolist()
    assert {(each.date_time, each.compress_type) for each in entries} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
    }


def test_drawings_are_told_from_photographs(library, dataset):
    Photo.objects.filter(pk=Photo.objects.order_by("pk").first().pk).update(drawn=True)
    again = freeze(dataset.created_by)
    assert again.content_hash != dataset.content_hash and again.summary["drawn"] == 1
    photos = rows(opened([written(again, "csv")]), "photos.csv")
    images = json.loads(opened([written(again, "coco")]).read("annotations.json"))["images"]
    assert sorted(row["drawn"] for row in photos) == sorted(json.dumps(each["drawn"]) for each in images)
    assert [row["drawn"] for row in photos].count("true") == 1


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_private_is_in_any_byte_of_it(dataset, library, format):
    """Stored, not deflated, so the whole archive can be searched as it is."""
    sighting = library[0].observation
    assert sighting.latitude == pytest.approx(EXACT[0]) and sighting.public_latitude is not None
    data = written(dataset, format)
    for word in (
        b"47.268",
        b"11.393",
        b"Exif\0\0",
        b"http://ns.adobe.com/xap/1.0/\0",
        b"example.org",
        b"GPS",
    ):
        assert word not in data, word
    zipped = zipfile.ZipFile(io.BytesIO(data))
    images = [name for name in zipped.namelist() if name.endswith(".jpg")]
    # Nothing is boxed here.
    assert len(images) == (0 if format in ("yolo", "voc") else 7)
    for name in images:
        with Image.open(io.BytesIO(zipped.read(name))) as image:
            assert not image.getexif() and image.info.keys() <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progressive",
                "progression",
            }


@pytest.mark.parametrize("format", FORMATS)
def test_every_archive_explains_itself(from_golden, format):
    zipped = opened(exports.FORMATS[format].write(store.read(from_golden)))
    readme = zipped.read("README.txt").decode()
    assert from_golden.content_hash in readme
    assert "CC-BY-4.0" in readme and "CC0-1.0" in readme and "Rosa" in readme
    assert store.content_hash(json.loads(zipped.read("manifest.json"))) == from_golden.content_hash
    dropped = rows(zipped, "left_out.csv")
    assert len(dropped) == sum(from_golden.summary["dropped_by"].values())
    assert {each["reason"] for each in dropped} == {"near_duplicate", "individual", "trip_day"}
    for name in set(zipped.namelist()) - {"README.txt"}:
        assert name.split("/")[0] in readme


def test_the_readme_s_command_prints_the_hash(dataset, tmp_path):
    zipped = opened(exports.FORMATS["csv"].write(store.read(dataset)))
    zipped.extract("manifest.json", tmp_path)
    start = (lines := zipped.read("README.txt").decode()).index("python3 -c")
    command = lines[start : lines.index("\n\nFiles")]
    printed = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == dataset.content_hash


def test_csv_has_a_row_per_photo_and_organism(from_golden):
    content = store.read(from_golden)
    zipped = opened(exports.FORMATS["csv"].write(content))
    photos, organisms = rows(zipped, "photos.csv"), rows(zipped, "occurrences.csv")
    assert [row["photo_id"] for row in photos] == [photo["id"] for photo in content["photos"]]
    assert [row["occurrence_id"] for row in organisms] == [each["id"] for each in content["occurrences"]]
    for row in photos:
        assert hashlib.sha256(zipped.read(row["file"])).hexdigest() == row["sha256"]
        assert row["side"] in ("train", "validation", "test") and row["train_consent"] in ("true", "false")
    assert {row["label"] for row in photos} == {"brown_trout", "cutbow", "rainbow_trout"}
    assert "Ana Öztürk, 安娜" in {row["credit"] for row in photos}
    measured = [row["total_length_mm"] for row in organisms if row["total_length_mm"]]
    assert measured and set(measured) <= {"311.5", "300.0"}


def test_a_time_has_a_zone_only_where_somebody_gave_one(from_golden):
    content = store.read(from_golden)
    known = {each["id"]: each["utc_offset"] is not None for each in content["observations"]}
    assert len(set(known.values())) == 2
    assert {each["id"]: each["observed_at"].endswith("Z") for each in content["observations"]} == known
    for format in exports.FORMATS:
        zipped = opened(exports.FORMATS[format].write(content))
        for name in zipped.namelist():
            if name.endswith((".csv", ".json", ".txt")):
                text = zipped.read(name).decode()
                for each in content["observations"]:
                    assert known[each["id"]] or f"{each['observed_at']}Z" not in text, name
    for row in rows(opened(exports.FORMATS["csv"].write(content)), "photos.csv"):
        assert row["observed_at"].endswith("Z") == (row["utc_offset"] != "")


def test_a_dataset_of_the_time_when_every_time_said_z_is_exported_without_the_false_ones(from_golden):
    content = store.read(from_golden)
    for each in content["observations"]:
        each["observed_at"] = each["observed_at"].removesuffix("Z") + "Z"
    for row in csv_zip.photo_rows(content):
        said = dict(zip(csv_zip.PHOTOS, row, strict=True))
        assert said["observed_at"].endswith("Z") == (said["utc_offset"] is not None)


def test_a_spreadsheet_runs_nothing(library, rosa):
    Photo.objects.update(credit='=HYPERLINK("http://evil.example","me")')
    zipped = opened(exports.FORMATS["csv"].write(store.read(freeze(rosa))))
    assert {row["credit"][:2] for row in rows(zipped, "photos.csv")} == {"'="}


PAYLOADS = ["=cmd|' /C calc'!A0", "+1", "-1+cmd|", "@SUM(A1)", "＝1+1", "\t=1", "\r\n=1", "  =1", "'=1"]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("before", ["", "Ann;", "Ann; ", 'Ann;"', "Ann\t", "Ann\n", "Ann;;"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_begins_a_formula_however_a_spreadsheet_parts_the_line(before, payload, separator):
    """Where another separator is usual the quotes of ours hold nothing together."""
    [line] = list(archive.table(["who"], [["x", before + payload]]))[1:]
    text = line.decode()
    cells = next(csv.reader(io.StringIO(text))) if separator == "," else re.split(rf"[\r\n{separator}]", text)
    for cell in cells:
        assert not cell.lstrip(' \t\r\n"').startswith(tuple("=+-@＝＋－＠")), cell


@pytest.mark.parametrize("text", ["Ann-Marie", "a = b", "x;y", "12-05", "1e-5", "né", "", "a@b.c; d"])
def test_what_begins_no_formula_stays_as_it_is(text):
    [line] = list(archive.table(["who"], [[text]]))[1:]
    assert next(csv.reader(io.StringIO(line.decode())))[0] == text if text else line


def test_pycocotools_loads_it(from_golden, tmp_path):
    content = store.read(from_golden)
    zipped = opened(exports.FORMATS["coco"].write(content))
    zipped.extractall(tmp_path)
    coco = COCO(str(tmp_path / "annotations.json"))
    assert coco.dataset["info"]["dataset_hash"] == from_golden.content_hash
    assert len(coco.getImgIds()) == len(content["photos"])
    names = {each["name"]: each for each in coco.loadCats(coco.getCatIds())}
    assert sorted(names) == ["brown_trout", "cutbow", "rainbow_trout"]
    assert names["brown_trout"]["supercategory"] == "salmo"
    assert names["cutbow"]["supercategory"] == "oncorhynchus"
    licences = {each["id"]: each["name"] for each in coco.dataset["licenses"]}
    for image in coco.loadImgs(coco.getImgIds()):
        with Image.open(tmp_path / image["file_name"]) as file:
            assert file.size == (image["width"], image["height"])
        assert licences[image["license"]] in ("CC0-1.0", "CC-BY-4.0")
        assert len(coco.getAnnIds(imgIds=image["id"])) == 1
    sides = [COCO(str(tmp_path / f"annotations_{side}.json")) for side in ("train", "validation", "test")]
    assert sorted(id for side in sides for id in side.getImgIds()) == sorted(coco.getImgIds())
    assert sorted(id for side in sides for id in side.getAnnIds()) == sorted(coco.getAnnIds())


def test_a_box_is_the_agreed_one_or_says_that_it_is_the_image(from_golden):
    content = store.read(from_golden)
    everything = exports.coco.annotations(content)
    boxes = {
        (region["photo"], each["id"]): region for each in content["occurrences"] for region in each["regions"]
    }
    photo_of = {image["id"]: image for image in everything["images"]}
    found = {"region": 0, "image": 0}
    for each in everything["annotations"]:
        image = photo_of[each["image_id"]]
        found[each["bbox_source"]] += 1
        region = boxes.get((image["photo_id"], each["occurrence_id"]))
        if region is None:
            assert each["bbox"] == [0, 0, image["width"], image["height"]]
        else:
            assert each["bbox"] == [
                round(region["x"] * image["width"], 2), round(region["y"] * image["height"], 2),
                round(region["width"] * image["width"], 2), round(region["height"] * image["height"], 2),
            ]  # fmt: skip
    assert found["region"] == len(boxes) > 0 and found["image"] > 0


def test_a_photo_that_is_not_the_frozen_one_breaks_the_export(dataset, library):
    photo = library[1].photos.first()
    for damage in (b"another picture", None):
        default_storage.delete(photo.rendition_name(1008))
        if damage:
            default_storage.save(photo.rendition_name(1008), ContentFile(damage))
        with pytest.raises(archive.Damaged, match=str(photo.pk)):
            written(dataset, "csv")


def test_it_needs_no_more_memory_for_more_photos():
    """An archive of 64 MB passes through in pieces of one."""
    piece = b"x" * 1_000_000
    tracemalloc.start()
    picture = archive.Part(len(piece), zlib.crc32(piece), lambda: bytes(piece))
    whole = archive.Archive((f"images/{n}.jpg", picture) for n in range(64))
    sent = sum(len(part) for part in whole.read())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent > 64_000_000
    assert peak < 8_000_000


def test_file_names_are_plain(dataset):
    content = store.read(dataset)
    start = dataset.content_hash[:8]
    assert exports.file_name(content, exports.FORMATS["csv"]) == f"trout-of-the-enns-v1-{start}-csv.zip"
    content["dataset"]["title"] = '魚/../"\r\n'
    assert exports.file_name(content, exports.FORMATS["csv"]) == f"dataset-v1-{start}-csv.zip"


def test_the_command_writes_the_same_archive(dataset, tmp_path, capsys):
    folder = tmp_path / "out"
    folder.mkdir()
    call_command("export_dataset", "1", "coco", str(folder))
    call_command("export_dataset", dataset.content_hash[:10], "coco", str(folder / "again.zip"))
    made = sorted(folder.iterdir())
    assert len(made) == 2
    assert made[0].read_bytes() == made[1].read_bytes() == written(dataset, "coco")
    assert dataset.content_hash in capsys.readouterr().out


def test_the_command_says_what_is_wrong_and_leaves_no_half_file(dataset, library, ada, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(CommandError, match="0 datasets are called 7"):
        call_command("export_dataset", "7", "csv", str(folder))
    default_storage.delete(library[1].photos.first().rendition_name(1008))
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export_dataset", "1", "csv", str(folder))
    datasets.retire(dataset=dataset, by=ada, reason="Two kinds were mixed up.")
    with pytest.raises(CommandError, match="taken back: Two kinds were mixed up"):
        call_command("export_dataset", "1", "csv", str(folder))
    assert list(folder.iterdir()) == []
