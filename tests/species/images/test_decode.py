"""species.images.decode: upright sRGB pixels of anything a camera writes, and a reason for what is not taken."""

import hashlib
import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from species.images import decode
from species.images.decode import SIZES, prepare, upright
from species.images.exif import Exif
from species.images.refusals import MAX_BYTES, MESSAGES, ImageRefused
from species.images.sniff import sniff
from tests.species.images.pictures import BLUE, GREEN, RED, WHITE, alike, corners, encoded, quarters, texture

COLOURS = [RED, GREEN, BLUE, WHITE]
TURNED_BACK = {  # how pixels must lie in the file for a viewer to see them upright
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def oriented(picture: Image.Image, orientation: int, form: str = "JPEG") -> bytes:
    turn = TURNED_BACK[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(picture.transpose(turn) if turn is not None else picture, form, exif=exif)


def refused(data: bytes, call=lambda data: upright(data, 320)) -> str:
    with pytest.raises(ImageRefused) as caught:
        call(data)
    assert str(caught.value).endswith(".") and len(str(caught.value)) > 20
    return caught.value.code


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width: int, height: int) -> bytes:
    """The header of a PNG that promises this many pixels and holds a few."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


# what it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("MPO", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("AVIF", "image/avif"),
    ],
)
def test_the_type_is_told_by_the_content(form, media_type):
    data = encoded(quarters(), form)
    assert sniff(data) == media_type
    assert upright(data, 320).size == (240, 160)


def test_real_heic_and_avif(sample_data):
    assert sniff((sample_data / "metadata/formats/IMG_2682.heic").read_bytes()) == "image/heic"
    assert sniff((sample_data / "metadata/exif-samples/IMG_5195.HEIC").read_bytes()) == "image/heic"
    assert sniff((sample_data / "metadata/formats/8bit-sRGB.avif").read_bytes()) == "image/avif"


@pytest.mark.parametrize(
    ("brands", "media_type"),
    [
        ([b"mif1", b"miaf", b"heic"], "image/heic"),
        ([b"mif1", b"avif", b"miaf"], "image/avif"),
        ([b"msf1", b"hevc"], "image/heic"),
    ],
)
def test_containers_are_told_apart_by_their_compatible_brands(brands, media_type):
    box = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])
    assert sniff(struct.pack(">I", len(box) + 4) + box) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42",
        b"\x00\x00\x00\x00ftyp",
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_what_is_no_photo_is_refused(data):
    assert refused(data) == refused(data, prepare) == refused(data, sniff) == "not_an_image"


def test_a_tiff_is_told_what_to_become():
    with pytest.raises(ImageRefused, match="TIFF or a camera's raw file. Save it as a JPEG"):
        sniff(encoded(quarters(), "TIFF"))


def test_empty_and_too_large():
    assert refused(b"") == "empty"
    data = encoded(quarters())
    assert sniff(data + b"\0" * (MAX_BYTES - len(data))) == "image/jpeg"
    assert refused(data + b"\0" * (MAX_BYTES - len(data) + 1)) == "too_large"


def test_a_reason_is_a_code_and_a_sentence():
    for code, sentence in MESSAGES.items():
        assert str(ImageRefused(code)) == sentence
    assert str(ImageRefused("truncated")) == "The file stops half-way. Copy it from the camera again."
    with pytest.raises(KeyError):
        ImageRefused("no such code")


# how large -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "size", "expected"),
    [
        ((4032, 3024), 1008, (1008, 756)),
        ((4032, 3024), 2016, (2016, 1512)),
        ((3000, 4000), 320, (240, 320)),
        ((1500, 1000), 1008, (1008, 672)),
        ((900, 600), 1008, (900, 600)),
        ((1, 1), 320, (1, 1)),
        ((2000, 3), 320, (320, 1)),
    ],
)
def test_the_longest_side_fits_and_nothing_is_upscaled(stored, size, expected):
    picture = texture(*stored)
    assert upright(encoded(picture), size).size == expected
    assert upright(encoded(picture.convert("L"), "BMP"), size).size == expected


@pytest.mark.parametrize("stored", [(4032, 3024), (3000, 2000), (1100, 1700)])
def test_the_shortcut_of_a_jpeg_gives_the_picture_it_stands_for(stored):
    picture = texture(*stored)
    quick = upright(encoded(picture), 1008)
    exact = picture.resize(quick.size, Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(quick).astype(int) - np.asarray(exact)).mean() < 1.5


def test_the_same_bytes_give_the_same_pixels():
    data = encoded(texture(1800, 1200))
    assert upright(data, 1008).tobytes() == upright(data, 1008).tobytes()


@pytest.mark.parametrize("size", [0, -5])
def test_a_size_of_nothing_is_the_callers_mistake(size):
    with pytest.raises(ValueError, match="size"):
        upright(encoded(quarters()), size)


@pytest.mark.parametrize("extent", [(60_000_001, 1), (7746, 7747), (65_535, 65_535), (2**31 - 1, 2**31 - 1)])
def test_pixels_are_counted_before_they_are_decoded(extent):
    start = time.perf_counter()
    assert refused(png_of(*extent)) == refused(png_of(*extent), prepare) == "too_many_pixels"
    assert time.perf_counter() - start < 0.5


def with_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes `count` times more."""
    data = encoded(texture(400, 300), progressive=True)
    last = data.rindex(b"\xff\xda\0")
    return data[:-2] + data[last:-2] * count + data[-2:]


def test_a_jpeg_that_goes_over_its_pixels_without_end_is_refused_at_once():
    assert upright(with_scans(50), 320).size == (320, 240)
    assert refused(with_scans(300)) == refused(with_scans(300), prepare) == "timeout"


def test_sixty_million_pixels_are_taken_up_to_the_last():
    # Promised, not held: so it is refused for what it lacks, not for its size.
    assert refused(png_of(60_000_000, 1)) == "truncated"


# which way up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_becomes_upright(orientation, form):
    picture = upright(oriented(quarters(), orientation, form), 200)
    assert picture.size == (200, 133)
    assert alike(corners(np.asarray(picture)), COLOURS)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("where", ["before", "behind", "in digits"])
def test_a_png_is_turned_wherever_its_exif_stands(where, orientation):
    turn = TURNED_BACK[orientation]
    data = encoded(quarters().transpose(turn) if turn is not None else quarters(), "PNG")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    raw, start, end = exif.tobytes(), 33, data.index(b"IEND") - 4
    digits = f"\nexif\n{len(raw):8}\n{raw.hex()}\n".encode()
    at, added = {
        "before": (start, chunk(b"eXIf", raw[6:])),
        "behind": (end, chunk(b"eXIf", raw[6:])),
        "in digits": (start, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits))),
    }[where]
    data = data[:at] + added + data[at:]
    assert prepare(data).exif.orientation == orientation
    assert prepare(data).height == 160
    assert alike(corners(np.asarray(upright(data, 200))), COLOURS)


