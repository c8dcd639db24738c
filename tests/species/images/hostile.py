"""Files made to break decoders: those of the sample data, others built here, and damage done by dice.

Built, not kept: a few lines stand for megabytes, and what they do to a decoder can be read. Each is named
after what it does. The same seed gives the same damage.
"""

import random
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image

from tests.species.images.pictures import encoded, texture

# A little less than all pixels that are taken.
SIDE = 7740

# What can be seen of these samples is what anyone would see: their damage lies elsewhere. All others are refused.
HARMLESS = {
    "baddens1.bmp": (127, 64),
    "badfilesize.bmp": (127, 64),
    "badrle.bmp": (127, 64),
    "decompression_bomb_extents.gif": (100, 100),
    "hopper_rle8_row_overflow.bmp": (128, 128),
    "invalid-exif.jpg": (200, 200),
    "pal8badindex.bmp": (127, 64),
    "sugarshack_bad_mpo_header.jpg": (640, 480),
    "truncated_app14.jpg": (100, 100),
    "truncated_exif_dpi.jpg": (480, 640),
}


def samples(sample_data: Path) -> dict[str, bytes]:
    """Name to content of every hostile file of the sample data."""
    files = sorted((sample_data / "hostile").iterdir())
    return {path.name: path.read_bytes() for path in files if not path.name.startswith("LICENSE")}


# JPEG ------------------------------------------------------------------------------------------------------


