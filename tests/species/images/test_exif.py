"""species.images.exif: what can be true is read, what cannot is absent, and nothing raises."""

import math
import struct
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from species.images import exif
from species.images.exif import Exif

Tag, GPS = ExifTags.Base, ExifTags.GPS

INNSBRUCK = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (47.0, 16.0, 5.25),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (11.0, 23.0, 35.7),
}


def block(main=None, detail=None, gps=None) -> bytes:
    written = Image.Exif()
    written.update(main or {})
    if detail:
        written.get_ifd(ExifTags.IFD.Exif).update(detail)
    if gps:
        written.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return written.tobytes()


def of(path) -> Exif:
    return replace(exif.read(Image.open(path).info.get("exif")), satellite_time=None)


def said(**claims) -> Exif:
    """What EXIF alone says."""
    if "observed_at" in claims:
        claims |= {"local_date": claims["observed_at"].date(), "time_source": "exif"}
    if "latitude" in claims:
        claims["place_source"] = "exif"
    return Exif(**claims)


def test_nothing_is_read_from_nothing():
    assert exif.read(None) == exif.read(b"") == Exif()
    assert Exif().orientation == 1


def test_all_that_a_phone_writes():
    raw = block(
        {Tag.Make: "Acme", Tag.Model: "Acme Brook 3", Tag.Orientation: 6},
        {
            Tag.DateTimeOriginal: "2015:10:10 14:03:22",
            Tag.SubsecTimeOriginal: "07",
            Tag.OffsetTimeOriginal: "+02:00",
        },
        INNSBRUCK | {GPS.GPSHPositioningError: 4.74, GPS.GPSAltitude: 574.2, GPS.GPSAltitudeRef: b"\x00"},
    )
    expected = said(
        observed_at=datetime(2015, 10, 10, 14, 3, 22, 70_000),
        utc_offset=120,
        latitude=47.2681250,
        longitude=11.3932500,
        accuracy_m=4.74,
        altitude=574.2,
        camera="Acme Brook 3",
        orientation=6,
    )
    assert exif.read(raw) == expected
    assert exif.read(raw.removeprefix(b"Exif\0\0")) == expected


# when ------------------------------------------------------------------------------------------------------


def test_the_date_nearest_to_the_shutter_wins():
    changed, digitised, taken = (f"201{year}:06:01 12:00:00" for year in (7, 6, 5))
    detail = {Tag.DateTimeDigitized: digitised, Tag.DateTimeOriginal: taken}
    main = {Tag.DateTime: changed, Tag.Model: "Brook 3"}
    assert exif.read(block(main, detail)).observed_at.year == 2015
    del detail[Tag.DateTimeOriginal]
    assert exif.read(block(main, detail)).observed_at.year == 2016
    assert exif.read(block(main)).observed_at.year == 2017


def test_without_a_camera_the_date_of_the_file_is_when_it_was_edited():
    editor = {Tag.DateTime: "2017:06:01 12:00:00", Tag.Software: "Retouch 3"}
    assert exif.read(block(editor)).observed_at is None
    gps = {GPS.GPSDateStamp: "2015:10:10", GPS.GPSTimeStamp: (12.0, 3.0, 20.0)}
    assert exif.read(block(editor, {}, gps)) == Exif(satellite_time=datetime(2015, 10, 10, 12, 3, 20))


def test_each_date_has_its_own_offset():
    raw = block(
        {Tag.DateTime: "2017:06:01 12:00:00", Tag.Make: "Acme"},
        {Tag.OffsetTime: "+09:00", Tag.DateTimeOriginal: "2015:06:01 12:00:00"},
    )
    assert exif.read(raw).utc_offset is None


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2015:13:01 12:00:00",
        "2015:02:30 12:00:00",
        "2015:02:03 24:61:00",
        "1600:01:01 00:00:00",
        "yesterday",
        "",
        "\0",
    ],
)
def test_a_date_that_cannot_be_is_passed_over(text):
    alone = exif.read(block({}, {Tag.DateTimeOriginal: text}))
    assert alone.observed_at is None and alone.utc_offset is None
    second = exif.read(block({}, {Tag.DateTimeOriginal: text, Tag.DateTimeDigitized: "2015:10:10 14:03:22"}))
    assert second.observed_at == datetime(2015, 10, 10, 14, 3, 22)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("+02:00", 120),
        ("-07:00", -420),
        ("+05:45", 345),
        ("+14:00", 840),
        ("Z", 0),
        ("+00:00", 0),
        ("+0200", 120),
        ("+15:00", None),
        ("-13:00", None),
        ("+02:75", None),
        ("02:00", None),
        ("CEST", None),
        ("", None),
    ],
)
def test_offsets(text, minutes):
    raw = block({}, {Tag.DateTimeOriginal: "2015:10:10 14:03:22", Tag.OffsetTimeOriginal: text})
    assert exif.read(raw).utc_offset == minutes


