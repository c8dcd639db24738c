"""What is exported, imported into an empty library and exported again says the same of the same photos."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from accounts.models import Role
from labeling.actions import all_boxed, boxes
from labeling.imports.run import import_collection
from labeling.models import Box
from research.exports import FORMATS
from research.exports.told import event_date
from research.manifest import store
from species.actions import observations, photos
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


def told(manifest: dict) -> list[tuple]:
    """Of each photo what an archive of records keeps of it, whatever ids and observers it has here."""
    organisms = {each["id"]: each for each in manifest["occurrences"]}
    sightings = {each["id"]: each for each in manifest["observations"]}
    return sorted(
        (
            organism["scientific_name"],
            event_date(sighting),
            str(sighting["place"]),
            sighting["place_shown"],
            str([(each["kind"], each["value"], each["unit"]) for each in organism["measurements"]]),
            photo["licence"],
            photo["credit"],
        )
        for photo in manifest["photos"]
        for organism in [organisms[photo["occurrences"][0]]]
        for sighting in [sightings[organism["observation"]]]
    )


def test_records_come_back_with_time_place_length_licence_and_credit(library, alice, bob, rosa, tmp_path):
    observations.describe(
        observation=library[1].observation, by=alice, latitude=47.2681, longitude=11.3933, uncertainty_m=30.0,
        place_source="map_pin", privacy="open", observed_at=datetime(2020, 5, 2, 9, 30, tzinfo=UTC), utc_offset=0,
    )  # fmt: skip
    before = store.read(freeze(rosa))
    shown = {each["place_shown"] for each in before["observations"]}
    assert {"exact", "generalized"} <= shown
    [licence] = {photo["licence"] for photo in before["photos"]}
    zipfile.ZipFile(io.BytesIO(b"".join(FORMATS["dwca"].write(before)))).extractall(tmp_path / "set")
    for photo in Photo.objects.all():
        photos.say(photo=photo, purpose="research", granted=False, by=alice)

    report = import_collection(
        path=tmp_path / "set", source="back", by=person("Rita", Role.REVIEWER), licence=licence, credit="Nobody",
        consents=["show", "research"], trust=True, reason="It is ours.",
    )  # fmt: skip
    assert report.problems == [] and report.new == len(before["photos"])
    after = store.read(freeze(rosa))
    assert told(after) == told(before)
    assert {each["observer"] for each in after["observations"]} == {"back"}
