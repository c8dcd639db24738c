"""One site for the folder: it imports a slice of real photos, trains on it and goes live before any test."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.site import Site

# Videos enough of three species that a first model can be trained in well under a minute.
SPECIES = ("brown trout", "rainbow trout", "chub")
VIDEOS = 6
FRAMES = 3
QUICK = {"epochs_frozen": 1, "epochs_unfrozen": 0, "size": [96, 192]}


def slice_of(fishcam: Path, target: Path) -> Path:
    """A small collection in the form of the big one: `observations.csv` and the photos it names."""
    target.mkdir()
    with (fishcam / "observations.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), reader.fieldnames
    kept: list[dict] = []
    for name in SPECIES:
        videos = sorted({row["observation_id"] for row in rows if row["vernacular_name"] == name})[:VIDEOS]
        for video in videos:
            kept += [row for row in rows if row["observation_id"] == video][:FRAMES]
    for row in kept:
        (target / row["file"]).parent.mkdir(exist_ok=True)
        shutil.copy(fishcam / row["file"], target / row["file"])
    shutil.copy(fishcam / "LICENSE", target / "LICENSE")
    with (target / "observations.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(kept)
    return target


@pytest.fixture(scope="session")
def fishcam(sample_data) -> Path:
    return sample_data / "fishcam"


@pytest.fixture(scope="session")
def collection(fishcam, tmp_path_factory) -> Path:
    return slice_of(fishcam, tmp_path_factory.mktemp("collection") / "brook-camera")


@pytest.fixture(scope="session")
def site(collection, tmp_path_factory):
    """`make run DATA=…` on an empty folder, waited for until its first model is live."""
    site = Site(
        tmp_path_factory.mktemp("site"),
        "--data",
        str(collection),
        TRAIN_OPTIONS=json.dumps(QUICK),
        URL_FETCH_ALLOW="",
    )
    try:
        site.start()
        site.wait_for_model()
        yield site
    finally:
        site.close()