@pytest.mark.parametrize(
    ("local", "day", "clock", "minutes"),
    [
        ("14:03:22", "2015:10:10", (12, 3, 20), 120),
        ("14:03:22", "2015:10:10", (12, 7, 0), 120),  # a fix some minutes old
        ("23:30:00", "2015:10:11", (6, 30, 0), -420),  # the UTC day is the next one
        ("14:03:22", "2015:10:10", (8, 18, 22), 345),  # Nepal
        ("14:03:22", "2015:10:10", (12, 15, 0), None),  # 1 h 48 min: no zone, so the clocks disagree
        ("14:03:22", "2015:10:09", (12, 3, 20), None),  # 26 h
        ("14:03:22", "0000:00:00", (12, 3, 20), None),
        ("14:03:22", "2015:10:10", (25, 3, 20), None),
    ],
)
def test_the_satellites_clock_tells_the_zone(local, day, clock, minutes):
    gps = {GPS.GPSDateStamp: day, GPS.GPSTimeStamp: tuple(float(part) for part in clock)}
    found = exif.read(block({}, {Tag.DateTimeOriginal: f"2015:10:10 {local}"}, gps))
    assert found.observed_at.strftime("%H:%M:%S") == local
    assert found.utc_offset == minutes


def test_a_written_offset_outranks_the_satellites():
    gps = {GPS.GPSDateStamp: "2015:10:10", GPS.GPSTimeStamp: (12.0, 3.0, 20.0)}
    detail = {Tag.DateTimeOriginal: "2015:10:10 14:03:22", Tag.OffsetTimeOriginal: "+03:00"}
    assert exif.read(block({}, detail, gps)).utc_offset == 180


@pytest.mark.parametrize(
    ("clock", "longitude", "day"),
    [
        ((0.0, 0.0, 0.0), (121.0, 18.0, 0.0), date(2023, 5, 1)),  # 17:00 of the day before in Oregon
        ((23.0, 30.0, 0.0), (121.0, 18.0, 0.0), date(2023, 5, 2)),
        ((7.0, 30.0, 0.0), (121.0, 18.0, 0.0), None),  # about midnight there
        ((0.0, 0.0, 0.0), (175.0, 0.0, 0.0), None),  # by the date line neighbours keep different days
        ((0.0, 0.0, 0.0), None, None),
    ],
)
def test_the_satellites_clock_alone_gives_no_hour_and_a_day_only_where_every_zone_agrees(
    clock, longitude, day
):
    gps = {GPS.GPSDateStamp: "2023:05:02", GPS.GPSTimeStamp: clock}
    if longitude:
        gps |= {GPS.GPSLatitude: (44.0, 3.0, 0.0), GPS.GPSLatitudeRef: "N"}
        gps |= {GPS.GPSLongitude: longitude, GPS.GPSLongitudeRef: "W"}
    found = exif.read(block({}, {}, gps))
    assert (found.observed_at, found.utc_offset, found.local_date) == (None, None, day)
    assert found.time_source == (day and "gps")
    assert found.satellite_time == datetime(2023, 5, 2, *(int(part) for part in clock))


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2015-10-10", (12.0, 3.0, 20.0)),
        ("2015/10/10", (12.0, 3.0, 20.0)),
        ("2015:10:10 12:03:20", (12.0, 3.0, 20.0)),
        ("2015:10:10", (12.0, 2.0, 80.0 - 20.0)),  # 60 seconds
        ("2015:10:10", (12, 3, 20)),
    ],
)
def test_the_satellites_clock_in_other_forms(day, clock):
    found = exif.read(block({}, {}, {GPS.GPSDateStamp: day, GPS.GPSTimeStamp: clock}))
    expected = datetime(2015, 10, 10, 12, 3, 0 if clock[1] == 2.0 else 20)
    assert found == Exif(satellite_time=expected)


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("0000:00:00", (12.0, 3.0, 20.0)),
        ("", (12.0, 3.0, 20.0)),
        ("10:10:2015", (12.0, 3.0, 20.0)),
        ("20151010", (12.0, 3.0, 20.0)),
        ("1970:01:01", (0.0, 0.0, 0.0)),
        ("1980:01:06", (0.0, 3.0, 36.0)),
        ("2009:01:01", (0.0, 0.0, 0.0)),
        ("2567:10:10", (12.0, 3.0, 20.0)),
        ("2015:10:10", (24.0, 0.0, 0.0)),
        ("2015:10:10", (12.0, 60.0, 0.0)),
        ("2015:10:10", (12.0, 3.0, 61.0)),
        ("2015:10:10", (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))),
        ("2015:10:10", (12.0, 3.0, IFDRational(20, 0))),
        ("2015:10:10", (12.0, 3.0)),
        ("2015:10:10", None),
    ],
)
def test_what_is_no_time_of_the_satellites(day, clock):
    gps = {GPS.GPSDateStamp: day} | ({GPS.GPSTimeStamp: clock} if clock else {})
    assert exif.read(block({}, {}, gps)) == Exif()


