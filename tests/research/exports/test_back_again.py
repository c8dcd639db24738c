"""What is exported, imported into an empty library and exported again says the same of the same photos."""

import io
import zipfile

import pytest

from accounts.models import Role
from labeling.actions import all_boxed, boxes
from labeling.imports.run import import_collection
from labeling.models import Box
from research.exports import FORMATS
from research.manifest import store
from species.actions import photos
from species.models import Photo
from tests.conftest import person
from tests.research.building import freeze

SIDES = ("x", "y", "width", "height")


def said(manifest: dict) -> list[tuple]:
    """Of each photo its label and its box, whatever ids they have here."""
    organisms = {each["id"]: each for each in manifest["occurrences"]}
    return sorted(
        (
            organism["label"],
            *(
                round(region[side], 2)
                for region in organism["regions"]
                if region["photo"] == photo["id"]
                for side in SIDES
            ),
        )
        for photo in manifest["photos"]
        for organism in [organisms[photo["occurrences"][0]]]
    )


@pytest.mark.parametrize("format", ["imagefolder", "coco", "yolo"])
def test_labels_and_boxes_come_back(format, library, alice, bob, rosa, tmp_path):
    for number, organism in enumerate(library):
        sides = {"x": 0.125 + number / 64, "y": 0.25, "width": 0.5, "height": 0.25}
        for photo in organism.photos.all():
            for by in (alice, bob):
                boxes.draw(occurrence=organism, photo=photo, by=by, **sides)
            all_boxed.add(photo=photo, by=bob)
    before = store.read(freeze(rosa))
    [licence] = {photo["licence"] for photo in before["photos"]}
    data = b"".join(FORMATS[format].write(before))
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "set")
    # So that the next dataset has what comes back, and not what it came from.
    for photo in Photo.objects.all():
        photos.say(photo=photo, purpose="research", granted=False, by=alice)

    report = import_collection(
        path=tmp_path / "set", source="back", by=person("Rita", Role.REVIEWER), licence=licence,
        consents=["show", "research"], trust=True, reason="It is ours.",
    )  # fmt: skip
    assert report.problems == [] and report.new == len(before["photos"])
    for box in Box.objects.filter(person__is_source=True):
        # A box that one alone has drawn is not agreed.
        sides = {side: getattr(box, side) for side in SIDES}
        boxes.draw(occurrence=box.occurrence, photo=box.photo, by=alice, **sides)
        all_boxed.add(photo=box.photo, by=alice)
    after = store.read(freeze(rosa))
    assert {photo["id"] for photo in after["photos"]}.isdisjoint(photo["id"] for photo in before["photos"])
    assert said(after) == said(before)
