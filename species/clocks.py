"""What a text says of when: an instant, an hour on some clock, a day, or nothing that can be believed.

A moment is kept as two values: the clock on the wall, and its zone in minutes east of UTC, or None where
nobody said. Nothing here guesses a zone: where it is unknown, no text that leaves has one.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

# Before the first photograph, so surely a camera whose clock was never set or a field filled with zeros.
EARLIEST_YEAR = 1826
# Later than any photo of the years to come, and earlier than this year in the Buddhist calendar (2567 was 2024).
LATEST_YEAR = 2200
# The widest zones in use are -12:00 and +14:00.
OFFSETS = (-12 * 60, 14 * 60)
# Zones with a quarter of an hour (Nepal, Eucla, Chatham and its summer). Every other zone in use is a whole
# or half hour.
QUARTER_OFFSETS = (345, 525, 765, 825)
# How far a camera's clock and its last satellite fix may differ and still name a zone without doubt.
CLOCK_SLACK = timedelta(minutes=5)
# Clocks on the wall lie from 1 h 15 min behind the sun to 3 h 15 min ahead of it (western China), summer included.
BEHIND_THE_SUN, AHEAD_OF_THE_SUN = timedelta(hours=1.25), timedelta(hours=3.25)
# A clock further from the sun than this is one of another place.
FAR_FROM_THE_SUN = 3 * 60
# Here neighbours keep different days.
DATE_LINE = (-150, 172)
# What a clock shows that counts from nothing: Mac, Unix, FAT and GPS begin at these midnights.
EPOCHS = (datetime(1904, 1, 1), datetime(1970, 1, 1), datetime(1980, 1, 1), datetime(1980, 1, 6))


# The first Exif with a satellites' day (2.2) is of this year; receivers that lost count of the weeks say 1999.
FIRST_SATELLITE_YEAR = 2002


@dataclass(frozen=True)
class Clock:
    """A day, and the hour on the wall where it is known, at `offset` minutes east of UTC where that is."""

    day: date
    at: datetime | None = None  # naive
    offset: int | None = None


ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})", re.ASCII)
ISO_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?",
    re.ASCII | re.IGNORECASE,
)


def parse(text: str) -> datetime | date:
    """What a person or a program says in ISO 8601: a day, or a time, which is naive where it has no zone.

    A day without a time stays a day. Raises ValueError: also for a month, a week, an hour without minutes.
    """
    text = text.strip()
    if ISO_DAY.fullmatch(text):
        return date.fromisoformat(text)
    if not ISO_TIME.fullmatch(text):
        raise ValueError(f"{text!r} is neither a day nor a time")
    return datetime.fromisoformat(text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))


def text(instant: datetime, offset: int | None, timespec: str = "auto") -> str:
    """An instant in ISO 8601, as it may leave: with `Z` where its zone is known, else as the wall's hour.

    `instant` is aware; where `offset` is None it holds the wall's hour as if that were UTC.
    """
    utc = instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec)
    return utc if offset is None else f"{utc}Z"


# How much of a time is told, from the whole of it to the least.
PRECISIONS = ("exact", "day", "month")


def coarsest(*precisions: str) -> str:
    """The one of some of `PRECISIONS` that tells least. Raises ValueError for another."""
    return max(precisions, key=PRECISIONS.index)


@dataclass(frozen=True)
class Told:
    """As much of a time as somebody may know: an instant at a zone, a day, a month, or nothing.

    `at` is aware, UTC, or the wall's hour as if it were UTC where `offset` is None; `month` is its first day, and is
    there only where the day is not told.
    """

    at: datetime | None = None
    offset: int | None = None
    day: date | None = None
    month: date | None = None

    @property
    def text(self) -> str:
        """ISO 8601, and dwc:eventDate: an instant, a day, a month as `2015-10`, or empty."""
        if self.at is not None:
            return text(self.at, self.offset)
        return self.day.isoformat() if self.day else f"{self.month:%Y-%m}" if self.month else ""


def told(at: datetime | None, offset: int | None, day: date | None, precision: str) -> Told:
    """What is left of a time at a precision: no hour and no zone with a day, no day with a month."""
    if precision == "exact":
        return Told(at, offset, day)
    first, last = span(day, precision)
    return Told(day=day) if first == last else Told(month=first)


def span(day: date | None, precision: str) -> tuple[date | None, date | None]:
    """The first and the last day on which it may have been, for whoever is told no more; None of no day."""
    if day is None or precision != "month":
        return day, day
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def zone(offset: int) -> timezone:
    return timezone(timedelta(minutes=offset))


# Fields shorter than two digits are padded with a space by some cameras; a blank time is one not known.
WRITTEN = re.compile(
    r"(\d{4}) ?[:\-/.] ?(\d{1,2}) ?[:\-/.] ?(\d{1,2})"
    r"(?:[ :T]*|[ T] ?(\d{1,2}): ?(\d{1,2})(?:: ?(\d{1,2})(?:[.,](\d*))?)?(?!\d) ?(.*))"
)


def written(text: str) -> Clock | None:
    """What cameras and programs write of a moment into EXIF, XMP and IPTC; None where it cannot be true.

    `docs/metadata.md` lists the forms, those that are refused included.
    """
    match = WRITTEN.fullmatch(text.strip())
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups()[:3])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        midnight = datetime(year, month, day)
    except ValueError:
        return None
    if match[4] is None:
        return None if midnight in EPOCHS else Clock(midnight.date())
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    rest = (match[8] or "").strip()
    half = re.fullmatch(r"([ap])\.? ?m\.?", rest, re.IGNORECASE)
    if half:
        afternoon = half[1] in "pP"
        if (hour == 0 and afternoon) or (hour > 12 and not afternoon):
            return None
        hour = hour if hour > 12 else hour % 12 + 12 * afternoon
    elif not rest.isascii():
        # In another script it may say that it is afternoon.
        return None
    # Phones that count hours from 1 to 24 write 24:04 for four minutes past midnight of the day they name.
    hour = 0 if hour == 24 else hour
    if hour > 23 or minute > 59 or second > 60:
        return None
    at = midnight + timedelta(
        hours=hour,
        minutes=minute,
        seconds=second,
        microseconds=int((match[7] or "").ljust(6, "0")[:6]),
    )
    if at in EPOCHS:
        return None
    return Clock(at.date(), at, None if half else offset(rest))


def satellites(moment: datetime) -> datetime | None:
    """The same, where a receiver's clock can have shown it: the first second of a year is what stands for none."""
    if not FIRST_SATELLITE_YEAR <= moment.year <= LATEST_YEAR or moment == datetime(moment.year, 1, 1):
        return None
    return moment


