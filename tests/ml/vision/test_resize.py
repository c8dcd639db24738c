"""A long photo is squashed or padded into the frame, and no part of it is ever cut off."""

import numpy as np
import pytest

from ml.vision.resize import normalise, resize


@pytest.fixture
def long() -> np.ndarray:
    """40 x 200, its left tenth red, its right tenth blue, green between."""
    picture = np.zeros((40, 200, 3), np.uint8)
    picture[:, :, 1] = 200
    picture[:, :20] = (200, 0, 0)
    picture[:, -20:] = (0, 0, 200)
    return picture


def test_squash_keeps_head_and_tail(long):
    small = resize(long, (64, 64), "squash")
    assert small.shape == (64, 64, 3) and small.dtype == np.uint8
    assert tuple(small[32, 0]) == (200, 0, 0)
    assert tuple(small[32, -1]) == (0, 0, 200)
    assert tuple(small[0, 32]) == (0, 200, 0)


def test_pad_keeps_proportions_and_centres(long):
    small = resize(long, (64, 100), "pad")
    assert small.shape == (64, 100, 3)
    rows = np.flatnonzero(small.any(axis=(1, 2)))
    assert (rows[0], rows[-1]) == (22, 41)  # 200 x 40 at half size: 20 rows, 22 above and below
    assert tuple(small[32, 0]) == (200, 0, 0)
    assert tuple(small[32, -1]) == (0, 0, 200)


def test_pad_of_a_tall_photo_pads_the_sides(long):
    small = resize(np.ascontiguousarray(long.transpose(1, 0, 2)), (100, 64), "pad")
    columns = np.flatnonzero(small.any(axis=(0, 2)))
    assert (columns[0], columns[-1]) == (22, 41)


def test_one_pixel_wide_survives():
    thread = np.full((1, 900, 3), 9, np.uint8)
    assert resize(thread, (32, 32), "pad").any()
    assert resize(thread, (32, 32), "squash").all()


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)],
)
def test_what_is_no_rgb_photo_is_refused(wrong):
    with pytest.raises(ValueError, match="Expected uint8"):
        resize(wrong, (32, 32), "squash")


def test_an_unknown_way_is_refused(long):
    with pytest.raises(ValueError, match="crop"):
        resize(long, (32, 32), "crop")


def test_normalise_by_hand():
    pixels = np.array([[[[255, 0, 51]]]], np.uint8)
    ready = normalise(pixels, (0.5, 0.5, 0.0), (0.5, 0.25, 1.0))
    assert ready.shape == (1, 3, 1, 1) and ready.dtype == np.float32
    np.testing.assert_allclose(ready.ravel(), [1.0, -2.0, 0.2], rtol=1e-6)
