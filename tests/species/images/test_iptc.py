"""species.images.iptc: the day and the hour of an agency's record, its zone only where somebody knew it."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.clocks import Clock
from species.images import exif, iptc
from species.images.iptc import Iptc

DAY, AT = date(2022, 1, 10), datetime(2022, 1, 10, 15, 15, 44)


def block(records: dict[int, bytes], charset: bytes = b"") -> bytes:
    def one(record: int, number: int, value: bytes) -> bytes:
        return bytes([0x1C, record, number]) + len(value).to_bytes(2, "big") + value

    return (one(1, 90, charset) if charset else b"") + b"".join(
        one(2, number, value) for number, value in records.items()
    )


@pytest.mark.parametrize(
    ("day", "hour", "clock"),
    [
        (b"20220110", b"151544-0400", Clock(DAY, AT, -240)),
        (b"20220110", b"151544+0545", Clock(DAY, AT, 345)),
        # the standard wants a zone, so those who know none write this one
        (b"20220110", b"151544+0000", Clock(DAY, AT)),
        (b"20220110", b"151544-0000", Clock(DAY, AT)),
        (b"20220110", b"151544", Clock(DAY, AT)),
        (b"20220110", b"15:15:44-04:00", Clock(DAY, AT, -240)),
        (b"20220110", b"1515", Clock(DAY, AT.replace(second=0))),
        (b"2022-01-10", b"151544", Clock(DAY, AT)),
        (b"2022:01:10", b"151544", Clock(DAY, AT)),
        (b"20220110", b"", Clock(DAY)),
        (b"20220110", b"noon", Clock(DAY)),
        (b"20220110", b"256199+0000", None),
        (b"20220000", b"151544", None),
        (b"00000000", b"000000", None),
        (b"19700101", b"000000+0000", None),
        (b"2022", b"151544", None),
        (b"", b"151544-0400", None),
        (b"10012022", b"", None),
    ],
)
def test_dates(day, hour, clock):
    assert iptc.read(block({55: day, 60: hour})).clock == clock
    assert iptc.read(block({62: day, 63: hour})).clock == clock, (
        "when it was digitised, where nothing else is said"
    )


def test_made_comes_before_digitised():
    assert iptc.read(block({55: b"20220110", 62: b"20230110"})).clock == Clock(DAY)


def test_place_names_in_two_alphabets_of_bytes():
    names = {92: "Köhlbrand", 90: "Hamburg", 95: "Hamburg", 101: "Deutschland"}
    for encoding, charset in (("utf-8", iptc.UTF8), ("utf-8", b""), ("latin-1", b"")):
        records = {number: name.encode(encoding) for number, name in names.items()}
        assert iptc.read(block(records, charset)).place_name == "Köhlbrand, Hamburg, Deutschland"


def test_exif_and_xmp_are_asked_before():
    records = block({55: b"20220110", 60: b"151544-0400", 90: b"Moab"})
    found = exif.read(None, None, records)
    assert (found.observed_at, found.utc_offset, found.time_source) == (AT, -240, "iptc")
    assert (found.place_name, found.place_source, found.latitude) == ("Moab", None, None)


def test_an_hour_of_another_day_is_not_that_of_a_day_known_before():
    packet = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
        'xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:DateCreated="{}"/></r:RDF>'
    )
    records = block({55: b"20220110", 60: b"151544"})
    same, other = (exif.read(None, packet.format(day), records) for day in ("2022-01-10", "2022-01-09"))
    assert (same.observed_at, same.time_source) == (AT, "iptc")
    assert (other.observed_at, other.local_date, other.time_source) == (None, date(2022, 1, 9), "xmp")


@pytest.mark.parametrize(
    "data", [None, b"", b"\x1c", b"\x1c\x02\x37\xff\xff20220110", "20220110", b"20220110"]
)
def test_what_are_no_records_says_nothing(data):
    assert iptc.read(data) == Iptc()


@given(st.binary(max_size=200))
def test_garbage_never_raises(data):
    iptc.read(data)
    iptc.read(b"\x1c\x02\x37" + data)
