"""species.images.perceptual: near-duplicates share a hash, and a photo's edge names its mat."""

import re

import imagehash
import numpy as np
import pytest
from PIL import Image

from species.images.perceptual import WATERS, phash, water
from tests.species.images.pictures import quarters, texture


def distance(one: Image.Image, other: Image.Image) -> int:
    return (int(phash(one), 16) ^ int(phash(other), 16)).bit_count()


@pytest.mark.parametrize("seed", range(20))
def test_the_hash_is_the_one_of_the_library(seed):
    picture = texture(300, 200, seed)
    assert phash(picture) == str(imagehash.phash(picture))


def test_the_hash_of_real_photos_is_the_one_of_the_library(sample_data):
    files = sorted((sample_data / "metadata/nature").glob("*.jpg"))
    assert len(files) == 9
    for path in files:
        picture = Image.open(path).convert("RGB")
        assert phash(picture) == str(imagehash.phash(picture))


def test_a_plain_picture_has_a_hash_without_noise():
    # Only its mean differs from nothing; the sums' rounding must not fill the other bits.
    for level in (1, 77, 128, 255):
        assert phash(Image.new("RGB", (50, 40), (level,) * 3)) == "8000000000000000"
    assert phash(Image.new("RGB", (50, 40))) == "0000000000000000"


def test_near_duplicates_are_near_and_others_are_not():
    picture = texture(1200, 800)
    assert distance(picture, picture.resize((320, 213), Image.Resampling.LANCZOS)) <= 4
    assert distance(picture, picture.point(lambda value: value * 0.9)) <= 4
    assert distance(picture, texture(1200, 800, seed=2)) > 10
    assert re.fullmatch("[0-9a-f]{16}", phash(picture))


@pytest.mark.parametrize("name", WATERS)
def test_each_mat_names_itself(name):
    assert water(Image.new("RGB", (90, 60), WATERS[name])) == name


def test_the_edge_decides_and_not_the_middle():
    picture = Image.new("RGB", (300, 200), WATERS["amber"])
    picture.paste(WATERS["night"], (20, 20, 280, 180))
    assert water(picture) == "amber"


def test_a_photo_in_a_black_frame_of_its_own_lies_on_black():
    """It was turned, and what is left around it is black: on any other mat that would be two frames."""
    picture = Image.new("RGB", (400, 200))
    picture.paste(WATERS["straw"], (40, 20, 360, 180))
    assert water(picture) == "black"
    assert water(Image.new("RGB", (400, 200), (0x20, 0x22, 0x26))) == "night"


def test_black_corners_do_not_decide():
    picture = Image.new("RGB", (400, 200), WATERS["straw"])
    for corner in ((0, 0, 60, 40), (340, 0, 400, 40), (0, 160, 60, 200), (340, 160, 400, 200)):
        picture.paste((0, 0, 0), corner)
    assert water(picture) == "straw"


def test_any_picture_has_a_mat():
    assert water(quarters()) in WATERS
    assert water(Image.new("RGB", (1, 1))) == "black"
    noise = np.random.default_rng(3).integers(0, 256, (7, 900, 3), dtype=np.uint8)
    assert water(Image.fromarray(noise)) in WATERS
