"""YOLO and Pascal VOC: boxes of photos on which everything is boxed, and nothing a detector would learn wrongly."""

import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
import yaml
from PIL import Image
from torchvision.datasets import VOCDetection

from research.exports.regions import complete
from research.exports.voc import FOLDER
from tests.research.exports.conftest import Files, changed


def sound(number: int, x: float, y: float, width: float, height: float, classes: int) -> bool:
    inside = all(0 <= each <= 1 for each in (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    return 0 <= number < classes and inside and width > 0 and height > 0


def yolo_faults(files: Files) -> Iterator[str]:
    data = yaml.safe_load(files["data.yaml"])
    names = data.get("names") or {}
    if sorted(names) != list(range(len(names))):
        yield "classes are not numbered from 0"
    if len(set(names.values())) != len(names):
        yield "two classes of one name"
    pictures = {name for name in files if name.startswith("images/")}
    labels = {name for name in files if name.startswith("labels/")}
    for side in ("train", "val", "test"):
        if not str(data.get(side, "")).startswith("images/"):
            yield f"no {side}"
    if {name.replace("labels/", "images/").replace(".txt", ".jpg") for name in labels} != pictures:
        yield "pictures and labels are not the same"
    for name in labels:
        for line in files[name].decode().splitlines():
            parts = line.split(" ")
            if len(parts) != 5:
                yield f"{name}: {len(parts)} values"
            elif not parts[0].isdigit() or not all(re.fullmatch(r"\d\.\d+", each) for each in parts[1:]):
                yield f"{name}: no numbers"
            elif not sound(int(parts[0]), *map(float, parts[1:]), len(names)):
                yield f"{name}: a box that is not on it"


def voc_faults(files: Files) -> Iterator[str]:
    files = {name.removeprefix(f"{FOLDER}/"): each for name, each in files.items()}
    lists = {name: files[name].decode().split() for name in files if name.startswith("ImageSets/")}
    if sorted(name.rsplit("/", 1)[1] for name in lists) != ["test.txt", "train.txt", "val.txt"]:
        yield "a list is missing"
    listed = [id for ids in lists.values() for id in ids]
    if len(set(listed)) != len(listed):
        yield "a photo on two sides"
    for id in listed:
        if f"JPEGImages/{id}.jpg" not in files or f"Annotations/{id}.xml" not in files:
            yield f"{id} is not there"
            continue
        try:
            root = ElementTree.fromstring(files[f"Annotations/{id}.xml"])
        except ElementTree.ParseError:
            yield f"{id}: no XML"
            continue
        width, height = (int(root.findtext(f"size/{side}", "0")) for side in ("width", "height"))
        if root.findtext("filename") != f"{id}.jpg" or root.findtext("size/depth") != "3":
            yield f"{id} says it is another"
        if not root.findall("object"):
            yield f"{id}: nothing on it"
        for each in root.findall("object"):
            left, top, right, bottom = (
                int(each.findtext(f"bndbox/{side}", "0")) for side in ("xmin", "ymin", "xmax", "ymax")
            )
            if not each.findtext("name"):
                yield f"{id}: no name"
            if not (1 <= left < right <= width and 1 <= top < bottom <= height):
                yield f"{id}: a box that is not on it"


def first(files: Files, folder: str) -> str:
    return min(name for name in files if name.startswith(folder))


def edited(folder: str, pattern: str, new: str) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        name = first(files, folder)
        text, count = re.subn(pattern, new, files[name].decode(), count=1, flags=re.S)
        assert count, (name, pattern)
        return files | {name: text.encode()}

    return edit


def without(folder: str) -> Callable[[Files], Files]:
    return lambda files: {name: each for name, each in files.items() if name != first(files, folder)}


LISTS = tuple(f"{FOLDER}/ImageSets/Main/{name}.txt" for name in ("train", "val", "test"))
YOLO = {
    "a picture without labels": without("labels/"),
    "labels without a picture": without("images/"),
    "corners in place of the middle": edited(
        "labels/", r" \S+ \S+ (\S+) (\S+)\n", r" 0.200000 0.200000 \1 \2\n"
    ),
    "pixels": edited("labels/", r" \S+ ", " 320 "),
    "a class that is none": edited("labels/", r"^\d+", "99"),
    "a negative class": edited("labels/", r"^\d+", "-1"),
    "a name for a number": edited("labels/", r"^\d+", "chub"),
    "a value too few": edited("labels/", r" \S+\n", "\n"),
    "no height": edited("labels/", r" \S+\n", " 0.000000\n"),
    "commas": edited("labels/", " ", ","),
    "no validation": edited("data.yaml", "val: images/validation", "val:"),
    "numbered from 1": edited("data.yaml", "  0: ", "  9: "),
    "two of one name": edited("data.yaml", '"chub"', '"cutbow"'),
}
VOC = {
    "a photo is missing": without(f"{FOLDER}/JPEGImages/"),
    "an annotation is missing": without(f"{FOLDER}/Annotations/"),
    "a list is missing": without(f"{FOLDER}/ImageSets/Main/test"),
    "on two sides": lambda files: files
    | dict.fromkeys(LISTS, b"".join(files[name] for name in LISTS)),
    "counted from 0": edited(f"{FOLDER}/Annotations/", r"<xmin>\d+", "<xmin>0"),
    "beyond the edge": edited(f"{FOLDER}/Annotations/", r"<xmax>\d+", "<xmax>9999"),
    "corners exchanged": edited(
        f"{FOLDER}/Annotations/", r"<ymin>(\d+)</ymin>(.*?)<ymax>(\d+)", r"<ymin>\3</ymin>\2<ymax>\1"
    ),
    "no size": edited(f"{FOLDER}/Annotations/", r"<size>.*?</size>", ""),
    "nothing on it": edited(f"{FOLDER}/Annotations/", r"<object>.*</object>", ""),
    "no name": edited(f"{FOLDER}/Annotations/", r"<name>.*?</name>", "<name></name>"),
    "another's name": edited(f"{FOLDER}/Annotations/", r"<filename>.*?</filename>", "<filename>1.jpg</filename>"),
    "half a file": edited(f"{FOLDER}/Annotations/", r"</annotation>", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", YOLO)
def test_broken_yolo_is_refused(name, boxed, written):
    files = written(boxed, "yolo")
    assert list(yolo_faults(files)) == []
    assert list(yolo_faults(YOLO[name](files))) != []


@pytest.mark.parametrize("name", VOC)
def test_broken_voc_is_refused(name, boxed, written):
    files = written(boxed, "voc")
    assert list(voc_faults(files)) == []
    assert list(voc_faults(VOC[name](files))) != []


def test_only_photos_on_which_everything_is_boxed(boxed, written, library):
    """The first organism's two photos are boxed, and nobody says that this is all; of a third one is not in it."""
    wholly = {str(organism.photos.get().pk) for organism in library[1:3]}
    assert {photo["id"] for photo, _ in complete(boxed)} == wholly
    files = written(boxed, "yolo")
    assert {name.rsplit("/", 1)[1] for name in files if name.startswith("labels/")} == {
        f"{id}.txt" for id in wholly
    }
    # Somebody unnamed swims there as well.
    for photo in boxed["photos"]:
        photo["organisms"] = 2
    assert not list(complete(boxed))
    assert yaml.safe_load(written(boxed, "yolo")["data.yaml"])["names"]


def test_the_same_box_stands_in_both(boxed, written, tmp_path):
    files = written(boxed, "yolo") | written(boxed, "voc")
    for name, each in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each)
    names = yaml.safe_load(files["data.yaml"])["names"]
    read = [
        each
        for side in ("train", "val")
        if files[f"{FOLDER}/ImageSets/Main/{side}.txt"]
        for each in VOCDetection(str(tmp_path), year="2012", image_set=side)
    ]
    for image, found in read:
        assert isinstance(image, Image.Image)
        id = found["annotation"]["filename"].removesuffix(".jpg")
        [line] = next(files[name] for name in files if name.endswith(f"{id}.txt")).decode().splitlines()
        number, *sides = line.split()
        [thing] = found["annotation"]["object"]
        assert names[int(number)] == thing["name"]
        assert [float(each) for each in sides] == pytest.approx([0.5, 0.45, 0.5, 0.5], abs=1e-6)
        corners = [int(thing["bndbox"][each]) for each in ("xmin", "ymin", "xmax", "ymax")]
        width, height = image.size
        assert corners == [
            round(0.25 * width) + 1,
            round(0.2 * height) + 1,
            round(0.75 * width),
            round(0.7 * height),
        ]
    assert read or files[f"{FOLDER}/ImageSets/Main/test.txt"]


def test_a_label_is_no_markup(boxed, written):
    for each in boxed["occurrences"]:
        each["label"] = "<trout> & chips"
    for each in boxed["categories"]:
        each["label"] = 'a "chub": #1'
    assert "<trout>" not in "".join(
        each.decode() for name, each in written(boxed, "voc").items() if "/Annotations/" in name
    )
    assert set(yaml.safe_load(written(boxed, "yolo")["data.yaml"])["names"].values()) == {'a "chub": #1'}


def test_a_change_that_is_not_there_is_no_change(boxed, written):
    with pytest.raises(AssertionError):
        changed(written(boxed, "yolo"), "data.yaml", "zzz", "")
