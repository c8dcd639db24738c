"""The pixel cache: the pixels of serving, made once; a photo that cannot be used is named."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.vision import cache
from ml.vision.cache import PixelsRefused
from ml.vision.resize import resize
from ml.vision.training_manifest import Photo
from species.images.decode import upright


def jpeg(seed: int, size: tuple[int, int] = (90, 40)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: training must see it upright, as serving does
    Image.fromarray(pixels).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def photo(folder: Path, name: str, data: bytes) -> Photo:
    (folder / name).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return Photo(name, folder / name, digest, name, name, "chub", "train")


@pytest.fixture
def photos(tmp_path) -> list[Photo]:
    return [photo(tmp_path, f"{number}.jpg", jpeg(number)) for number in range(3)]


def test_pixels_are_those_that_serving_makes(photos, tmp_path):
    pixels = cache.build(photos, tmp_path / "cache", (32, 48), "pad")
    assert pixels.shape == (3, 32, 48, 3) and pixels.dtype == np.uint8
    for place, each in enumerate(photos):
        served = resize(np.asarray(upright(each.path.read_bytes(), 1008)), (32, 48), "pad")
        assert np.array_equal(pixels[place], served)
    # A 90 x 40 photo with orientation 6 stands upright: the padding is left and right.
    assert not pixels[0][:, 0].any() and pixels[0][0].any()


def test_it_is_made_once_and_not_from_other_photos(photos, tmp_path):
    done: list[int] = []
    first = cache.build(photos, tmp_path / "cache", (32, 48), "squash", done.append)
    assert sum(done) == 3
    for each in photos:
        each.path.unlink()
    again = cache.build(photos, tmp_path / "cache", (32, 48), "squash", done.append)
    assert np.array_equal(first, again) and sum(done) == 6
    with pytest.raises(PixelsRefused):
        cache.build(photos[:2], tmp_path / "cache", (32, 48), "squash")


def test_bad_photos_are_all_named_and_nothing_is_kept(photos, tmp_path):
    data = jpeg(9)
    broken = photo(tmp_path, "broken.jpg", data[: len(data) // 3])
    text = photo(tmp_path, "text.jpg", b"hello")
    gone = photo(tmp_path, "gone.jpg", b"x")
    gone.path.unlink()
    changed = photo(tmp_path, "changed.jpg", jpeg(5))
    changed.path.write_bytes(jpeg(6))
    with pytest.raises(PixelsRefused) as refused:
        cache.build([*photos, broken, text, gone, changed], tmp_path / "cache", (32, 48), "squash")
    said = str(refused.value)
    assert "4 of 7 photos" in said
    for name in ("broken.jpg", "text.jpg", "gone.jpg", "changed.jpg"):
        assert f"photo {name}" in said
    assert "sha256 differs" in said
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_old_cache_of_other_photos_is_forgotten(photos, tmp_path, monkeypatch):
    cache.build(photos[:1], tmp_path / "cache", (32, 48), "squash")
    cache.build(photos[:2], tmp_path / "cache", (32, 48), "squash")
    assert len(list((tmp_path / "cache").iterdir())) == 2
    monkeypatch.setattr(cache, "STALE", -1.0)
    cache.build(photos, tmp_path / "cache", (32, 48), "squash")
    assert len(list((tmp_path / "cache").iterdir())) == 1