def segment(marker: int, body: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(*segments: bytes) -> bytes:
    photo = _jpeg()
    return photo[:2] + b"".join(segments) + photo[2:]


@cache
def _jpeg() -> bytes:
    return encoded(texture(640, 480))


def promising(width: int, height: int, marker: int = 0xC0, bits: int = 8) -> bytes:
    """A JPEG whose header says this of the few pixels behind it."""
    photo = bytearray(_jpeg())
    at = photo.index(b"\xff\xc0")
    photo[at + 1] = marker
    photo[at + 4] = bits
    photo[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(photo)


def with_scans(count: int) -> bytes:
    """Progressive, of a few hundred bytes, and every scan goes over 60 million pixels."""
    photo = encoded(Image.new("L", (16, 16), 99), progressive=True)
    at, first = photo.index(b"\xff\xc2"), photo.index(b"\xff\xda")
    head = photo[: at + 5] + struct.pack(">HH", SIDE, SIDE) + photo[at + 9 : first]
    tables, at = b"", photo.find(b"\xff\xc4", first)
    while at >= 0:
        (length,) = struct.unpack(">H", photo[at + 2 : at + 4])
        tables += photo[at : at + 2 + length]
        at = photo.find(b"\xff\xc4", at + 2)
    once = segment(0xDA, b"\x01\x01\x00\x00\x00\x00") + b"\0"
    again = segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + b"\0"
    return head + tables + once + again * count + b"\xff\xd9"


# EXIF and XMP ----------------------------------------------------------------------------------------------


def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """An EXIF directory of (tag, type, count, value or offset)."""
    packed = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<L", following)


HEAD = b"Exif\0\0II*\0\x08\0\0\0"
CYCLE = HEAD + directory((0x8769, 4, 1, 8), (0x8825, 4, 1, 8), following=8)


def overlapping(size: int) -> bytes:
    """EXIF whose thousands of entries each claim the same long list of fractions."""
    count = size // 24
    start = 8 + 2 + 24 + 4
    values = start + 2 + 12 * count + 4
    main = directory((0x8769, 4, 1, start), (0x8825, 4, 1, start))
    entries = [(tag, 5, (size - values) // 8, values) for tag in range(count)]
    return HEAD + main + directory(*entries) + b"\1\0\0\0" * ((size - values) // 4)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><x:xmpmeta xmlns:x="adobe:ns:meta/">&j;</x:xmpmeta>'
)


# PNG, GIF, BMP ---------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(*chunks: bytes) -> bytes:
    photo = encoded(texture(640, 480), "PNG")
    return photo[:33] + b"".join(chunks) + photo[33:]


def blank_png(width: int, height: int, depth: int, colour: int, interlaced: int = 0) -> bytes:
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[colour]
    row = b"\0" * ((width * depth * channels + 7) // 8 + 1)
    squeeze = zlib.compressobj(9)
    body = squeeze.compress(row * (height + 8 * interlaced)) + squeeze.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    palette = chunk(b"PLTE", b"\0" * 768) if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", body) + chunk(b"IEND")


def run_length_bmp(width: int, height: int, body: bytes) -> bytes:
    start = 14 + 40 + 1024
    head = b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start)
    about = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    return head + about + b"\1\2\3\0" * 256 + body


def gif_with_comments(count: int) -> bytes:
    photo = encoded(texture(64, 48), "GIF")
    start = 13 + 3 * 2 ** ((photo[10] & 7) + 1)
    return photo[:start] + b"\x21\xfe\0" * count + photo[start:]


def moving(form: str, count: int) -> bytes:
    frames = [texture(64, 48, seed=n) for n in range(count)]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


# all of them -----------------------------------------------------------------------------------------------


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


# Name to a function: together they are some hundred megabytes.
CRAFTED = {
    "empty.jpg": lambda: b"",
    "only-its-mark.jpg": lambda: b"\xff\xd8\xff",
    "only-its-mark.png": lambda: b"\x89PNG\r\n\x1a\n",
    "only-its-mark.webp": lambda: b"RIFF\x04\0\0\0WEBP",
    "only-its-mark.gif": lambda: b"GIF89a",
    "only-its-mark.bmp": lambda: b"BM",
    "only-its-mark.heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1heic"),
    "only-its-mark.avif": lambda: box(b"ftyp", b"avif\0\0\0\0mif1avif"),
    "metadata-of-nothing.heic": lambda: box(b"ftyp", b"heic\0\0\0\0heic") + box(b"meta", b"\0" * 400),
    "box-longer-than-the-file.avif": lambda: box(b"ftyp", b"avif\0\0\0\0avif") + b"\xff" * 3 + b"\xffmdat",
    "page.jpg": lambda: b"<!doctype html><script>alert(1)</script>",
    "page-behind-a-photo.jpg": lambda: _jpeg() + b"<!doctype html><script>alert(1)</script>",
    "archive-behind-a-photo.jpg": lambda: _jpeg() + b"PK\x03\x04" + b"\0" * 100,
    "vector.svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "tiff.jpg": lambda: encoded(texture(64, 48), "TIFF"),
    "lab.tif": lambda: encoded(texture(64, 48).convert("LAB"), "TIFF"),
    "too-long.jpg": lambda: _jpeg() + b"\0" * (25 * 1024 * 1024),
    "no-pixels.jpg": lambda: promising(640, 0),
    "sixty-million-promised.jpg": lambda: promising(SIDE, SIDE),
    "four-thousand-million-promised.jpg": lambda: promising(65535, 65535),
    "twelve-bits.jpg": lambda: promising(640, 480, bits=12),
    "lossless.jpg": lambda: promising(640, 480, marker=0xC3),
    "arithmetic.jpg": lambda: promising(640, 480, marker=0xC9),
    "cmyk.jpg": lambda: encoded(texture(640, 480).convert("CMYK")),
    "two-hundred-scans.jpg": lambda: with_scans(200),
    "five-thousand-scans.jpg": lambda: with_scans(5000),
    "million-exif-blocks.jpg": lambda: with_segments(segment(0xE1, b"Exif\0\0x") * 1_500_000),
    "million-empty-headers.jpg": lambda: with_segments(segment(0xE5) * 6_000_000),
    "padding.jpg": lambda: with_segments(b"\xff" * 24_000_000),
    "directory-in-itself.jpg": lambda: with_segments(segment(0xE1, CYCLE)),
    "directory-of-fractions.jpg": lambda: with_segments(segment(0xE1, overlapping(60_000))),
    "large-directory-of-fractions.png": lambda: with_chunks(chunk(b"eXIf", overlapping(1_500_000)[6:])),
    "billion-laughs.jpg": lambda: with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + LAUGHS)),
    "billion-laughs.png": lambda: with_chunks(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LAUGHS)),
    "profile-bomb.png": lambda: with_chunks(chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 80_000_000, 9))),
    "text-bomb.png": lambda: with_chunks(chunk(b"zTXt", b"x\0\0" + zlib.compress(b"\0" * 80_000_000, 9))),
    "million-texts.png": lambda: with_chunks(chunk(b"tEXt", b"a\0") * 1_700_000),
    "million-unknown-chunks.png": lambda: with_chunks(chunk(b"abCd") * 2_000_000),
    "million-empty-pieces.png": lambda: with_chunks(chunk(b"IDAT") * 2_000_000),
    "sixty-million-sixteen-bit.png": lambda: blank_png(SIDE, SIDE, 16, 6),
    "sixty-million-interlaced.png": lambda: blank_png(SIDE, SIDE, 16, 6, 1),
    "sixty-million-of-one-bit.png": lambda: blank_png(SIDE, SIDE, 1, 3),
    "one-line.png": lambda: blank_png(59_000_000, 1, 8, 2),
    "one-column.png": lambda: blank_png(1, 20_000_000, 8, 2),
    "moving.png": lambda: moving("PNG", 100),
    "moving.gif": lambda: moving("GIF", 100),
    "moving.webp": lambda: moving("WEBP", 100),
    "million-comments.gif": lambda: gif_with_comments(8_000_000),
    "sixty-million.gif": lambda: encoded(Image.new("P", (SIDE, SIDE)), "GIF"),
    "sixty-million-of-one-bit.bmp": lambda: encoded(Image.new("1", (SIDE, SIDE)), "BMP"),
    "runs-of-one.bmp": lambda: run_length_bmp(3400, 3400, b"\1\1" * 3400**2),
    "runs-of-nothing.bmp": lambda: run_length_bmp(640, 480, b"\0\2\0\0" * 6_000_000),
    "sixty-million-in-forty-bytes.webp": lambda: encoded(
        Image.new("RGB", (SIDE, SIDE), (1, 2, 3)), "WEBP", lossless=True, method=0
    ),
    "sixty-million-in-a-kilobyte.avif": lambda: encoded(
        Image.new("RGB", (SIDE, SIDE), (1, 2, 3)), "AVIF", speed=10
    ),
}
# These need a second or more each; the bounded tests leave them to the full ones.
SLOW = frozenset(
    name for name in CRAFTED if name.startswith(("sixty-", "million-", "runs-", "padding", "one-"))
)


