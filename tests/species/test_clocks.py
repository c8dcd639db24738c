"""species.clocks: every form of a date and a zone that is known to be written is read, or refused, on purpose."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species import clocks
from species.clocks import Clock

AT = datetime(2015, 10, 10, 14, 3, 22)
DAY = AT.date()

# `docs/metadata.md` says the same in words, with where each was reported.
WRITTEN = {
    # as the standards have it
    "2015:10:10 14:03:22": Clock(DAY, AT),
    "2015-10-10T14:03:22": Clock(DAY, AT),
    "2015-10-10T14:03:22+02:00": Clock(DAY, AT, 120),
    "2015-10-10T14:03:22Z": Clock(DAY, AT, 0),
    "2015-10-10T14:03": Clock(DAY, AT.replace(second=0)),
    "2015-10-10": Clock(DAY),
    # other separators, spaces for zeros, fractions
    "2015/10/10 14:03:22": Clock(DAY, AT),
    "2015.10.10 14:03:22": Clock(DAY, AT),
    "2015:10:10T14:03:22": Clock(DAY, AT),
    "2015: 1: 2  9: 3: 4": Clock(date(2015, 1, 2), datetime(2015, 1, 2, 9, 3, 4)),
    "2015:1:2 9:3:4": Clock(date(2015, 1, 2), datetime(2015, 1, 2, 9, 3, 4)),
    "2015:10:10 14:03:22.07": Clock(DAY, AT.replace(microsecond=70_000)),
    "2015-10-10T14:03:22,123456789": Clock(DAY, AT.replace(microsecond=123_456)),
    "2015:10:10 14:03:22.": Clock(DAY, AT),
    "  2015:10:10 14:03:22  ": Clock(DAY, AT),
    # a zone behind the time, where EXIF has none
    "2015:10:10 14:03:22+0000": Clock(DAY, AT, 0),
    "2015:10:10 14:03:22 -05:00": Clock(DAY, AT, -300),
    "2015-10-10T14:03:22.001Z": Clock(DAY, AT.replace(microsecond=1000), 0),
    "2015:10:10 14:03:22 UTC": Clock(DAY, AT, 0),
    # a zone that cannot be, a name of one, any other remark: the hour without a zone
    "2015:10:10 14:03:22+14:45": Clock(DAY, AT),
    "2015:10:10 14:03:22+00:47": Clock(DAY, AT),
    "2015:10:10 14:03:22-00:00": Clock(DAY, AT),
    "2015:10:10 14:03:22 CEST": Clock(DAY, AT),
    "2015:10:10 14:03:22 DST": Clock(DAY, AT),
    # twelve hours
    "2015:10:10 02:03:22 PM": Clock(DAY, AT),
    "2015:10:10 2:03:22 p.m.": Clock(DAY, AT),
    "2015:10:10 14:03:22 PM": Clock(DAY, AT),
    "2015:10:10 12:03:22 am": Clock(DAY, AT.replace(hour=0)),
    "2015:10:10 12:03:22 pm": Clock(DAY, AT.replace(hour=12)),
    "2015:10:10 14:03:22 AM": None,
    "2015:10:10 00:03:22 PM": None,
    "2015:10:10 2:03:22 下午": None,
    "2015:10:10 下午2:03:22": None,
    # the first hour of the day counted as its twenty-fourth; a leap second
    "2015:10:10 24:04:20": Clock(DAY, datetime(2015, 10, 10, 0, 4, 20)),
    "2015:10:10 24:00:00": Clock(DAY, datetime(2015, 10, 10)),
    "2016:12:31 23:59:60": Clock(date(2017, 1, 1), datetime(2017, 1, 1)),
    # digits of another script
    "٢٠١٥:١٠:١٠ ١٤:٠٣:٢٢": Clock(DAY, AT),
    "２０１５：１０：１０": None,
    # the time left blank: a day is a day
    "2015:10:10": Clock(DAY),
    "2015:10:10   :  :  ": Clock(DAY),
    "2015:10:10 ": Clock(DAY),
    "2015:10:10T": Clock(DAY),
    # nothing was known
    "": None,
    "    :  :     :  :  ": None,
    "0000:00:00 00:00:00": None,
    "0000-00-00T00:00:00": None,
    "0001:01:01 00:00:00": None,
    "----:--:-- --:--:--": None,
    "Invalid date": None,
    "null": None,
    # a clock that counts from nothing
    "1904:01:01 00:00:00": None,
    "1970:01:01 00:00:00": None,
    "1970-01-01T00:00:00Z": None,
    "1980:01:01 00:00:00": None,
    "1980:01:06 00:00:00": None,
    "1970:01:01": None,
    "1970:01:01 01:00:00": Clock(date(1970, 1, 1), datetime(1970, 1, 1, 1)),
    # not the calendar, not a year, not this order
    "2567:10:10 14:03:22": None,
    "1394:07:18 14:03:22": None,
    "0027:10:10 14:03:22": None,
    "15:10:10 14:03:22": None,
    "10/10/2015 14:03:22": None,
    "10.10.2015": None,
    "Sat Oct 10 14:03:22 2015": None,
    # a day or an hour that is none, or half of one
    "2015:02:30 12:00:00": None,
    "2015:13:01 12:00:00": None,
    "2015:02:03 24:61:00": None,
    "2015:10:10 99:99:99": None,
    "2015:10:10 14": None,
    "2015:10:10 14h03": None,
    "2015:10:10 14.03.22": None,
    "2015:10:101 14:03:22": None,
    "2015": None,
    "2015-10": None,
    "2015:00:00 12:00:00": None,
    "2015-W41-6": None,
    "2015-283": None,
    "20151010": None,
    "20151010T140322": None,
    "1444485802": None,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_cameras_and_programs_write(text):
    assert clocks.written(text) == WRITTEN[text]


@given(st.text(max_size=40) | st.from_regex(r"\d{1,5}[:/-]\d{1,3}[:/-]\d{1,3}[ T]?\d{0,3}:?\d{0,3}.{0,8}"))
def test_whatever_is_written_is_read_or_refused(text):
    found = clocks.written(text)
    if found is not None:
        assert clocks.EARLIEST_YEAR <= found.day.year <= clocks.LATEST_YEAR + 1
        assert found.at is None or (found.at.date() == found.day and found.at.tzinfo is None)
        assert found.offset is None or found.at is not None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("+02:00", 120),
        ("-07:00", -420),
        ("+0200", 120),
        ("+02", 120),
        ("+2", 120),
        ("-5:00", -300),
        ("+02:00:00", 120),
        ("\N{MINUS SIGN}07:00", -420),
        ("Z", 0),
        ("z", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("+00:00", 0),
        ("+05:45", 345),
        ("+12:45", 765),
        ("+14:00", 840),
        ("-12:00", -720),
        ("-00:00", None),
        ("-0000", None),
        ("-0", None),
        ("+14:45", None),
        ("-12:30", None),
        ("+24:00", None),
        ("+02:75", None),
        ("+00:47", None),
        ("+02:15", None),
        ("02:00", None),
        ("+120", None),
        ("+2:0", None),
        ("UTC+2", None),
        ("CEST", None),
        ("    :  ", None),
        ("", None),
    ],
)
def test_zones(text, minutes):
    assert clocks.offset(text) == minutes


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024-01-01", date(2024, 1, 1)),
        (" 2024-01-01 ", date(2024, 1, 1)),
        ("2024-01-01T10:00", datetime(2024, 1, 1, 10)),
        ("2024-01-01 10:00:30", datetime(2024, 1, 1, 10, 0, 30)),
        ("2024-01-01T10:00:30,5Z", datetime(2024, 1, 1, 10, 0, 30, 500_000, UTC)),
        ("2024-01-01t10:00z", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("2024-01-01T10:00+02", datetime(2024, 1, 1, 10, tzinfo=clocks.zone(120))),
        ("2024-01-01T10:00 +0200", datetime(2024, 1, 1, 10, tzinfo=clocks.zone(120))),
        ("2024-01-01T00:00", datetime(2024, 1, 1)),
    ],
)
def test_what_people_and_programs_say(text, read):
    assert clocks.parse(text) == read
    assert type(clocks.parse(text)) is type(read)


@pytest.mark.parametrize(
    "text",
    ["", "2024", "2024-01", "2024-1-1", "20240101", "2024-W01-1", "2024-001", "2024-02-30", "2024-01-01T10",
     "2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T23:59:60Z", "2024-01-01T10:00+25:00", "10:00",
     "2024-01-01T10:00:00 PM", "2024:01:01 10:00:00", "01/02/2024", "٢٠٢٤-٠١-٠١", "2024-01-01T", "now", "1704103200"],
)  # fmt: skip
def test_what_is_not_said_clearly_is_asked_again(text):
    with pytest.raises(ValueError):
        clocks.parse(text)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.none() | st.integers(-840, 840))
def test_what_leaves_is_read_again_as_the_same(wall, offset):
    instant = wall.replace(tzinfo=clocks.zone(offset or 0))
    text = clocks.text(instant, offset)
    assert text.endswith("Z") == (offset is not None)
    again = clocks.parse(text)
    assert again == (instant if offset is not None else wall)


@pytest.mark.parametrize(
    ("offset", "longitude", "far"),
    [
        (120, -118.25, True),  # home time in Los Angeles
        (0, -118.25, True),  # UTC there
        (-420, -118.25, False),
        (-480, -118.25, False),
        (480, 75.99, False),  # Kashgar keeps Beijing's time
        (120, -8.5, False),  # Galicia in summer
        (-180, -69.2, False),  # Ushuaia, an hour and a half ahead of its sun
        (840, -157.4, False),  # Kiritimati, a day ahead of its sun
        (780, -171.8, False),  # Samoa
        (-600, 172.9, False),  # Attu, a day behind
        (-660, 178.0, False),
        (840, 0.0, True),
        (181, 0.0, True),
        (180, 0.0, False),
        (None, 0.0, False),
        (120, None, False),
    ],
)
def test_far_from_the_sun(offset, longitude, far):
    assert clocks.far_from_the_sun(offset, longitude) is far


def test_a_clock_on_the_satellites_time_is_in_doubt_only_far_from_greenwich():
    assert clocks.doubt(AT, -420, -118.25, AT + timedelta(seconds=20)) == "utc"
    assert clocks.doubt(AT, -420, -118.25, AT + timedelta(hours=7)) == ""
    assert clocks.doubt(AT, 60, 11.4, AT) == ""
    assert clocks.doubt(AT, 0, -118.25, AT) == "zone"
    assert clocks.doubt(None, -420, -118.25, AT) == clocks.doubt(AT, -420, None, AT) == ""


@given(
    st.datetimes(datetime(2002, 1, 1), datetime(2100, 1, 1)),
    st.floats(-180, 180),
    st.integers(-75, 195),
)
def test_a_day_is_told_only_where_no_clock_on_the_wall_would_show_another(utc, longitude, ahead):
    day = clocks.day_there(utc, longitude)
    if day is not None:
        assert (utc + timedelta(minutes=clocks.sun(longitude) + ahead)).date() == day


@given(st.dates(date(1826, 1, 1), date(2200, 12, 31)), st.sampled_from(clocks.PRECISIONS))
def test_what_is_told_of_a_day_is_a_function_of_what_is_told(day, precision):
    first, last = clocks.span(day, precision)
    assert first <= day <= last and clocks.span(first, precision) == clocks.span(last, precision) == (
        first,
        last,
    )
    assert precision == "month" or first == last
    at = datetime(day.year, day.month, day.day, 14, 3, tzinfo=UTC)
    told = clocks.told(at, 0, day, precision)
    if precision == "exact":
        assert (told.at, told.offset, told.day, told.text) == (at, 0, day, f"{day}T14:03:00Z")
    else:
        assert told == clocks.told(at + timedelta(hours=3), None, last, precision)
        assert (told.at, told.offset, told.day) == (None, None, day if precision == "day" else None)
        assert told.text == (str(day) if precision == "day" else str(day)[:7])


def test_of_no_time_nothing_is_told():
    for precision in clocks.PRECISIONS:
        told = clocks.told(None, None, None, precision)
        assert (told.text, told.day, told.month) == ("", None, None)
    assert clocks.coarsest("day", "exact", "month", "day") == "month"
