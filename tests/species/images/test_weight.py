import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from species.images.weight import LOOK, is_heavy, pixels

FORMS = {
    "JPEG": {},
    "progressive": {"format": "JPEG", "progressive": True},
    "with a profile": {"format": "JPEG", "icc_profile": bytes(100_000)},
    "PNG": {},
    "WEBP": {},
    "lossless": {"format": "WEBP", "lossless": True},
    "with EXIF": {"format": "WEBP", "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"},
    "GIF": {},
    "BMP": {},
    "AVIF": {},
}


def made(form: str, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, **({"format": form} | FORMS[form]))
    return file.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(1, 1), (301, 77), (64, 1000)])
def test_the_pixels_a_file_promises_are_those_it_has(form, size):
    assert pixels(made(form, size)) == size[0] * size[1]


@pytest.mark.parametrize(
    ("form", "size", "heavy"),
    [
        ("JPEG", (6000, 4500), False),
        ("JPEG", (7000, 5000), True),
        ("WEBP", (4032, 3024), False),
        ("WEBP", (9400, 6276), True),
        ("PNG", (5000, 4000), True),
    ],
)
def test_a_phones_photo_is_light_and_what_takes_many_times_as_long_is_heavy(form, size, heavy):
    assert is_heavy(made(form, size)) is heavy


@pytest.mark.parametrize("data", [b"", b"no image", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * LOOK])
def test_what_does_not_say_is_heavy(data):
    assert pixels(data) is None and is_heavy(data)


STARTS = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF1234WEBPVP8X", b"RIFF1234WEBPVP8L", b"GIF89a", b"BM"]


@given(st.sampled_from([*STARTS, b"RIFF1234WEBPVP8 ", b"1234ftypheic", b"1234ftypavif....ispe"]), st.binary())
def test_any_bytes_have_an_answer(start, rest):
    found = pixels(start + rest)
    assert found is None or found >= 0