def test_a_receiver_that_lost_count_of_the_weeks_gives_no_day():
    gps = INNSBRUCK | {GPS.GPSDateStamp: "1999:09:15", GPS.GPSTimeStamp: (10.0, 0.0, 0.0)}
    assert exif.read(block({}, {}, gps)).local_date is None


# where -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSLatitude: (47.0, IFDRational(0, 0), 5.0)},
        {GPS.GPSLatitude: (IFDRational(47, 0), 16.0, 5.0)},
        {GPS.GPSLongitude: (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLongitude: (180.0, 0.0, 1.0)},
        {GPS.GPSLatitude: (47.0, 61.0, 0.0)},
        {GPS.GPSLatitude: (47.0, 0.0, 61.0)},
        {GPS.GPSLatitude: (47.0, 16.0)},
        {GPS.GPSLatitude: 47.268125},
        {GPS.GPSLatitude: (17056881.853375, 0.0, 0.0)},
        {GPS.GPSLatitudeRef: "0"},
        {GPS.GPSLatitudeRef: "北"},
        {GPS.GPSLatitudeRef: "\0"},
        {GPS.GPSLatitudeRef: "E"},
        {GPS.GPSLongitudeRef: ""},
        {GPS.GPSLatitude: None},
        {GPS.GPSLatitudeRef: None},
        {GPS.GPSLongitude: None},
        {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
    ],
    ids=str,
)
def test_half_a_place_is_no_place(change):
    gps = {tag: value for tag, value in (INNSBRUCK | change).items() if value is not None}
    gps |= {GPS.GPSAltitude: 574.2, GPS.GPSHPositioningError: 5.0}
    assert exif.read(block({}, {}, gps)) == Exif()


@pytest.mark.parametrize(
    "change",
    [
        # other forms of the refs; minutes or degrees with decimals, the rest in zeros; a minute of 60 seconds
        {GPS.GPSLatitudeRef: "n", GPS.GPSLongitudeRef: "e"},
        {GPS.GPSLatitudeRef: "North", GPS.GPSLongitudeRef: "East"},
        {GPS.GPSLatitudeRef: "N\0", GPS.GPSLongitudeRef: " E"},
        {GPS.GPSLatitude: (47.0, 16.0875, 0.0)},
        {GPS.GPSLatitude: (47.268125, 0.0, 0.0)},
        {GPS.GPSLatitude: (47.0, 15.0, 60.0)},
        {GPS.GPSStatus: "V"},  # drones write it beside a good fix, and a camera without one writes no place
        {GPS.GPSMapDatum: "WGS-84"},
    ],
    ids=str,
)
def test_a_place_in_other_forms(change):
    found = exif.read(block({}, {}, INNSBRUCK | change))
    assert found.latitude == pytest.approx(47.268125, abs=0.02)
    assert found.longitude == 11.39325


def latitude_typed(kind: int, value: bytes, count: int) -> bytes:
    """A block whose latitude is of another TIFF type than the standard's; beside it N and 11° 23' 35.7" E."""
    east = struct.pack("<6I", 11, 1, 23, 1, 357, 10)
    start = 26 + 2 + 4 * 12 + 4
    entries = [
        (1, 2, 2, b"N\0\0\0"),
        (2, kind, count, struct.pack("<I", start + len(east))),
        (3, 2, 2, b"E\0\0\0"),
        (4, 5, 3, struct.pack("<I", start)),
    ]
    first = struct.pack("<HHHII", 1, GPS_DIRECTORY, 4, 1, 26) + bytes(4)
    gps = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHI", *each[:3]) + each[3] for each in entries
    )
    return b"II*\0\x08\0\0\0" + first + gps + bytes(4) + east + value


GPS_DIRECTORY = 0x8825
ASCII, SRATIONAL, DOUBLE = 2, 10, 12


