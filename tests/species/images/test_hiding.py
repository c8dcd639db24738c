"""species.images.hiding: what is taken away is in no pixel, whatever the file, its turn and its size."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from species.images import decode, hiding
from species.images.decoder import Decoder
from species.images.refusals import ImageRefused
from species.images.surroundings import pixels
from tests.species.images.pictures import encoded, texture
from tests.species.images.test_decoder import ANSWERED, saying

BOX = (0.4, 0.25, 0.2, 0.5)
AROUND, WITHIN = (230, 20, 20), (20, 200, 60)


def photo(width: int = 900, height: int = 600, form: str = "PNG", orientation: int = 1, box=BOX) -> bytes:
    """Red around, with a fine pattern that could be recognised; green in the box and its air. Upright so large."""
    upright = Image.new("RGB", (width, height), AROUND)
    pattern = np.asarray(upright).copy()
    pattern[::2, ::3] = (250, 250, 40)
    upright = Image.fromarray(pattern)
    upright.paste(WITHIN, pixels("cropped", box, width, height))
    inverse = {
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
        3: Image.Transpose.ROTATE_180,
        5: Image.Transpose.TRANSPOSE,
    }
    stored = upright.transpose(inverse[orientation]) if orientation != 1 else upright
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    options = {"quality": 60} if form == "JPEG" else {}
    return encoded(stored, form, **options, **({"exif": block} if orientation != 1 else {}))


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG" and not image.getexif() and "icc_profile" not in image.info
        return np.asarray(image).astype(int)


@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
@pytest.mark.parametrize("extent", [(900, 600), (5000, 3333), (331, 517)], ids=str)
def test_a_cropped_photo_has_no_pixel_of_what_is_around(extent, orientation):
    made = hiding.renditions(photo(*extent, orientation=orientation), "cropped", BOX)
    assert tuple(sorted(made)) == decode.SIZES
    left, top, right, bottom = pixels("cropped", BOX, *extent)
    for size, data in made.items():
        found = opened(data)
        assert found.shape[1::-1] == decode.fitted((right - left, bottom - top), size)
        assert (abs(found - WITHIN) <= 4).all(), f"something of what is around shows at {size} px"


@pytest.mark.parametrize("orientation", [1, 6])
def test_of_a_jpeg_that_is_decoded_at_half_its_size_neither(orientation):
    large = (0.2, 0.2, 0.6, 0.6)
    data = photo(6000, 4000, form="JPEG", orientation=orientation, box=large)
    for found in map(opened, hiding.renditions(data, "cropped", large).values()):
        assert (abs(found - WITHIN) <= 8).all()


@pytest.mark.parametrize("frame", [BOX, None])
def test_what_is_softened_has_lost_every_detail(frame):
    for size, data in hiding.renditions(photo(), "softened", frame).items():
        found = opened(data)
        height, width = found.shape[:2]
        assert (width, height) == decode.fitted((900, 600), size)
        around = found[: height // 8]
        # The pattern alternates from pixel to pixel; a dozen colours along the side know nothing of it.
        assert abs(np.diff(around, axis=1)).max() <= 6 and abs(np.diff(around, axis=0)).max() <= 6
        middle = found[height // 2 - 3 : height // 2 + 3, width // 2 - 3 : width // 2 + 3]
        assert ((abs(middle - WITHIN) <= 4).all()) == (frame is not None)


def test_two_photos_with_the_same_colours_around_are_soft_alike():
    """Whatever is written around: the same means leave the same pixels."""
    bases = []
    for turned in (False, True):
        pattern = np.zeros((600, 1200, 3), np.uint8)
        pattern[..., 0] = (np.indices((600, 1200)).sum(axis=0) + turned) % 2 * 255
        bases.append(
            opened(hiding.renditions(encoded(Image.fromarray(pattern), "PNG"), "softened", None)[1008])
        )
    assert abs(bases[0] - bases[1]).max() <= 1


def test_within_the_box_it_is_as_sharp_as_the_whole():
    data = encoded(texture(1600, 1200), "PNG")
    whole = opened(decode.prepare(data).renditions[1008])
    soft = opened(hiding.renditions(data, "softened", (0.25, 0.25, 0.5, 0.5))[1008])
    height, width = whole.shape[:2]
    inner = slice(height // 4 + 4, height * 3 // 4 - 4), slice(width // 4 + 4, width * 3 // 4 - 4)
    assert abs(whole[inner] - soft[inner]).max() <= 16
    assert abs(whole - soft).max() > 40


def test_a_box_of_one_pixel_is_one():
    made = hiding.renditions(photo(100, 100), "cropped", (0.5, 0.5, 1e-6, 1e-6))
    assert {opened(each).shape for each in made.values()} == {(1, 1, 3)}


@pytest.fixture(scope="module")
def warm():
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.mark.parametrize(("form", "frame"), [("cropped", BOX), ("softened", BOX), ("softened", None)])
def test_the_child_makes_what_this_process_would(warm, form, frame):
    assert warm.surroundings(photo(), form, frame) == hiding.renditions(photo(), form, frame)


def test_a_broken_file_is_refused(warm):
    with pytest.raises(ImageRefused):
        warm.surroundings(photo()[:2000], "cropped", BOX)


@pytest.mark.parametrize(
    "answer",
    [
        "say({'renditions': [[320, 1], [1008, 1], [2016, 1]]}, b'12')",
        "say({'renditions': [[320, 3]]}, b'123')",
        "say({'renditions': 3}, b'123')",
        "say({}, b'123')",
    ],
)
def test_an_answer_that_is_none_costs_the_child(answer):
    decoder = Decoder(timeout=5, program=saying(*ANSWERED, answer))
    with pytest.raises(ImageRefused) as caught:
        decoder.surroundings(photo(60, 40), "softened", None)
    assert caught.value.code == "broken"
    decoder.close()
