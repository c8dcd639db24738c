"""What a camera wrote beside the pixels: when, where, which camera, which way up.

EXIF is written by thousands of firmwares and edited by as many programs, so every value is a claim. A value
that cannot be true (year 0, latitude NaN, a zero denominator, the point 0°, 0°) is read as absent: a
missing place asks the contributor, a wrong one misleads everybody. Where EXIF says neither when nor where, XMP
and IPTC are asked, and which of them said it is kept. Nothing here raises on any input; `docs/metadata.md` lists
what is read and what is refused. Source: CIPA DC-008 (Exif 2.32), tags of the 0th, Exif and GPS directories.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from PIL import ExifTags, Image

from species import clocks
from species.clocks import Clock
from species.images import iptc, xmp

Tag = ExifTags.Base
GPS = ExifTags.GPS

# How far points of the datum that Japanese phones and cameras kept lie from WGS 84.
TOKYO_M = 600.0


@dataclass(frozen=True)
class Exif:
    """The claims that could be true; `None` is "not said"."""

    # Naive: the clock on the wall at `utc_offset`, or in an unknown zone where that is None.
    observed_at: datetime | None = None
    utc_offset: int | None = None  # minutes east of UTC
    local_date: date | None = None  # set with `observed_at`, or alone where only the day is known
    satellite_time: datetime | None = None  # naive UTC: the moment of the last fix
    time_source: str | None = None  # exif, xmp, iptc, or gps for the day of the satellites' clock
    latitude: float | None = None  # degrees, WGS 84; set together with `longitude`
    longitude: float | None = None
    place_source: str | None = None  # exif or xmp
    place_name: str | None = None  # what XMP or IPTC call it
    accuracy_m: float | None = None  # radius in metres, only with a place
    altitude: float | None = None  # metres above sea level, only with a place
    camera: str | None = None  # maker and model
    orientation: int = 1  # 1 to 8: how stored pixels become upright ones


def read(raw: bytes | None, packet: bytes | str | None = None, records: bytes | None = None) -> Exif:
    """Read the EXIF block `raw` (TIFF structure, with or without the leading `Exif\\0\\0`), and what it does
    not say from the XMP `packet` and the IPTC `records`. Never raises.
    """
    main, detail, gps = _directories(raw)
    camera = _camera(main)
    beside, agency = xmp.read(packet, camera=camera is not None), iptc.read(records)
    latitude, longitude = _place(gps)
    found = Exif(
        latitude=latitude,
        longitude=longitude,
        place_source="exif",
        accuracy_m=_accuracy(gps),
        altitude=_altitude(gps),
    )
    if latitude is None:
        found = Exif(
            latitude=beside.latitude,
            longitude=beside.longitude,
            place_source="xmp" if beside.latitude is not None else None,
            accuracy_m=beside.accuracy_m,
            altitude=beside.altitude,
        )
    clock, source = _first((_clock(main, detail), "exif"), (beside.clock, "xmp"), (agency.clock, "iptc"))
    satellites = _satellite_time(gps) or beside.satellites
    if satellites is not None and clock is None:
        clock, source = _day(satellites, found.longitude)
    if clock is not None and clock.at is not None and clock.offset is None and satellites is not None:
        clock = replace(clock, offset=clocks.between(clock.at, satellites))
    return replace(
        found,
        observed_at=clock.at if clock else None,
        utc_offset=clock.offset if clock else None,
        local_date=clock.day if clock else None,
        satellite_time=satellites,
        time_source=source,
        place_name=beside.place_name or agency.place_name or None,
        camera=camera,
        orientation=_orientation(main),
    )


def _directories(raw: bytes | None) -> tuple[Mapping[int, Any], Mapping[int, Any], Mapping[int, Any]]:
    """The 0th, the Exif and the GPS directory, as far as they can be read."""
    empty: dict[int, Any] = {}
    if not raw:
        return empty, empty, empty
    exif = Image.Exif()
    detail, gps = empty, empty
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Pillow's reader raises whatever the garbage leads it to; a directory that breaks loses only itself.
        try:
            exif.load(raw)
            main = dict(exif)
        except Exception:
            return empty, empty, empty
        try:
            detail = exif.get_ifd(ExifTags.IFD.Exif)
        except Exception:
            pass
        try:
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        except Exception:
            pass
    return main, detail, gps


def _first(*claims: tuple[Clock | None, str]) -> tuple[Clock | None, str | None]:
    """The first claim with its source; where it is a day, the first that knows the hour of that day."""
    said = [(clock, source) for clock, source in claims if clock is not None]
    hours = [
        (clock, source) for clock, source in said if clock.at is not None and clock.day == said[0][0].day
    ]
    return next(iter(hours or said), (None, None))


def _day(satellites: datetime, longitude: float | None) -> tuple[Clock | None, str | None]:
    """Of the satellites' clock alone only the day there can be known: whoever shows UTC's hour shows another's."""
    day = clocks.day_there(satellites, longitude)
    return (Clock(day), "gps") if day is not None else (None, None)


def _clock(main: Mapping[int, Any], detail: Mapping[int, Any]) -> Clock | None:
    # In the order of how near each is to the shutter: pressed, digitised, file last changed.
    claims = [
        (detail, Tag.DateTimeOriginal, Tag.SubsecTimeOriginal, Tag.OffsetTimeOriginal),
        (detail, Tag.DateTimeDigitized, Tag.SubsecTimeDigitized, Tag.OffsetTimeDigitized),
    ]
    # A camera's own date of the file is that of the photo; without a camera it is when somebody edited it.
    if _camera(main) is not None:
        claims.append((main, Tag.DateTime, Tag.SubsecTime, Tag.OffsetTime))
    for directory, date_tag, subsec_tag, offset_tag in claims:
        found = clocks.written(_text(directory.get(date_tag)))
        if found is None:
            continue
        if found.at is None:
            return found
        at = found.at.replace(microsecond=_microseconds(detail.get(subsec_tag)) or found.at.microsecond)
        offset = clocks.offset(_text(detail.get(offset_tag)))
        return Clock(found.day, at, offset if offset is not None else found.offset)
    return None


def _microseconds(value: Any) -> int:
    """`"07"` is seven hundredths: the digits stand behind the decimal point."""
    digits = re.match(r"\d{1,6}", _text(value))
    return int(digits[0].ljust(6, "0")) if digits else 0


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
    return clocks.satellites(moment)


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
    known = round(metres, 2) if metres is not None and 0 < metres < 20_000_000 else None
    if "TOKYO" in _text(gps.get(GPS.GPSMapDatum)).upper():
        return max(known or 0.0, TOKYO_M)
    return known


def _altitude(gps: Mapping[int, Any]) -> float | None:
    metres = _number(gps.get(GPS.GPSAltitude))
    if metres is None or not 0 <= abs(metres) <= 20_000:
        return None
    ref = gps.get(GPS.GPSAltitudeRef)
    # 3 is below the ellipsoid (Exif 3.0).
    below = ref in (1, 3, b"\x01", b"\x03", "\x01", "\x03", *xmp.BELOW_THE_SEA)
    return round(-abs(metres) if below else metres, 2) + 0.0


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
    # Pillow reads ASCII fields as Latin-1; some phones write theirs in UTF-8, digits of other scripts included.
    try:
        value = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
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
