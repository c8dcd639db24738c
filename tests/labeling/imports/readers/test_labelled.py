"""Sets of photos with boxes: imagefolder, COCO and YOLO say the same of the same photos."""

import json
from pathlib import Path

import pytest

from labeling.imports import readers
from labeling.imports.collection import Unreadable
from tests.universe import photo_bytes as jpeg

FORMS = ("imagefolder", "coco", "yolo")
BOX = (0.25, 0.2, 0.5, 0.4)
PIXELS = [16.0, 9.6, 32.0, 19.2]  # of BOX, in a photo of 64 × 48


def write(folder: Path, form: str, said: dict[str, list[tuple[str, tuple | None]]]) -> Path:
    """A set of photos of 64 × 48 pixels; photo to the label and the box of each organism on it."""
    place = {"imagefolder": "train", "coco": "images", "yolo": "images/train"}[form]
    labels = sorted({label for organisms in said.values() for label, _ in organisms})
    for number, name in enumerate(said):
        path = folder / place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(seed=number, size=(64, 48)))
    if form == "imagefolder":
        lines = [
            {
                "file_name": name,
                "label": organisms[0][0] if len({label for label, _ in organisms}) == 1 else "",
                "objects": {
                    "bbox": [pixels(box) if box else [0, 0, 64, 48] for _, box in organisms],
                    "boxed": [box is not None for _, box in organisms],
                },
                "width": 64,
                "height": 48,
            }
            for name, organisms in said.items()
        ]
        (folder / "train" / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    elif form == "coco":
        annotations = [
            {"image_id": name, "category_id": labels.index(label), "bbox": box and pixels(box)}
            for name, organisms in said.items()
            for label, box in organisms
        ]
        (folder / "instances_train.json").write_text(
            json.dumps(
                {
                    "images": [
                        {"id": name, "file_name": name, "width": 64, "height": 48, "license": 7}
                        for name in said
                    ],
                    "annotations": annotations,
                    "categories": [{"id": at, "name": label} for at, label in enumerate(labels)],
                    "licenses": [{"id": 7, "name": "MIT"}],
                }
            )
        )
    else:
        (folder / "data.yaml").write_text(f"train: images/train\nnames: {json.dumps(labels)}\n")
        for name, organisms in said.items():
            path = (folder / "labels/train" / name).with_suffix(".txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                "".join(
                    f"{labels.index(label)} {x + w / 2} {y + h / 2} {w} {h}\n"
                    for label, (x, y, w, h) in organisms
                )
            )
    return folder


def pixels(box: tuple) -> list[float]:
    x, y, width, height = box
    return [x * 64, y * 48, width * 64, height * 48]


@pytest.mark.parametrize("form", FORMS)
def test_a_photo_with_its_label_and_its_box(form, tmp_path):
    said = {"a.jpg": [("brown_trout", BOX)], "b.jpg": [("perch", (0, 0, 1, 1))]}
    found = readers.read(write(tmp_path, form, said))
    assert found.problems == [] and found.rows == 2
    assert [each.name for each in found.sightings] == ["brown_trout", "perch"]
    [first] = found.sightings[0].photos
    assert first.box == pytest.approx(BOX) and first.path.is_file()
    assert found.sightings[1].photos[0].box == pytest.approx((0, 0, 1, 1))
    assert first.licence == ("MIT" if form == "coco" else "")


@pytest.mark.parametrize("form", FORMS)
def test_several_organisms_are_reported_and_the_rest_is_read(form, tmp_path):
    said = {"a.jpg": [("brown_trout", BOX), ("perch", BOX)], "b.jpg": [("perch", BOX)]}
    found = readers.read(write(tmp_path, form, said))
    assert [each.name for each in found.sightings] == ["perch"]
    [problem] = found.problems
    assert problem.what == "Shows 2 organisms, and an import takes in photos of one."


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("box", [(0.9, 0.2, 0.5, 0.4), (0.2, 0.2, 0.0, 0.4), (-0.5, 0.1, 0.2, 0.2)])
def test_a_box_outside_of_the_photo_is_reported(form, box, tmp_path):
    found = readers.read(write(tmp_path, form, {"a.jpg": [("perch", box)], "b.jpg": [("perch", BOX)]}))
    assert len(found.sightings) == 1
    assert [problem.what for problem in found.problems] == ["Its box does not lie within the photo."]


