"""What agencies and older programs write beside the pixels of a JPEG in IPTC-IIM: when, and what the place is called.

IIM has no coordinates. Its time must have a zone, so programs that know none write `+0000` (Photoshop does,
next to an XMP date without a zone): that zone is read as unknown. Source: IPTC-IIM 4.2, record 2. Nothing here raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from species import clocks
from species.clocks import Clock
from species.images.xmp import place_name

# Photoshop's resource of this number holds the records.
RESOURCE = 0x0404
# (date, time): when the content was made, and when it was digitised.
DATES = ((55, 60), (62, 63))
NAMES = (92, 90, 95, 101)
UTF8 = b"\x1b%G"


@dataclass(frozen=True)
class Iptc:
    clock: Clock | None = None
    place_name: str = ""


def read(block: bytes | None) -> Iptc:
    """Read the records in `block`, as Photoshop's resource holds them. Never raises."""
    if not isinstance(block, bytes):
        return Iptc()
    said = _records(block)
    found = (_clock(said.get(date, ""), said.get(time, "")) for date, time in DATES)
    return Iptc(
        clock=next((each for each in found if each is not None), None),
        place_name=place_name(said.get(name, "") for name in NAMES),
    )


def _records(block: bytes) -> dict[int, str]:
    """The texts of record 2, the first of each number."""
    said: dict[int, bytes] = {}
    charset, at = b"", 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, number = block[at + 1], block[at + 2]
        length = int.from_bytes(block[at + 3 : at + 5], "big")
        # The top bit announces a length of a length: of a caption of over 32 kB, and no text of ours.
        if length > 0x7FFF:
            break
        value = block[at + 5 : at + 5 + length]
        if (record, number) == (1, 90):
            charset = value
        elif record == 2:
            said.setdefault(number, value)
        at += 5 + length
    return {number: _text(value, charset) for number, value in said.items() if len(value) <= 200}


def _text(value: bytes, charset: bytes) -> str:
    try:
        return value.decode("utf-8").split("\0")[0]
    except UnicodeDecodeError:
        return value.decode("utf-8" if charset == UTF8 else "latin-1", "replace").split("\0")[0]


def _clock(date: str, time: str) -> Clock | None:
    """`20220110` and `151544-0400`; the dashes and colons of other standards as well."""
    day = re.fullmatch(r"(\d{4})[:-]?(\d{2})[:-]?(\d{2})", date.strip(), re.ASCII)
    if not day:
        return None
    hour = re.fullmatch(r"(\d{2}):?(\d{2}):?(\d{2})? ?([+-]\d{2}:?\d{2}|Z)?", time.strip(), re.ASCII)
    text = "-".join(day.groups())
    if not hour:
        return clocks.written(text)
    found = clocks.written(f"{text} {hour[1]}:{hour[2]}:{hour[3] or '00'}{hour[4] or ''}")
    return replace(found, offset=found.offset or None) if found else None