@pytest.mark.parametrize("digits", ["", "\n", "\nexif\n 4\nzz\n", "\nexif\n 4\nff\n", "\n" * 9])
def test_digits_that_spell_nothing_are_left_out_of_account(digits):
    data = encoded(quarters(), "PNG")
    text = chunk(b"tEXt", b"Raw profile type exif\0" + digits.encode())
    assert prepare(data[:33] + text + data[33:]).exif == Exif()


@pytest.mark.parametrize("orientation", range(9))
def test_the_orientation_samples_are_one_photo(sample_data, orientation):
    folder = sample_data / "orientation"
    expected = np.asarray(upright((folder / "Landscape_1.jpg").read_bytes(), 320)).astype(int)
    found = np.asarray(upright((folder / f"Landscape_{orientation}.jpg").read_bytes(), 320)).astype(int)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 4


# a part of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("crop", "colour"),
    [
        ((0, 0, 0.5, 0.5), RED),
        ((0.5, 0, 0.5, 0.5), GREEN),
        ((0, 0.5, 0.5, 0.5), BLUE),
        ((0.6, 0.7, 0.3, 0.2), WHITE),
    ],
)
def test_a_crop_is_in_fractions_of_the_upright_photo(orientation, crop, colour):
    data = oriented(quarters(960, 640), orientation)
    part = np.asarray(upright(data, 320, crop=crop))
    expected = (960 * crop[2], 640 * crop[3])
    scale = min(1, 320 / max(expected))
    assert part.shape[1::-1] == tuple(round(side * scale) for side in expected)
    middle = part[4:-4, 4:-4].reshape(-1, 3)
    assert alike(middle, np.broadcast_to(colour, middle.shape), 10)