def boxes_that_lie(sample_data: Path) -> dict[str, bytes]:
    """A phone's HEIC whose boxes say something else than what is in it."""
    photo = (sample_data / "metadata/formats/IMG_2682.heic").read_bytes()
    made = {}
    for width, height in ((0, 0), (1, 1), (SIDE, SIDE), (65535, 65535), (2**31 - 1, 2**31 - 1)):
        data, at = bytearray(photo), 0
        while (at := data.find(b"ispe", at + 1, 8000)) >= 0:
            data[at + 8 : at + 16] = struct.pack(">II", width, height)
        made[f"all-parts-are-{width}.heic"] = bytes(data)
    at = photo.index(b"dimg")
    whole, (parts,) = photo[at + 4 : at + 6], struct.unpack(">H", photo[at + 6 : at + 8])
    for name, part in (("made-of-itself", whole), ("made-of-one-part", photo[at + 8 : at + 10])):
        made[f"{name}.heic"] = photo[: at + 8] + part * parts + photo[at + 8 + 2 * parts :]
    return made


# by dice ---------------------------------------------------------------------------------------------------

WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\xff\xff", b"\x80\0\0\0")


def sound(sample_data: Path) -> list[bytes]:
    """What damage is done to: real photos of every kind that is taken, and drawn ones of all their variants."""
    taken = (".jpg", ".heic", ".avif", ".webp", ".png", ".bmp", ".gif")
    real = [
        path.read_bytes()
        for folder in ("hostile", "metadata", "orientation")
        for path in sorted((sample_data / folder).rglob("*"))
        if path.suffix.lower() in taken and path.stat().st_size
    ]
    picture = texture(320, 240)
    drawn = [
        encoded(picture, progressive=True),
        encoded(picture.convert("CMYK")),
        encoded(picture, "PNG"),
        encoded(picture.quantize(16), "PNG"),
        encoded(picture.convert("RGBA"), "PNG"),
        encoded(picture.convert("1"), "PNG"),
        encoded(picture, "WEBP"),
        encoded(picture.convert("RGBA"), "WEBP", lossless=True),
        encoded(picture, "GIF"),
        encoded(picture, "BMP"),
        encoded(picture, "AVIF", speed=9),
        *(moving(form, 3) for form in ("MPO", "PNG", "GIF", "WEBP", "AVIF")),
    ]
    return real + drawn


def damaged(bases: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` files: bits turned, pieces lost, doubled or taken from another file, ends cut off."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(dice.choice(bases))
        for _ in range(dice.choice((1, 1, 2, 3, 8))):
            _damage(data, bases, dice)
        yield bytes(data)


def _damage(data: bytearray, bases: list[bytes], dice: random.Random) -> None:
    # Headers are at the front, and a bit turned in the pixels is only another photo.
    reach = min(len(data), 4000) if dice.random() < 0.6 else len(data)
    at = dice.randrange(max(1, reach))
    match dice.randrange(6):
        case 0:
            data[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            del data[at : at + dice.choice((1, 4, 64, 1000))]
        case 2:
            data[at : at + 4] = dice.choice(WORDS)
        case 3:
            start = dice.randrange(max(1, len(data)))
            data[at:at] = data[start : start + dice.choice((8, 200, 4000))]
        case 4:
            del data[max(20, at) :]
        case 5:
            other = dice.choice(bases)
            data[at:] = other[dice.randrange(len(other)) :]
