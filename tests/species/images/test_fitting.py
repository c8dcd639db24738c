"""species.images.fitting: in the child the same as in the process, and harmless when done again."""

import numpy as np
import pytest
from PIL import Image

from species.images import decode
from species.images.decoder import Decoder
from species.images.fitting import WAYS, fit
from species.images.refusals import ImageRefused
from tests.species.images.pictures import encoded, texture
from tests.species.images.test_decoder import ANSWERED, saying

FRAMES = [(224, 224), (96, 192), (192, 96), (700, 700)]


@pytest.fixture(scope="module")
def warm():
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("extent", [(1300, 900), (90, 400), (64, 64)], ids=str)
def test_the_child_fits_as_this_process_would(warm, extent, frame, how):
    data = encoded(texture(*extent))
    found = warm.upright(data, 1008, fit=(*frame, how))
    assert found.dtype == np.uint8 and found.shape == (*frame, 3)
    assert np.array_equal(found, np.asarray(fit(decode.upright(data, 1008), frame, how)))


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_what_fits_stays_as_it_is(frame, how):
    once = fit(texture(400, 300), frame, how)
    assert once.size == frame[::-1]
    assert np.array_equal(np.asarray(fit(once, frame, how)), np.asarray(once))


def test_a_crop_is_cut_before_it_is_fitted(warm):
    data, crop = encoded(texture(800, 600)), (0.25, 0.5, 0.5, 0.25)
    found = warm.upright(data, 320, crop, fit=(64, 64, "squash"))
    assert np.array_equal(found, np.asarray(fit(decode.upright(data, 320, crop), (64, 64), "squash")))


@pytest.mark.parametrize("wrong", [(0, 10, "squash"), (10, -1, "pad"), (10, 10, "crop")])
def test_a_frame_that_is_none_is_the_callers_mistake(warm, wrong):
    with pytest.raises(ValueError, match="fit"):
        warm.upright(encoded(texture(40, 30)), 320, fit=wrong)


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="squash or pad"):
        fit(Image.new("RGB", (8, 8)), (4, 4), "crop")


@pytest.mark.parametrize(
    "answer", ["say({'width': 4, 'height': 4}, b'123')", "say({'width': 4, 'height': 4}, b'0' * 49)"]
)
def test_a_child_that_answers_another_frame_is_not_believed(answer):
    decoder = Decoder(timeout=5, program=saying(*ANSWERED, answer))
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(encoded(texture(40, 30)), 320, fit=(4, 4, "squash"))
    assert caught.value.code == "broken"
    decoder.close()
