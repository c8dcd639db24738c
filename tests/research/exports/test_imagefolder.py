"""Hugging Face imagefolder: the real reader finds sides, labels and boxes, and refuses or misses what is broken."""

import json
from collections.abc import Callable, Iterator

import datasets
import pytest

from tests.research.exports.conftest import Files

SIDES = ("train", "validation", "test")


@pytest.fixture
def files(boxed, written):
    return written(boxed, "imagefolder")


def faults(files: Files) -> Iterator[str]:
    lists = [name for name in files if name.endswith("metadata.jsonl")]
    pictures = {name for name in files if name.endswith(".jpg")}
    named, columns = set(), set()
    for name in lists:
        folder = name.split("/")[0]
        if folder not in SIDES:
            yield f"{folder} is no side"
        for line in files[name].decode().splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                yield "a line is no JSON"
                continue
            columns.add(tuple(sorted(row)))
            picture = f"{folder}/{row.get('file_name', '')}"
            if picture in named:
                yield "a picture twice"
            named.add(picture)
            if row.get("label", "") not in ["", *row.get("labels", [])]:
                yield "a label that is none"
            if row.get("licence", "") in ("", "NONE"):
                yield "no licence"
            yield from wrong_boxes(row)
    if named != pictures:
        yield "pictures and lines are not the same"
    if len(columns) != 1:
        yield "lines have other columns"


def wrong_boxes(row: dict) -> Iterator[str]:
    boxes, kinds = row["objects"]["bbox"], row["objects"]["category"]
    if len(boxes) != len(kinds):
        yield "a box without a class"
    for x, y, width, height in boxes:
        if not (x >= 0 and y >= 0 and x + width <= row["width"] and y + height <= row["height"]):
            yield "a box that is not on it"


def with_row(change: Callable[[dict], object]) -> Callable[[Files], Files]:
    """Of the first row that has a box."""

    def edit(files: Files) -> Files:
        for name in sorted(each for each in files if each.endswith(".jsonl")):
            rows = [json.loads(line) for line in files[name].decode().splitlines()]
            boxed = [row for row in rows if row["objects"]["bbox"]]
            if boxed:
                change(boxed[0])
                return files | {name: "".join(json.dumps(row) + "\n" for row in rows).encode()}
        raise AssertionError("no row has a box")

    return edit


def twice(files: Files) -> Files:
    name = min(each for each in files if each.endswith(".jsonl"))
    return files | {name: files[name] * 2}


def without(files: Files, ending: str) -> Files:
    gone = min(name for name in files if name.endswith(ending))
    return {name: each for name, each in files.items() if name != gone}


BREAKS: dict[str, Callable[[Files], Files]] = {
    "a picture is missing": lambda files: without(files, ".jpg"),
    "the lines are missing": lambda files: without(files, ".jsonl"),
    "a picture twice": twice,
    "no file name": with_row(lambda row: row.pop("file_name")),
    "another file name": with_row(lambda row: row.update(file_name="1.jpg")),
    "a column is missing": with_row(lambda row: row.pop("credit")),
    "a label that is none": with_row(lambda row: row.update(label="unicorn")),
    "a box without a class": with_row(lambda row: row["objects"].update(category=[])),
    "a box that is not on it": with_row(lambda row: row["objects"].update(bbox=[[0, 0, 9999, 1]])),
    "no licence": with_row(lambda row: row.update(licence="")),
    "half a line": lambda files: {
        name: each[:-10] if name.endswith(".jsonl") else each for name, each in files.items()
    },
    "another side": lambda files: {name.replace("train/", "training/"): each for name, each in files.items()},
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, files):
    assert list(faults(files)) == []
    assert list(faults(BREAKS[name](files))) != []


def test_the_real_reader_finds_sides_labels_and_boxes(files, boxed, tmp_path):
    for name, each in files.items():
        path = tmp_path / "dataset" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each)
    found = datasets.load_dataset(
        "imagefolder", data_dir=str(tmp_path / "dataset"), cache_dir=str(tmp_path / "cache")
    )
    photos = {each["id"]: each for each in boxed["photos"]}
    organisms = {each["id"]: each for each in boxed["occurrences"]}
    read = [(side, row) for side, rows in found.items() for row in rows]
    assert sorted(row["photo_id"] for _, row in read) == sorted(photos)
    for side, row in read:
        photo = photos[row["photo_id"]]
        assert side == photo["side"] and row["image"].size == (
            photo["rendition"]["width"],
            photo["rendition"]["height"],
        )
        [organism] = [organisms[each] for each in photo["occurrences"]]
        assert row["label"] == organism["label"] and row["train"] == photo["train"]
        boxed = any(region["photo"] == photo["id"] for region in organism["regions"])
        assert row["objects"]["boxed"] == [boxed]
        width, height = row["image"].size
        x, y, across, down = (0.25, 0.2, 0.5, 0.5) if boxed else (0, 0, 1, 1)
        assert row["objects"]["bbox"] == [
            pytest.approx([x * width, y * height, across * width, down * height], abs=0.01)
        ]
        assert row["said"] == [{"label": organism["label"], "people": 2}]