def test_a_small_crop_of_a_large_photo_keeps_its_detail():
    picture = texture(4000, 3000)
    found = np.asarray(upright(encoded(picture), 320, crop=(0.5, 0.5, 0.08, 0.08))).astype(int)
    assert found.shape == (240, 320, 3)
    assert np.abs(found - np.asarray(picture.crop((2000, 1500, 2320, 1740)))).mean() < 2


def test_a_crop_is_clipped_to_the_photo():
    data = encoded(quarters())
    assert upright(data, 320, crop=(-0.5, -0.5, 3, 3)).tobytes() == upright(data, 320).tobytes()


@pytest.mark.parametrize(
    "crop",
    [(0, 0, 0, 1), (0.5, 0.5, -0.1, 0.1), (1, 0, 1, 1), (0, 0, float("nan"), 1), (float("nan"), 0, 1, 1)],
)
def test_a_crop_beside_the_photo_is_the_callers_mistake(crop):
    with pytest.raises(ValueError, match="crop"):
        upright(encoded(quarters()), 320, crop=crop)


CORNER = st.floats(0, 0.999)
SIDE = st.floats(1e-6, 1)


@settings(max_examples=60, deadline=None)
@given(x=CORNER, y=CORNER, width=SIDE, height=SIDE, orientation=st.integers(1, 8))
def test_any_crop_gives_a_picture(x, y, width, height, orientation):
    picture = upright(oriented(quarters(64, 40), orientation), 32, crop=(x, y, width, height))
    assert min(picture.size) >= 1 and max(picture.size) <= 32


# colours ---------------------------------------------------------------------------------------------------


def grey16() -> Image.Image:
    return Image.fromarray((np.asarray(quarters().convert("L")).astype("uint16")) * 257)


def keyed() -> bytes:
    """An RGB PNG in which one colour stands for "nothing here"."""
    return encoded(quarters(), "PNG", transparency=RED)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (encoded(quarters(), "PNG"), COLOURS),
        (encoded(quarters().convert("CMYK")), COLOURS),
        (encoded(quarters().convert("YCbCr")), COLOURS),
        (encoded(quarters().quantize(16), "PNG"), COLOURS),
        (encoded(quarters(), "GIF"), COLOURS),
        (encoded(quarters().convert("RGBA"), "PNG"), COLOURS),
        (encoded(quarters().convert("L"), "PNG"), [(v, v, v) for v in (81, 116, 69, 239)]),
        (encoded(quarters().convert("L")), [(v, v, v) for v in (81, 116, 69, 239)]),
        (encoded(quarters().convert("LA"), "PNG"), [(v, v, v) for v in (81, 116, 69, 239)]),
        (encoded(grey16(), "PNG"), [(v, v, v) for v in (81, 116, 69, 239)]),
        (
            encoded(quarters().convert("1", dither=Image.Dither.NONE), "PNG"),
            [(v, v, v) for v in (0, 0, 0, 255)],
        ),
        (keyed(), [(255, 255, 255), GREEN, BLUE, WHITE]),
    ],
    ids=[
        "rgb",
        "cmyk",
        "ycc",
        "palette",
        "gif",
        "rgba",
        "grey",
        "grey-jpeg",
        "grey-alpha",
        "grey16",
        "1",
        "keyed",
    ],
)
def test_every_kind_of_pixel_becomes_rgb(data, expected):
    for size in (200, 320):
        picture = upright(data, size)
        assert picture.mode == "RGB"
        assert alike(corners(np.asarray(picture)), expected)


