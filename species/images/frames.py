"""The frames between `species.images.decoder` and its child: what both ends must read alike.

A frame is two big-endian unsigned 32-bit lengths, a JSON header of the first and a body of the second. The
parent trusts nothing in a frame from the child, which has just run decoders over a stranger's file:
whatever does not fit raises `BadFrame`, and the child is replaced.
"""

from __future__ import annotations

import json
import math
import re
import struct
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, BinaryIO

from species.images.decode import FORMATS, SIZES, Prepared
from species.images.exif import Exif
from species.images.perceptual import WATERS
from species.images.refusals import MAX_PIXELS

LENGTHS = struct.Struct(">II")
MAX_HEADER = 64 * 1024
# Three renditions of noise at the highest size stay far under this.
MAX_RENDITIONS = 48 * 1024 * 1024
# What JSON has no type for.
WHEN = ("observed_at", "satellite_time", "local_date")
SOURCES = {"time_source": ("exif", "xmp", "iptc", "gps"), "place_source": ("exif", "xmp")}
LONGEST = {"camera": 100, "place_name": 200}


class BadFrame(Exception):
    """Not a frame, or not the answer to the question."""


def pack(header: dict[str, Any], body_length: int = 0) -> bytes:
    """The bytes before the body."""
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), body_length) + text


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next frame of a blocking stream, or None where it ended."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_length, body_length = LENGTHS.unpack(lengths)
    header = stream.read(header_length)
    body = stream.read(body_length)
    if len(header) < header_length or len(body) < body_length:
        return None
    return json.loads(header), body


def prepared_to_frame(prepared: Prepared) -> tuple[dict[str, Any], bytes]:
    exif = asdict(prepared.exif)
    for name in WHEN:
        exif[name] = exif[name] and exif[name].isoformat()
    renditions, body = renditions_to_frame(prepared.renditions)
    header = renditions | {
        "width": prepared.width,
        "height": prepared.height,
        "media_type": prepared.media_type,
        "phash": prepared.phash,
        "water": prepared.water,
        "exif": exif,
        "drawn": prepared.drawn,
    }
    return header, body


def renditions_to_frame(renditions: dict[int, bytes]) -> tuple[dict[str, Any], bytes]:
    lengths = [[size, len(renditions[size])] for size in SIZES]
    return {"renditions": lengths}, b"".join(renditions[size] for size in SIZES)


def renditions_from_frame(header: dict[str, Any], body: bytearray) -> dict[int, bytes]:
    """The inverse of `renditions_to_frame`. Raises BadFrame."""
    try:
        lengths = {_whole(size): _whole(length) for size, length in header["renditions"]}
    except (KeyError, TypeError, ValueError) as error:
        raise BadFrame(str(error)) from error
    if tuple(lengths) != SIZES or sum(lengths.values()) != len(body):
        raise BadFrame("not the renditions of a photo")
    renditions: dict[int, bytes] = {}
    start = 0
    for size, length in lengths.items():
        renditions[size] = bytes(body[start : start + length])
        start += length
    return renditions


def prepared_from_frame(header: dict[str, Any], body: bytearray, sha256: str) -> Prepared:
    """The inverse of `prepared_to_frame`, for the original with this `sha256`. Raises BadFrame."""
    try:
        width, height = _whole(header["width"]), _whole(header["height"])
        fits = (
            width * height <= MAX_PIXELS
            and header["media_type"] in FORMATS
            and header["water"] in WATERS
            and re.fullmatch("[0-9a-f]{16}", header["phash"])
        )
        if not fits:
            raise BadFrame("not a prepared photo")
        return Prepared(
            width=width,
            height=height,
            media_type=header["media_type"],
            sha256=sha256,
            phash=header["phash"],
            water=header["water"],
            renditions=renditions_from_frame(header, body),
            exif=_exif(header["exif"]),
            drawn=header["drawn"] is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadFrame(str(error)) from error


def _whole(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise BadFrame("not a count")
    return value


def _exif(fields: dict[str, Any]) -> Exif:
    numbers = {name: fields[name] for name in ("latitude", "longitude", "accuracy_m", "altitude")}
    for value in numbers.values():
        if value is not None and not (type(value) in (int, float) and math.isfinite(value)):
            raise BadFrame("not a number")
    if (numbers["latitude"] is None) != (numbers["longitude"] is None):
        raise BadFrame("half a place")
    if numbers["latitude"] is not None and not (
        abs(numbers["latitude"]) <= 90 and abs(numbers["longitude"]) <= 180
    ):
        raise BadFrame("not a place on Earth")
    offset, orientation = fields["utc_offset"], _whole(fields["orientation"])
    if offset is not None and (type(offset) is not int or abs(offset) > 14 * 60):
        raise BadFrame("not an offset")
    if orientation > 8:
        raise BadFrame("not an orientation")
    words = {name: fields[name] for name in (*LONGEST, *SOURCES)}
    for name, word in words.items():
        if word is not None and not (
            isinstance(word, str) and len(word) <= LONGEST.get(name, 4) and word in SOURCES.get(name, (word,))
        ):
            raise BadFrame(f"not a {name}")
    moments = {
        name: datetime.fromisoformat(fields[name]) if fields[name] is not None else None for name in WHEN[:2]
    }
    if any(moment is not None and moment.tzinfo is not None for moment in moments.values()):
        raise BadFrame("not a local time")
    day = date.fromisoformat(fields["local_date"]) if fields["local_date"] is not None else None
    if moments["observed_at"] is not None and moments["observed_at"].date() != day:
        raise BadFrame("not the day of the time")
    return Exif(
        observed_at=moments["observed_at"],
        satellite_time=moments["satellite_time"],
        utc_offset=offset,
        local_date=day,
        orientation=orientation,
        **numbers,
        **words,
    )