@pytest.mark.parametrize(
    ("raw", "latitude"),
    [
        (latitude_typed(SRATIONAL, struct.pack("<6i", 47, 1, 16, 1, 525, 100), 3), 47.268125),
        (latitude_typed(DOUBLE, struct.pack("<3d", 47, 16, 5.25), 3), 47.268125),
        # below the equator by its sign and above by its ref: two places
        (latitude_typed(SRATIONAL, struct.pack("<6i", -47, 1, 16, 1, 525, 100), 3), None),
        (latitude_typed(SRATIONAL, struct.pack("<6i", 47, 1, -16, 1, 525, 100), 3), None),
        (latitude_typed(DOUBLE, struct.pack("<3d", 47, float("nan"), 5.25), 3), None),
        (latitude_typed(DOUBLE, struct.pack("<3d", float("inf"), 16, 5.25), 3), None),
        (latitude_typed(ASCII, b"47.268125\0", 10), None),
        (latitude_typed(ASCII, b"47,16,5.25\0", 11), None),
    ],
)
def test_a_place_in_other_types(raw, latitude):
    found = exif.read(raw)
    assert (found.latitude, found.longitude) == ((latitude, 11.39325) if latitude else (None, None))


@pytest.mark.parametrize(("known", "metres"), [(None, 600), (5.0, 600), (900.0, 900)])
def test_a_place_in_the_datum_of_japan_is_less_exact_than_it_looks(known, metres):
    gps = INNSBRUCK | {GPS.GPSMapDatum: "TOKYO"} | ({GPS.GPSHPositioningError: known} if known else {})
    assert exif.read(block({}, {}, gps)).accuracy_m == metres


@pytest.mark.parametrize(
    ("refs", "signs"), [("NE", (1, 1)), ("SE", (-1, 1)), ("NW", (1, -1)), ("sw", (-1, -1))]
)
def test_the_four_quarters_of_the_earth(refs, signs):
    gps = INNSBRUCK | {GPS.GPSLatitudeRef: refs[0], GPS.GPSLongitudeRef: refs[1]}
    found = exif.read(block({}, {}, gps))
    assert (found.latitude, found.longitude) == (signs[0] * 47.268125, signs[1] * 11.39325)


def test_the_equator_and_greenwich_are_places_one_at_a_time():
    found = exif.read(block({}, {}, INNSBRUCK | {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLatitudeRef: "S"}))
    assert (found.latitude, found.longitude) == (0, 11.39325)
    assert math.copysign(1, found.latitude) == 1


@pytest.mark.parametrize("metres", [0.0, 4e7, IFDRational(0, 0), IFDRational(5, 0)])
def test_an_accuracy_that_says_nothing_is_absent(metres):
    found = exif.read(block({}, {}, INNSBRUCK | {GPS.GPSHPositioningError: metres}))
    assert found.latitude is not None and found.accuracy_m is None


@pytest.mark.parametrize(
    ("metres", "ref", "altitude"),
    [
        (12.5, b"\x00", 12.5),
        (12.5, b"\x01", -12.5),
        (12.5, b"\x02", 12.5),
        (12.5, b"\x03", -12.5),
        (12.5, None, 12.5),
        (0.0, b"\x01", 0.0),
        (42949672.95, b"\x00", None),
        (IFDRational(5, 0), b"\x00", None),
    ],
)
def test_above_and_below_the_sea(metres, ref, altitude):
    gps = INNSBRUCK | {GPS.GPSAltitude: metres} | ({GPS.GPSAltitudeRef: ref} if ref else {})
    assert exif.read(block({}, {}, gps)).altitude == altitude


# camera, orientation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON", "COOLPIX P6000", "NIKON COOLPIX P6000"),
        ("Canon", "Canon EOS 7D", "Canon EOS 7D"),
        ("Acme\0\0\0rest", "  X1  ", "Acme X1"),
        ("Acme", "", "Acme"),
        ("", "X1\n\x07", "X1"),
        ("", "", None),
        ("A" * 300, "B", "A" * 100),
    ],
)
def test_camera(make, model, camera):
    assert exif.read(block({Tag.Make: make, Tag.Model: model})).camera == camera


@pytest.mark.parametrize(("written", "read"), [(0, 1), (1, 1), (6, 6), (8, 8), (9, 1), (65535, 1)])
def test_orientation(written, read):
    assert exif.read(block({Tag.Orientation: written})).orientation == read


# garbage ---------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw):
    exif.read(raw)
    exif.read(b"Exif\0\0II*\0\x08\0\0\0" + raw)