@pytest.mark.parametrize("form", FORMS)
def test_the_edge_that_rounding_moved_is_the_photo_s(form, tmp_path):
    found = readers.read(write(tmp_path, form, {"a.jpg": [("perch", (0.0, 0.5, 1.004, 0.504))]}))
    assert found.problems == []
    assert found.sightings[0].photos[0].box == pytest.approx((0, 0.5, 1, 0.5))


@pytest.mark.parametrize("form", ["imagefolder", "coco"])
def test_nobody_drew_a_box(form, tmp_path):
    found = readers.read(write(tmp_path, form, {"a.jpg": [("perch", None)]}))
    assert found.problems == []
    assert found.sightings[0].name == "perch" and found.sightings[0].photos[0].box is None


@pytest.mark.parametrize("form", FORMS)
def test_a_photo_that_is_not_there_or_lies_elsewhere(form, tmp_path):
    folder = write(tmp_path / "set", form, {"a.jpg": [("perch", BOX)], "b.jpg": [("perch", BOX)]})
    (tmp_path / "out.jpg").write_bytes(jpeg(seed=9, size=(64, 48)))
    [a] = folder.rglob("a.jpg")
    a.unlink()
    if form != "yolo":
        [about] = [*folder.rglob("metadata.jsonl"), *folder.glob("*.json")]
        about.write_text(about.read_text().replace('"a.jpg"', '"../../out.jpg"'))
    else:
        a.symlink_to(tmp_path / "out.jpg")
    found = readers.read(folder)
    assert [photo.path.name for each in found.sightings for photo in each.photos] == ["b.jpg"]


BAD_FILES = {
    "metadata.jsonl": [
        ("[]", "Names no file_name."),
        ("{", "Is no line of JSON."),
        ('{"file_name": 3}', "Names no file_name."),
        ('{"file_name": "a.jpg"}', "Shows nothing that has a name."),
        ('{"file_name": "a.jpg", "label": 3}', "Says its label or its boxes otherwise than an imagefolder does."),
        (
            '{"file_name": "a.jpg", "label": "perch", "objects": {"bbox": [[1, 2, 3, 4]]}}',
            "Has a box in pixels, and does not say how many the photo has.",
        ),
        (
            '{"file_name": "a.jpg", "label": "perch", "objects": {"bbox": [[1, 2, "x"]]}, "width": 1, "height": 1}',
            "Its box is not four numbers in a photo of so many pixels.",
        ),
        (
            '{"file_name": "a.jpg", "label": "perch", "objects": {"bbox": [[1, 2, 3, NaN]]}, "width": 9, "height": 9}',
            "Its box does not lie within the photo.",
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("line", "what"), BAD_FILES["metadata.jsonl"])
def test_a_bad_line_is_reported(line, what, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg(seed=1, size=(64, 48)))
    (tmp_path / "metadata.jsonl").write_text(line + '\n{"file_name": "a.jpg", "label": "perch"}\n')
    found = readers.read(tmp_path)
    assert [problem.what for problem in found.problems] == [what]
    assert [each.name for each in found.sightings] == ["perch"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("annotations.json", "{"),
        ("annotations.json", "[]"),
        ("annotations.json", '{"images": [], "annotations": {}, "categories": []}'),
        ("annotations.json", '{"images": [3], "annotations": [], "categories": []}'),
        ("annotations.json", "[" * 100_000),
        ("data.yaml", "train: images"),
        ("data.yaml", "names: {a: b}"),
        ("data.yaml", "{"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(Unreadable):
        readers.read(tmp_path)


def test_a_class_that_nobody_names(tmp_path):
    write(tmp_path, "yolo", {"a.jpg": [("perch", BOX)], "b.jpg": [("perch", BOX)]})
    (tmp_path / "labels/train/a.txt").write_text("4 0.5 0.5 0.2 0.2\n")
    (tmp_path / "labels/train/b.txt").write_text("perch 0.5 0.5 0.2 0.2\n")
    assert [problem.what for problem in readers.read(tmp_path).problems] == [
        "Has a class 4, which data.yaml does not name.",
        "Its labels are not a class and the four numbers of a box.",
    ]


def test_photos_of_one_sighting_are_one(tmp_path):
    for number, name in enumerate("ab"):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(seed=number, size=(64, 48)))
    lines = [{"file_name": f"{name}.jpg", "label": "perch", "observation_id": "7"} for name in "ab"]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    [sighting] = readers.read(tmp_path).sightings
    assert [photo.key for photo in sighting.photos] == ["a.jpg", "b.jpg"]
