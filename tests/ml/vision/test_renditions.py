"""The same photo gives the same pictures everywhere, and padding is filled with what is next to it."""

import numpy as np
import pytest

from ml.vision import renditions

RANDOM = np.random.default_rng(3)
PHOTO = RANDOM.integers(20, 255, (24, 32, 3), np.uint8)


def test_the_first_two_are_what_is_served():
    views = renditions.views(PHOTO, 1)
    assert len(views) == renditions.VIEWS
    assert all(view.shape == PHOTO.shape and view.dtype == np.uint8 for view in views)
    np.testing.assert_array_equal(views[0], PHOTO)
    np.testing.assert_array_equal(views[1], PHOTO[:, ::-1])


def test_they_are_the_same_again_and_others_with_another_seed():
    once, again, other = (renditions.views(PHOTO, seed) for seed in (1, 1, 2))
    for place in range(renditions.VIEWS):
        np.testing.assert_array_equal(once[place], again[place])
    assert any((once[place] != other[place]).any() for place in range(4, renditions.VIEWS))
    assert all((one != two).any() for one, two in zip(once[4:], once[5:], strict=False)), "no two are alike"


def test_black_corners_are_filled_from_their_rows_and_nothing_else_changes():
    padded = PHOTO.copy()
    padded[:5, :7], padded[20:, 25:] = 3, 0
    padded[0] = 0
    filled = renditions.filled(padded)
    np.testing.assert_array_equal(filled[1:5, :7], np.repeat(PHOTO[1:5, 7:8], 7, axis=1))
    np.testing.assert_array_equal(filled[20:, 25:], np.repeat(PHOTO[20:, 24:25], 7, axis=1))
    np.testing.assert_array_equal(filled[0], filled[1], "a row without a pixel repeats the next")
    np.testing.assert_array_equal(filled[6:19], PHOTO[6:19])


def test_a_dark_fish_in_the_middle_is_no_padding():
    photo = PHOTO.copy()
    photo[8:12, 10:20] = 0
    np.testing.assert_array_equal(renditions.filled(photo), photo)


@pytest.mark.parametrize("value", [0, 200])
def test_a_photo_of_nothing_stays_one(value):
    photo = np.full((8, 8, 3), value, np.uint8)
    np.testing.assert_array_equal(renditions.filled(photo), photo)
    assert all(np.isfinite(view).all() for view in renditions.views(photo, 1))
