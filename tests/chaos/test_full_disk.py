"""A disk that fills up, for real: a small file system of its own under a site's folder."""

import hashlib
import os
import subprocess
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.chaos import ledger, rounds
from tests.chaos.doors import Doors, words
from tests.chaos.victims import Family
from tests.end_to_end.site import Site
from tests.universe import photo_bytes

pytestmark = pytest.mark.long

SIZE = "160m"
SENTENCE = "The disk of this site is full."
SHAPE = (1600, 1200)
LARGE = b"\0" * settings.FILE_UPLOAD_MAX_MEMORY_SIZE  # more passes through a file before anybody looks at it


@pytest.fixture
def small_disk(tmp_path) -> Path:
    """A file system of 160 MB at the place of VAR."""
    folder = tmp_path / "var"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        if os.environ.get("REQUIRE_MOUNT"):
            pytest.fail(f"A small disk is required here: {made.stderr}")
        pytest.skip(f"NO SMALL DISK CAN BE MOUNTED HERE ({made.stderr.strip()}); nothing was tested")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes all the room that is left."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * piece)
            except OSError:
                continue
    return filler


def cut_off(site: Site, disk: Path, during: str, doors: Doors) -> None:
    """Fill the disk while such a job runs, see what people are told, and make room again."""
    site.wait(lambda: during in ledger.running(site), 120, during)
    # Nobody has to be in the middle of a file just now, but somebody soon is.
    time.sleep(1)
    filler = fill(disk)
    for number, name in enumerate(Doors.KEEPING):
        for data in (photo_bytes(f"{during} {number}", SHAPE), photo_bytes(f"large {number}", SHAPE) + LARGE):
            answer = doors.by_name[name](data)
            assert answer.status_code == 507 and SENTENCE in words(answer), (name, words(answer)[:500])
            assert int(answer.headers["Retry-After"]) > 0
    for path in ("/ping", "/", "/explore"):
        assert requests.get(site.url + path, timeout=60).status_code == 200
    assert ledger.is_sound(site)
    filler.unlink()


def ask_the_model(disk: Path, doors: Doors) -> None:
    """It answers from memory; only what has to pass through a file cannot."""
    filler = fill(disk)
    for name in ("/api/classify", "/api/predict"):
        assert doors.by_name[name](photo_bytes("asked", SHAPE)).status_code == 200
        answer = doors.by_name[name](photo_bytes("asked", SHAPE) + LARGE)
        assert answer.status_code == 507 and SENTENCE in words(answer), (name, words(answer)[:500])
    filler.unlink()


@pytest.mark.timeout(600)
def test_a_full_disk_refuses_in_words_and_recovers(small_disk, tmp_path, full, record, migrated):
    site = Site(tmp_path, like=migrated, DRAWINGS="0", TRAIN_OPTIONS=rounds.QUICK, JOB_LEASE="5")
    family = Family(site)
    photos = 48
    try:
        site.start()
        collection = rounds.collection(tmp_path / "camera", photos, "disk")
        rounds.begin(site, collection, before=rounds.ACCOUNT, train=full)
        doors = Doors(site.url, rounds.EMAIL)
        before = photo_bytes("before", SHAPE)
        assert doors.by_name["API"](before).status_code == 201
        seconds = []
        for during in ("import", "train") if full else ("import",):
            cut_off(site, small_disk, during, doors)
            began = time.monotonic()
            after = photo_bytes(f"after {during}", SHAPE)
            site.wait(lambda sent=after: doors.by_name["API"](sent).status_code in (200, 201), 30, "room")
            seconds.append(time.monotonic() - began)
        over = ledger.is_idle if full else lambda site: not ledger.unfinished(site)
        site.wait(lambda: over(site), 240, "the round")
        if full:
            ask_the_model(small_disk, doors)
        found = rounds.counts(site)
        assert found["jobs"] == {"done": found["jobs"]["done"]}, found["troubles"]
        for what in ("photos", "files", "sightings", "verified", "opinions"):
            assert found[what] == photos, (what, found)
        assert found["datasets"] == [[1, "frozen"]] and found["models"] == [1] * full
        assert hashlib.sha256(before).hexdigest() in found["uploads"].values()
        assert len(found["uploads"]) == 1 + len(seconds), "what was refused has no row"
        assert family.orphans() == []
        assert ledger.is_sound(site)
        # Not even a stray file: whoever is refused takes back what was written so far.
        site.manage("fsck", "--deep", "--grace", "0")
    finally:
        site.close()
    assert family.left() == []
    record("full disk", fills=len(seconds), first_upload_after_s=f"{max(seconds):.1f}", lost=0, strays=0)