WHOLE = block(
    {Tag.Make: "Acme", Tag.Model: "Brook", Tag.DateTime: "2015:10:10 14:03:22"},
    {Tag.DateTimeOriginal: "2015:10:10 14:03:22", Tag.OffsetTimeOriginal: "+02:00"},
    INNSBRUCK | {GPS.GPSDateStamp: "2015:10:10", GPS.GPSTimeStamp: (12.0, 3.0, 20.0), GPS.GPSAltitude: 5.0},
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(6, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_never_raises_and_never_leaves_half_a_place(changes):
    raw = bytearray(WHOLE)
    for position, value in changes:
        raw[position] = value
    found = exif.read(bytes(raw))
    assert (found.latitude is None) == (found.longitude is None)
    if found.latitude is not None:
        assert abs(found.latitude) <= 90 and abs(found.longitude) <= 180
    assert found.orientation in range(1, 9)


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_a_block_cut_short_never_raises(length):
    exif.read(WHOLE[:length])


# real files ------------------------------------------------------------------------------------------------

NIKON = "NIKON COOLPIX P6000"
REAL = {
    # EXIF dates 2023-02-02 and -04-04, others in IPTC, XMP and the GPS day: the shutter's wins
    "metadata/dates/date-priority-test.jpg": said(observed_at=datetime(2023, 2, 2, 2)),
    "metadata/dates/datetimeoriginal-gps.jpg": said(
        observed_at=datetime(2025, 12, 1, 11, 30), latitude=39.0, longitude=-108.0
    ),
    # its time stands in XMP only
    "metadata/dates/gps-datetime.jpg": said(latitude=37.7749, longitude=-122.4194),
    # its time stands in IPTC only
    "metadata/dates/time-created.jpg": said(camera="Canon EOS R5"),
    "metadata/gps-position/empty_gps.jpg": said(
        observed_at=datetime(2025, 6, 1, 16, 59, 26, 23_460), camera="motorola moto g(9) plus"
    ),
    # only the satellites' clock
    "metadata/gps-position/thompson-springs.jpg": Exif(
        local_date=date(2022, 1, 10),
        time_source="gps",
        latitude=39.115,
        longitude=-108.4009683,
        place_source="exif",
        altitude=1483.9,
    ),
    "metadata/formats/denali.webp": said(
        observed_at=datetime(2010, 8, 13, 21, 0, 1, 850_000), camera="Canon EOS 7D"
    ),
    "metadata/formats/8bit-sRGB.avif": Exif(),
    # its GPS day is one ahead of the camera's
    "metadata/exif-samples/gps/DSCN0010.jpg": said(
        observed_at=datetime(2008, 10, 22, 16, 28, 39),
        latitude=43.4674483,
        longitude=11.8851267,
        camera=NIKON,
    ),
    "metadata/exif-samples/gps/DSCN0042.jpg": said(
        observed_at=datetime(2008, 10, 22, 17, 0, 7),
        latitude=43.464455,
        longitude=11.8814783,
        camera=NIKON,
    ),
    "metadata/nature/prairie_falcon.jpg": said(
        observed_at=datetime(2022, 3, 31, 11, 31, 56, 180_000), camera="Canon EOS R5"
    ),
    "metadata/nature/cyclamen_persicum.jpg": said(
        observed_at=datetime(2007, 12, 6, 14, 33, 18), camera="FUJIFILM FinePix S3Pro"
    ),
    "cameratrap/blank.jpg": said(
        observed_at=datetime(2016, 9, 25, 18, 35, 10), camera="RECONYX HC550 HYPERFIRE"
    ),
    "cameratrap/african_elephants_with_exif_orientation.jpg": said(
        observed_at=datetime(2010, 8, 4, 8, 43, 15), orientation=6
    ),
    "hostile/invalid-exif.jpg": Exif(),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files(sample_data, name):
    assert of(sample_data / name) == REAL[name]


def test_nine_photos_of_one_walk_lie_within_a_kilometre(sample_data):
    found = [of(path) for path in sorted((sample_data / "metadata/exif-samples/gps").glob("*.jpg"))]
    assert len(found) == 9
    assert all(43.46 < one.latitude < 43.47 and 11.87 < one.longitude < 11.89 for one in found)
    assert [one.observed_at for one in found] == sorted(one.observed_at for one in found)


def test_the_invalid_samples_say_nothing(sample_data):
    files = sorted((sample_data / "metadata/exif-samples/invalid").glob("*.jpg"))
    assert len(files) == 7
    assert all(of(path) == Exif() for path in files)


@pytest.mark.parametrize("orientation", range(9))
def test_the_orientation_samples(sample_data, orientation):
    assert of(sample_data / f"orientation/Landscape_{orientation}.jpg").orientation == max(orientation, 1)
