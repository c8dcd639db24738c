"""What a camera wrote beside the pixels: when, where, which camera, which way up.

EXIF is written by thousands of firmwares and edited by as many programs, so every value is a claim. A value
that cannot be true (year 0, latitude NaN, a zero denominator, the point 0°, 0°) is read as absent: a
missing place asks the contributor, a wrong one misleads everybody. Nothing here raises on any input.
Source: CIPA DC-008 (Exif 2.32), tags of the 0th, Exif and GPS directories.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import ExifTags, Image

Tag = ExifTags.Base
GPS = ExifTags.GPS

# Before the first photograph, so surely a camera whose clock was never set or a field filled with zeros.
EARLIEST_YEAR = 1826
# The widest zones in use are -12:00 and +14:00.
OFFSETS = (-12 * 60, 14 * 60)
# Zones with a quarter of an hour (Nepal, Eucla, Chatham and its summer). Every other zone in use is a whole
# or half hour.
QUARTER_OFFSETS = (345, 525, 765, 825)
# How far a camera's clock and its last satellite fix may differ and still name a zone without doubt.
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Exif:
    """The claims that could be true; `None` is "not said"."""

    observed_at: datetime | None = (
        None  # naive: the clock on the wall at `utc_offset`, or unknown where that is None
    )
    utc_offset: int | None = None  # minutes east of UTC
    latitude: float | None = None  # degrees, WGS 84; set together with `longitude`
    longitude: float | None = None
    accuracy_m: float | None = None  # radius in metres, only with a place
    altitude: float | None = None  # metres above sea level, only with a place
    camera: str | None = None  # maker and model
    orientation: int = 1  # 1 to 8: how stored pixels become upright ones


def read(raw: bytes | None) -> Exif:
    """Read the EXIF block `raw` (TIFF structure, with or without the leading `Exif\\0\\0`). Never raises."""
    if not raw:
        return Exif()
    exif = Image.Exif()
    main: Mapping[int, Any] = {}
    detail: Mapping[int, Any] = {}
    gps: Mapping[int, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Pillow's reader raises whatever the garbage leads it to; a directory that breaks loses only itself.
        try:
            exif.load(raw)
            main = dict(exif)
        except Exception:
            return Exif()
        try:
            detail = exif.get_ifd(ExifTags.IFD.Exif)
        except Exception:
            pass
        try:
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        except Exception:
            pass
    observed_at, utc_offset = _moment(main, detail, gps)
    latitude, longitude = _place(gps)
    return Exif(
        observed_at=observed_at,
        utc_offset=utc_offset,
        latitude=latitude,
        longitude=longitude,
        accuracy_m=_accuracy(gps) if latitude is not None else None,
        altitude=_altitude(gps) if latitude is not None else None,
        camera=_camera(main),
        orientation=_orientation(main),
    )


# IPTC's words for images that no camera took: newscodes/digitalsourcetype.
NOT_TAKEN = ("algorithmicMedia", "trainedAlgorithmicMedia", "digitalArt", "digitalCreation")


def says_drawn(xmp: bytes | str | None) -> bool:
    """Whether an XMP packet says that its image was drawn, not taken. Never raises.

    Searched, not parsed: a packet is a stranger's XML.
    """
    if not xmp:
        return False
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp
    found = re.findall(r"cv\.iptc\.org/newscodes/digitalsourcetype/(\w{1,60})", text)
    return any(word in NOT_TAKEN for word in found)


def _moment(
    main: Mapping[int, Any], detail: Mapping[int, Any], gps: Mapping[int, Any]
) -> tuple[datetime | None, int | None]:
    # In the order of how near each is to the shutter: pressed, digitised, file last changed.
    claims = (
        (detail, Tag.DateTimeOriginal, Tag.SubsecTimeOriginal, Tag.OffsetTimeOriginal),
        (detail, Tag.DateTimeDigitized, Tag.SubsecTimeDigitized, Tag.OffsetTimeDigitized),
        (main, Tag.DateTime, Tag.SubsecTime, Tag.OffsetTime),
    )
    utc = _satellite_time(gps)
    for directory, date_tag, subsec_tag, offset_tag in claims:
        local = _date(directory.get(date_tag))
        # A camera's own date of the file is that of the photo; without a camera it is when somebody edited it.
        if local is None or (directory is main and _camera(main) is None):
            continue
        local = local.replace(microsecond=_microseconds(detail.get(subsec_tag)))
        offset = _offset(detail.get(offset_tag))
        if offset is None and utc is not None:
            offset = _offset_between(local, utc)
        return local, offset
    # Only the satellites' clock: the instant is right, though whoever shows it must turn it into local time.
    return (utc, 0) if utc is not None else (None, None)


def _date(value: Any) -> datetime | None:
    match = re.match(
        r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", _text(value)
    )
    if not match:
        return None
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None
    return moment if moment.year >= EARLIEST_YEAR else None


def _microseconds(value: Any) -> int:
    """`"07"` is seven hundredths: the digits stand behind the decimal point."""
    digits = re.match(r"\d{1,6}", _text(value))
    return int(digits[0].ljust(6, "0")) if digits else 0


def _offset(value: Any) -> int | None:
    text = _text(value)
    if text in ("Z", "z"):
        return 0
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", text)
    if not match or int(match[3]) > 59:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return _zone(-minutes if match[1] == "-" else minutes)


def _zone(minutes: int) -> int | None:
    return minutes if OFFSETS[0] <= minutes <= OFFSETS[1] else None


def _offset_between(local: datetime, utc: datetime) -> int | None:
    """The zone in use that explains the difference, or None where the clocks just disagree."""
    gap = (local - utc).total_seconds() / 60
    if not math.isfinite(gap):
        return None
    nearest = min((round(gap / 30) * 30, *QUARTER_OFFSETS), key=lambda minutes: abs(gap - minutes))
    return _zone(nearest) if abs(gap - nearest) * 60 <= CLOCK_SLACK.total_seconds() else None


def _satellite_time(gps: Mapping[int, Any]) -> datetime | None:
    day = re.match(r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})", _text(gps.get(GPS.GPSDateStamp)))
    clock = _numbers(gps.get(GPS.GPSTimeStamp), 3)
    if not day or clock is None:
        return None
    hour, minute, second = clock
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61):
        return None
    try:
        midnight = datetime(int(day[1]), int(day[2]), int(day[3]))
        moment = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= EARLIEST_YEAR else None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | tuple[None, None]:
    latitude = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "EW", 180)
    if latitude is None or longitude is None:
        return None, None
    # A receiver without a fix writes zeros; the real point is open sea 600 km from land.
    if latitude == 0 and longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(value: Any, ref: Any, signs: str, limit: int) -> float | None:
    # Without N or S there are two places to choose from, so there is none.
    side = _text(ref)[:1].upper()
    parts = _numbers(value, 3)
    if not side or side not in signs or parts is None:
        return None
    degrees, minutes, seconds = parts
    if degrees < 0 or not 0 <= minutes <= 60 or not 0 <= seconds <= 60:
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    if angle > limit:
        return None
    # A seventh decimal is a centimetre: more digits are the noise of the division.
    return round(-angle if side == signs[1] else angle, 7) + 0.0


def _accuracy(gps: Mapping[int, Any]) -> float | None:
    metres = _number(gps.get(GPS.GPSHPositioningError))
    # Half the way round the Earth says no more than nothing at all.
    return round(metres, 2) if metres is not None and 0 < metres < 20_000_000 else None


def _altitude(gps: Mapping[int, Any]) -> float | None:
    metres = _number(gps.get(GPS.GPSAltitude))
    if metres is None or not 0 <= abs(metres) <= 20_000:
        return None
    ref = gps.get(GPS.GPSAltitudeRef)
    below = ref in (1, b"\x01", "\x01", "1")
    return round(-metres if below else metres, 2) + 0.0


def _camera(main: Mapping[int, Any]) -> str | None:
    make, model = _text(main.get(Tag.Make)), _text(main.get(Tag.Model))
    if model.lower().startswith(make.lower()):
        make = ""
    return f"{make} {model}".strip()[:100].strip() or None


def _orientation(main: Mapping[int, Any]) -> int:
    value = _number(main.get(Tag.Orientation))
    return int(value) if value is not None and value in range(1, 9) else 1


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    # Fields are NUL-padded; what stands behind the first NUL is whatever was in the camera's memory.
    text = value.split("\0")[0]
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _number(value: Any) -> float | None:
    if isinstance(value, tuple):
        value = value[0] if len(value) == 1 else None
    if value is None or isinstance(value, (str, bytes)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    if not isinstance(value, (tuple, list)) or len(value) != count:
        return None
    numbers = [_number(part) for part in value]
    return None if any(number is None for number in numbers) else tuple(n for n in numbers if n is not None)
