import csv
import io
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image, ImageOps

import drawings
from drawings import metadata
from drawings.collection import picture
from drawings.sightings import sightings
from labeling.imports import readers
from ops.management.commands.bootstrap import licence_beside
from species.images import exif
from species.images.perceptual import phash

SMALL = (320, 240)
PHOTOS = 24
# As research freezes datasets: nearer than this is one picture twice.
NEAR = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "trout"
    assert drawings.draw(folder, photos=PHOTOS, seed=5, size=SMALL) == PHOTOS
    return folder


def contents(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder, tmp_path):
    command = [
        sys.executable,
        "-m",
        "drawings",
        "trout",
        str(tmp_path / "again"),
        "--photos",
        str(PHOTOS),
        "--seed",
        "5",
    ]
    command += ["--size", "320x240", "--workers", "2"]
    subprocess.run(
        command, cwd=settings.ROOT, check=True, capture_output=True, env={"PATH": os.environ["PATH"]}
    )
    assert contents(tmp_path / "again") == contents(folder)


def test_a_picture_does_not_depend_on_how_many_are_drawn(folder, tmp_path):
    drawings.draw(tmp_path, photos=7, seed=5, size=SMALL)
    few, many = contents(tmp_path), contents(folder)
    pictures = [name for name in few if name.endswith(".jpg")]
    assert len(pictures) == 7
    assert all(few[name] == many[name] for name in pictures)


def test_another_seed_has_other_fish(folder, tmp_path):
    drawings.draw(tmp_path, photos=7, seed=6, size=SMALL)
    assert not set(contents(tmp_path).values()) & {
        data for name, data in contents(folder).items() if name.endswith((".jpg", ".csv"))
    }


def test_what_was_stopped_is_completed(folder, tmp_path):
    class Stop(Exception):
        pass

    def stop(done, photos):
        if done == 5:
            raise Stop

    with pytest.raises(Stop):
        drawings.draw(tmp_path, photos=PHOTOS, seed=5, size=SMALL, on_progress=stop)
    assert not (tmp_path / "observations.csv").exists()
    said = []
    drawings.draw(tmp_path, photos=PHOTOS, seed=5, size=SMALL, on_progress=lambda *step: said.append(step))
    assert said == [(done, PHOTOS) for done in range(6, PHOTOS + 1)]
    assert contents(tmp_path) == contents(folder)