def test_transparency_lies_on_white():
    picture = quarters().convert("RGBA")
    picture.putalpha(128)
    half_way = [tuple((value + 255) // 2 for value in colour) for colour in COLOURS]
    for form in ("PNG", "WEBP"):
        assert alike(corners(np.asarray(upright(encoded(picture, form), 320))), half_way)
    picture.putalpha(0)
    assert alike(upright(encoded(picture, "PNG"), 320), 255, 0)


def test_a_wide_profile_becomes_srgb(sample_data):
    heic = Image.open(sample_data / "metadata/formats/IMG_2682.heic", formats=["HEIF"])
    profile = heic.info["icc_profile"]
    assert b"P3" in profile.replace(b"\0", b"")
    found = upright(encoded(quarters(), "PNG", icc_profile=profile), 320)
    expected = ImageCms.profileToProfile(quarters(), io.BytesIO(profile), ImageCms.createProfile("sRGB"))
    assert alike(found, expected, 2)
    assert not alike(found, quarters(), 6)


@pytest.mark.parametrize("profile", [b"garbage", b"\0" * 500], ids=["text", "zeros"])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_broken_profile_is_left_out_of_account(mode, profile):
    plain, marked = (encoded(quarters().convert(mode), **extra) for extra in ({}, {"icc_profile": profile}))
    assert upright(marked, 320).tobytes() == upright(plain, 320).tobytes()


def test_a_profile_for_other_pixels_is_left_out_of_account():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert alike(corners(np.asarray(upright(encoded(quarters(), icc_profile=lab), 320))), COLOURS)


def test_the_elephants_look_alike_in_every_print(sample_data):
    def mean_difference(name: str) -> float:
        one, other = (
            np.asarray(upright((sample_data / f"cameratrap/{file}.jpg").read_bytes(), 320)).astype(int)
            for file in ("african_elephants", name)
        )
        assert one.shape == other.shape == (240, 320, 3)
        return np.abs(one - other).mean()

    assert mean_difference("african_elephants_cmyk") < 8
    assert mean_difference("african_elephants_with_exif_orientation") < 4
    assert mean_difference("african_elephants_bw") < 30


# more than one picture -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["MPO", "GIF", "WEBP", "PNG", "AVIF"])
def test_the_first_of_several_pictures_is_the_photo(form):
    data = encoded(quarters(), form, save_all=True, append_images=[quarters().rotate(180)] * 2)
    assert alike(corners(np.asarray(upright(data, 320))), COLOURS)


def test_the_first_of_a_phones_two_pictures_is_shrunk_like_any_jpeg():
    picture = texture(2000, 1400)
    pair = encoded(picture, "MPO", quality=95, save_all=True, append_images=[quarters(100, 80)])
    assert Image.open(io.BytesIO(pair)).format == "MPO"
    alone = encoded(picture, quality=95, subsampling=-1)
    # To the last bit, which a full decode and Lanczos would not give.
    assert upright(pair, 320).tobytes() == upright(alone, 320).tobytes()


# broken files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PROGRESSIVE", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.97])
def test_a_file_that_stops_half_way_says_so(form, share):
    options = {"progressive": True} if form == "PROGRESSIVE" else {}
    data = encoded(texture(400, 300), "JPEG" if form == "PROGRESSIVE" else form, **options)
    cut = data[: int(len(data) * share)]
    assert refused(cut) == refused(cut, prepare) == "truncated"


def test_real_files_that_stop_half_way(sample_data):
    for name in (
        "cameratrap/african_elephants_truncated_file.jpg",
        "hostile/truncated_jpeg.jpg",
        "hostile/truncated.heic",
    ):
        assert refused((sample_data / name).read_bytes()) == "truncated"
    heic = (sample_data / "metadata/formats/IMG_2682.heic").read_bytes()
    assert refused(heic[: len(heic) // 2]) == refused(heic[:-1]) == "truncated"


def test_a_damaged_file_is_refused():
    data = bytearray(encoded(texture(400, 300), "PNG"))
    data[60:90] = b"\0" * 30
    assert refused(bytes(data)) == "broken"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"]), st.data())
def test_damage_is_refused_or_decoded_and_never_anything_else(form, data):
    photo = bytearray(encoded(quarters(48, 32), form))
    for _ in range(data.draw(st.integers(1, 5))):
        photo[data.draw(st.integers(0, len(photo) - 1))] = data.draw(st.integers(0, 255))
    try:
        prepared = prepare(bytes(photo))
    except ImageRefused as reason:
        assert reason.code in MESSAGES
    else:
        assert set(prepared.renditions) == set(SIZES)


# what is kept ----------------------------------------------------------------------------------------------


def test_three_renditions_of_one_decode():
    data = oriented(texture(4032, 3024), 6)
    found = prepare(data)
    # Turned to the side: the file holds 4032 × 3024 and says "turn right".
    assert (found.width, found.height) == (4032, 3024)
    assert found.media_type == "image/jpeg"
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert {size: Image.open(io.BytesIO(jpeg)).size for size, jpeg in found.renditions.items()} == {
        320: (320, 240),
        1008: (1008, 756),
        2016: (2016, 1512),
    }
    assert found.exif.orientation == 6


@pytest.mark.parametrize("orientation", [1, 6])
def test_width_and_height_are_those_of_the_upright_photo(orientation):
    found = prepare(oriented(quarters(240, 160), orientation))
    assert (found.width, found.height) == (240, 160)


def test_renditions_are_never_upscaled():
    found = prepare(encoded(texture(900, 500)))
    assert [Image.open(io.BytesIO(found.renditions[size])).size for size in SIZES] == [
        (320, 178),
        (900, 500),
        (900, 500),
    ]
    assert found.renditions[1008] == found.renditions[2016]
    assert len(set(prepare(encoded(quarters(200, 100))).renditions.values())) == 1


def test_renditions_carry_no_word_of_the_original(sample_data):
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "SECRET"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 16.0, 5.0), 3: "E", 4: (11.0, 23.0, 35.0)})
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(
        texture(2400, 1600),
        exif=exif,
        comment=b"SECRET",
        icc_profile=srgb,
        xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>",
    )
    assert data.count(b"SECRET") == 3
    phone = (sample_data / "metadata/formats/IMG_2682.heic").read_bytes()
    captioned = (sample_data / "metadata/gps-position/thompson-springs.jpg").read_bytes()
    for original in (data, phone, captioned):
        found = prepare(original)
        assert found.exif.latitude is not None
        for jpeg in found.renditions.values():
            opened = Image.open(io.BytesIO(jpeg))
            assert not opened.getexif() and "icc_profile" not in opened.info and "comment" not in opened.info
            assert not any(
                word in jpeg
                for word in (b"Exif", b"SECRET", b"http", b"Photoshop", b"ICC_PROFILE", b"\xff\xfe")
            )


def test_the_same_bytes_give_the_same_renditions():
    data = encoded(texture(2400, 1600))
    assert prepare(data) == prepare(data)


def test_renditions_show_the_photo(sample_data):
    data = (sample_data / "metadata/formats/IMG_2682.heic").read_bytes()
    jpeg = Image.open(io.BytesIO(prepare(data).renditions[1008]))
    difference = np.asarray(jpeg).astype(int) - np.asarray(upright(data, 1008)).astype(int)
    assert np.abs(difference).mean() < 3


def test_a_decoders_odd_failure_is_still_a_refusal():
    with pytest.raises(ImageRefused) as caught, decode.refusing():
        raise struct.error("unpack requires a buffer of 4 bytes")
    assert caught.value.code == "broken"
    with pytest.raises(ImageRefused) as caught, decode.refusing():
        raise MemoryError
    assert caught.value.code == "too_many_pixels"
