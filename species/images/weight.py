"""How much work a photo is, by the pixels that its first bytes promise. Nothing is decoded.

What a file says of itself may be a lie; the child that decodes it has limits of its own.
"""

from __future__ import annotations

import re
from typing import Literal

JPEG_PIXELS = 30_000_000  # a JPEG is decoded small if it is to be small
PIXELS = 16_000_000  # for other forms: about half a second, three or four times a phone's photo
LOOK = 256 * 1024  # bytes; what stands before the size, a profile or a preview, is shorter
# Of a JPEG the markers that stand before its size, by their second byte.
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
CHUNKS = {b"VP8 ": (26, 28, 2, 0x3FFF, 0), b"VP8X": (24, 27, 3, 0xFFFFFF, 1)}


def is_heavy(data: bytes) -> bool:
    """Whether decoding takes many times what it takes for a phone's photo. What cannot be told is heavy."""
    size = pixels(data)
    return size is None or size > (JPEG_PIXELS if data[:3] == b"\xff\xd8\xff" else PIXELS)


def pixels(data: bytes) -> int | None:
    """Width times height as the file says; None where it does not say so among its first bytes."""
    data = data[:LOOK]
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _product(data, 16, 20, 4, "big")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[:4] == b"GIF8":
        return _product(data, 6, 8, 2, "little")
    if data[:2] == b"BM":
        return _bmp(data)
    if data[4:8] == b"ftyp":
        # The largest: there is a preview, too, and each tile of the photo has a size of its own.
        return max((_product(data, at + 8, at + 12, 4, "big") or 0 for at in _boxes(data)), default=None)
    return None


def _product(
    data: bytes, width: int, height: int, length: int, order: Literal["big", "little"]
) -> int | None:
    if len(data) < height + length:
        return None
    return int.from_bytes(data[width : width + length], order) * int.from_bytes(
        data[height : height + length], order
    )


def _boxes(data: bytes) -> list[int]:
    return [found.start() for found in re.finditer(rb"ispe", data)]


def _webp(data: bytes) -> int | None:
    kind = data[12:16]
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    if kind not in CHUNKS or len(data) < 30:
        return None
    width, height, length, mask, more = CHUNKS[kind]
    sides = (int.from_bytes(data[at : at + length], "little") & mask for at in (width, height))
    return (next(sides) + more) * (next(sides) + more)


def _bmp(data: bytes) -> int | None:
    if len(data) < 26:
        return None
    if int.from_bytes(data[14:18], "little") == 12:
        return _product(data, 18, 20, 2, "little")
    width, height = (int.from_bytes(data[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(width * height)


def _jpeg(data: bytes) -> int | None:
    at = 2
    while 0 <= at <= len(data) - 9:
        # Decoders pass over what stands between two markers.
        at = data.find(b"\xff", at)
        if not 0 <= at <= len(data) - 9:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in ALONE:
            at += 2
        elif marker in FRAMES:
            return _product(data, at + 7, at + 5, 2, "big")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