def test_what_was_killed_is_completed(folder, tmp_path):
    """By whom, at what moment, and with how many processes does not matter."""
    command = [
        sys.executable,
        "-m",
        "drawings",
        "trout",
        str(tmp_path),
        "--photos",
        str(PHOTOS),
        "--seed",
        "5",
    ]
    command += ["--size", "320x240", "--workers", "1"]
    child = subprocess.Popen(command, cwd=settings.ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while len(list(tmp_path.rglob("*.jpg"))) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        child.kill()
        child.wait()
    before = contents(tmp_path)
    assert 3 <= len(before) < PHOTOS and "observations.csv" not in before
    drawings.draw(tmp_path, photos=PHOTOS, seed=5, size=SMALL)
    after = {name: data for name, data in contents(tmp_path).items() if not Path(name).name.startswith(".")}
    assert after == contents(folder)


def test_the_table_can_be_imported(folder):
    collection = readers.read(folder)
    assert collection.problems == []
    assert sum(len(each.photos) for each in collection.sightings) == PHOTOS
    assert 6 < len(collection.sightings) < 20
    assert all(each.length_mm for each in collection.sightings)


def test_identifications_are_of_sightings_in_the_table_by_other_people(folder):
    observers = {row["observation_id"]: row["recorded_by"] for row in rows(folder / "observations.csv")}
    identifications = rows(folder / "opinions.csv")
    assert list(identifications[0]) == ["observation_id", "identified_by", "label"]
    assert {row["observation_id"] for row in identifications} <= observers.keys()
    assert all(row["identified_by"] != observers[row["observation_id"]] for row in identifications)


def test_the_truth_is_told_of_every_picture(folder):
    truth = {row["file"]: row["label"] for row in rows(folder / "truth.csv")}
    assert {*truth} == {row["file"] for row in rows(folder / "observations.csv")}
    assert set(truth.values()) == set(drawings.SUBJECTS["trout"])


def test_the_licence_is_known_to_whoever_imports_it(folder):
    assert licence_beside(folder) == ("CC0-1.0", "")


def test_every_picture_says_when_and_where_and_that_it_is_drawn(folder):
    for path in folder.rglob("*.jpg"):
        image = Image.open(path)
        found = exif.read(image.info["exif"])
        assert 2021 <= found.observed_at.year <= 2025
        assert found.utc_offset in (-420, -360)
        assert 44 < found.latitude < 49.01 and -116.1 < found.longitude < -104
        assert 3 <= found.accuracy_m <= 25
        assert image.getexif()[0x010E] == "Drawing, not a photograph"
        assert image.getexif()[0x0131] == "Aqua Vision drawings"
        assert metadata.SOURCE_TYPE.encode() in image.info["xmp"]


def test_pictures_of_one_sighting_are_taken_within_minutes_and_metres(folder):
    taken = {}
    for row in rows(folder / "observations.csv"):
        found = exif.read(Image.open(folder / row["file"]).info["exif"])
        taken.setdefault(row["observation_id"], []).append(found)
    several = [each for each in taken.values() if len(each) > 1]
    assert several
    for each in several:
        times = [one.observed_at for one in each]
        assert times == sorted(set(times)) and (times[-1] - times[0]).total_seconds() < 300
        assert max(one.latitude for one in each) - min(one.latitude for one in each) < 0.001


def test_a_dish_has_a_time_and_no_place():
    (dish,) = drawings.fresh("dishes", photos=1, size=SMALL)
    found = exif.read(Image.open(io.BytesIO(dish.data)).info["exif"])
    assert found.observed_at and found.utc_offset and found.latitude is None


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_drawing_is_put_right_by_its_orientation(orientation):
    sighting = next(sightings("trout", 3))
    plain, turned = (picture(sighting, 0, SMALL, each) for each in (1, orientation))
    stored = Image.open(io.BytesIO(turned))
    assert exif.read(stored.info["exif"]).orientation == orientation
    wanted = np.asarray(Image.open(io.BytesIO(plain)), float)
    right = np.asarray(ImageOps.exif_transpose(stored), float)
    assert right.shape == wanted.shape
    # JPEG loses a little, and not the same when lying on its side.
    assert np.abs(right - wanted).mean() < 5


def test_about_as_many_are_turned_as_asked_for():
    drawn = list(drawings.fresh(photos=20, seed=3, size=SMALL, rotated=0.5))
    assert 4 < sum(each.orientation != 1 for each in drawn) < 16
    for each in drawn:
        stored = exif.read(Image.open(io.BytesIO(each.data)).info["exif"]).orientation
        assert stored == each.orientation
    assert len({each.orientation for each in drawn}) > 3


def test_fresh_drawings_are_of_as_many_fish_and_of_every_label():
    drawn = list(drawings.fresh(photos=14, seed=3, size=SMALL))
    assert len({each.name for each in drawn}) == 14
    assert Counter(each.label for each in drawn) == dict.fromkeys(drawings.SUBJECTS["trout"], 2)


def test_twelve_megapixels_can_be_had():
    (large,) = drawings.fresh(photos=1, size=(4000, 3000))
    assert sorted(Image.open(io.BytesIO(large.data)).size) == [3000, 4000]


def test_few_drawings_look_the_same(tmp_path):
    """Of 150; benchmarks/drawings.py counts them in 1,000."""
    drawings.draw(tmp_path, photos=150, seed=1, size=SMALL)
    hashes = np.array([int(phash(Image.open(path)), 16) for path in tmp_path.rglob("*.jpg")], np.uint64)
    near = np.bitwise_count(hashes[:, None] ^ hashes[None, :]) <= NEAR
    assert near.diagonal().all()
    assert (near.sum(1) > 1).mean() < 0.05