def offset(text: str) -> int | None:
    """Minutes east of UTC, where `text` names a zone in use: `+02:00`, `-5:00`, `+0200`, `+2`, `Z`, `UTC`."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if text.upper() in ("Z", "UTC", "GMT"):
        return 0
    match = re.fullmatch(r"([+-])(\d{1,2})(?::?([0-5]\d)(?::?00)?)?", text)
    # "-00:00" is how one says in writing that the zone is unknown (RFC 3339).
    if not match or re.fullmatch(r"-0?0:?(00)?(:?00)?", text):
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return in_use(-minutes if match[1] == "-" else minutes)


def in_use(minutes: int) -> int | None:
    if not OFFSETS[0] <= minutes <= OFFSETS[1]:
        return None
    return minutes if minutes % 30 == 0 or minutes in QUARTER_OFFSETS else None


def between(local: datetime, utc: datetime) -> int | None:
    """The zone in use that explains the difference, or None where the clocks just disagree."""
    gap = (local - utc).total_seconds() / 60
    nearest = min((round(gap / 30) * 30, *QUARTER_OFFSETS), key=lambda minutes: abs(gap - minutes))
    return in_use(nearest) if abs(gap - nearest) * 60 <= CLOCK_SLACK.total_seconds() else None


def sun(longitude: float) -> float:
    """Minutes that the sun is ahead of Greenwich's."""
    return longitude * 4


def nearest_hour(longitude: float) -> int:
    """The zone of whole hours that the sun keeps there, in minutes: a hint for a person, never a value."""
    return round(longitude / 15) * 60


def far_from_the_sun(offset: int | None, longitude: float | None) -> bool:
    """Whether a zone is one that nobody keeps at that longitude."""
    if offset is None or longitude is None:
        return False
    gap = abs(offset - sun(longitude))
    # Samoa and Kiribati are a day ahead of their sun.
    if longitude <= DATE_LINE[0] or longitude >= DATE_LINE[1]:
        gap = min(gap, abs(gap - 24 * 60))
    return gap > FAR_FROM_THE_SUN


def doubt(
    local: datetime | None, offset: int | None, longitude: float | None, satellites: datetime | None
) -> str:
    """Why the zone of a clock is to be asked for, or "": `zone`, it is kept by nobody there; `utc`, the hour on
    the wall (naive) is that of the satellites, as on a camera left on UTC, though another zone is written.
    """
    if far_from_the_sun(offset, longitude):
        return "zone"
    if not offset or longitude is None or local is None or satellites is None:
        return ""
    same = abs(local - satellites) <= CLOCK_SLACK
    return "utc" if same and abs(sun(longitude)) > FAR_FROM_THE_SUN else ""


def day_there(utc: datetime, longitude: float | None) -> date | None:
    """The local day of a moment of UTC, where every zone that is kept at that longitude agrees on it."""
    if longitude is None or not DATE_LINE[0] < longitude < DATE_LINE[1] or not math.isfinite(longitude):
        return None
    local = utc + timedelta(minutes=sun(longitude))
    first, last = (local - BEHIND_THE_SUN).date(), (local + AHEAD_OF_THE_SUN).date()
    return first if first == last else None
