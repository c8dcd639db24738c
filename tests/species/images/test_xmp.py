"""species.images.xmp: of a stranger's XML the picture's own dates and places, and nothing raises."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species.clocks import Clock
from species.images import exif, xmp
from species.images.xmp import Xmp
from tests.species.images.pictures import xmp_of_a_drawing

NAMES = {
    "rdf": xmp.RDF,
    "exif": xmp.EXIF,
    "photoshop": xmp.PHOTOSHOP,
    "xmp": xmp.BASIC,
    "tiff": xmp.TIFF,
    "Iptc4xmpCore": xmp.IPTC,
    "Iptc4xmpExt": xmp.EXTENSION,
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
SPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
AT = datetime(2019, 2, 25, 4, 19, 21)


def packet(inside: str = "", before: str = "", **attributes: str) -> bytes:
    said = " ".join(f'{name.replace("_", ":", 1)}="{value}"' for name, value in attributes.items())
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {SPACES}><rdf:Description rdf:about="" {said}>'
        f"{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def place(latitude: str, longitude: str, **more: str) -> tuple[float | None, float | None]:
    found = xmp.read(packet(exif_GPSLatitude=latitude, exif_GPSLongitude=longitude, **more))
    return found.latitude, found.longitude


def test_attributes_elements_and_lists_say_the_same():
    as_attribute = packet(photoshop_DateCreated="2019-02-25T04:19:21+03:00")
    as_element = packet("<photoshop:DateCreated>2019-02-25T04:19:21+03:00</photoshop:DateCreated>")
    as_list = packet(
        "<photoshop:DateCreated><rdf:Seq><rdf:li>2019-02-25T04:19:21+03:00</rdf:li><rdf:li>2020-01-01</rdf:li>"
        "</rdf:Seq></photoshop:DateCreated>"
    )
    for each in (as_attribute, as_element, as_list, as_attribute.decode(), as_attribute + b"\0" * 9):
        assert xmp.read(each).clock == Clock(AT.date(), AT, 180)


@pytest.mark.parametrize(
    ("said", "clock"),
    [
        ({"exif_DateTimeOriginal": "2019-02-25T04:19:21", "photoshop_DateCreated": "2018-01-01"}, (AT, None)),
        ({"exif_DateTimeOriginal": "2019:02:25 04:19:21"}, (AT, None)),  # as darktable and exiv2 write it
        ({"exif_DateTimeOriginal": "", "photoshop_DateCreated": "2019-02-25T04:19:21Z"}, (AT, 0)),
        ({"photoshop_DateCreated": "2019-02-25"}, (None, None)),
        # when the file was first written is when the shutter was, if there was one
        ({"xmp_CreateDate": "2019-02-25T04:19:21", "tiff_Model": "Brook 3"}, (AT, None)),
        ({"exif_DateTimeDigitized": "2019-02-25T04:19:21", "tiff_Make": "Acme"}, (AT, None)),
    ],
    ids=str,
)
def test_dates(said, clock):
    assert xmp.read(packet(**said)).clock == Clock(AT.date(), *clock)


@pytest.mark.parametrize(
    "said",
    [
        {"xmp_CreateDate": "2019-02-25T04:19:21"},
        {"xmp_ModifyDate": "2019-02-25T04:19:21", "tiff_Model": "Brook 3"},
        {"xmp_MetadataDate": "2019-02-25T04:19:21", "tiff_Model": "Brook 3"},
        {"photoshop_DateCreated": "1978"},
        {"photoshop_DateCreated": "1978-05"},
        {"photoshop_DateCreated": "1978-00-00"},
        {"photoshop_DateCreated": "2019-02-25T04:19:21" + " " * 300},
    ],
    ids=str,
)
def test_what_says_nothing_of_the_shutter(said):
    assert xmp.read(packet(**said)) == Xmp()


@pytest.mark.parametrize("name", ["exif:DateTimeOriginal", "exif:GPSLatitude"])
@pytest.mark.parametrize(
    "around",
    [
        "<xmpMM:DerivedFrom><rdf:Description>{}</rdf:Description></xmpMM:DerivedFrom>",
        "<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>{}</rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>",
        "<xmpMM:History><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></xmpMM:History>",
        "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>",
    ],
)
def test_other_pictures_and_other_times_in_the_packet_are_not_this_one(name, around):
    value = {"exif:DateTimeOriginal": "2019-02-25T04:19:21", "exif:GPSLatitude": "43,4.58404N"}[name]
    inside = around.format(f"<{name}>{value}</{name}>")
    assert xmp.read(packet(inside, exif_GPSLongitude="79,4.62021W")) == Xmp()


@pytest.mark.parametrize(
    ("latitude", "longitude", "more", "found"),
    [
        ("43,4.58404N", "79,4.62021W", {}, (43.0764007, -79.0770035)),
        ("43,4,35.04N", "79,4,37.21W", {}, (43.0764, -79.0770028)),
        ("43,4.58404S", "79,4.62021E", {}, (-43.0764007, 79.0770035)),
        ("43,4.58404n", "79,4.62021w", {}, (43.0764007, -79.0770035)),
        ("43.0764N", "79.0770W", {}, (43.0764, -79.077)),
        ("0,0N", "79,4.62021W", {}, (0.0, -79.0770035)),
        # the side in a property of its own, as some exporters of photo libraries have it
        ("43.0764", "79.0770", {"exif_GPSLatitudeRef": "N", "exif_GPSLongitudeRef": "W"}, (43.0764, -79.077)),
        (
            "43,4.58404",
            "79,4.62021",
            {"exif_GPSLatitudeRef": "North", "exif_GPSLongitudeRef": "west"},
            (43.0764007, -79.0770035),
        ),
        ("43,4.58404N", "79,4.62021W", {"exif_GPSLatitudeRef": "N"}, (43.0764007, -79.0770035)),
        # or in the sign
        ("43.0764", "-79.0770", {}, (43.0764, -79.077)),
        ("-43.0764", "-79.0770", {"exif_GPSLatitudeRef": "S"}, (-43.0764, -79.077)),
        # two places to choose from
        ("43.0764", "79.0770", {}, None),
        ("43,4.58404N", "79,4.62021W", {"exif_GPSLatitudeRef": "S"}, None),
        ("-43.0764N", "79.0770W", {}, None),
        ("43,4.58404E", "79,4.62021W", {}, None),
        ("43,4.58404", "79,4.62021W", {}, None),
        # written with another country's comma, rationals, words, beyond the Earth, no fix
        ("50,53,691734,N", "14,33,087680,E", {}, None),
        ("50,53,691734N", "14,33,087680E", {}, None),
        ("43/1,4/1,35/1N", "79/1,4/1,37/1W", {}, None),
        ("43 deg 4' 35.04\" N", "79 deg 4' 37.21\" W", {}, None),
        ("91,0N", "79,4.62021W", {}, None),
        ("43,61N", "79,4.62021W", {}, None),
        ("43,4.58404N", "180,0.1W", {}, None),
        ("0,0N", "0,0E", {}, None),
        ("nanN", "nanE", {}, None),
        ("43,4.58404N", "", {}, None),
        ("", "", {}, None),
    ],
)
def test_places(latitude, longitude, more, found):
    assert place(latitude.replace('"', "&quot;"), longitude.replace('"', "&quot;"), **more) == (
        found or (None, None)
    )


def test_where_the_camera_stood_as_a_structure():
    inside = (
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<exif:GPSLatitude>43,4.58404N</exif:GPSLatitude><exif:GPSLongitude>79,4.62021W</exif:GPSLongitude>"
        "</rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>"
    )
    found = xmp.read(packet(inside))
    assert (found.latitude, found.longitude) == (43.0764007, -79.0770035)


@pytest.mark.parametrize(
    ("said", "metres"),
    [("574/1", 574), ("1148/2", 574), ("574.2", 574.2), ("0/1", 0), ("5742/0", None), ("high", None),
     ("4294967295/1", None)],
)  # fmt: skip
def test_altitude_and_accuracy(said, metres):
    here = {"exif_GPSLatitude": "43,4.58404N", "exif_GPSLongitude": "79,4.62021W"}
    found = xmp.read(packet(exif_GPSAltitude=said, exif_GPSHPositioningError=said, **here))
    assert found.altitude == metres
    assert found.accuracy_m == (metres or None)
    below = xmp.read(packet(exif_GPSAltitude=said, exif_GPSAltitudeRef="1", **here))
    assert below.altitude == (metres and -metres)
    assert xmp.read(packet(exif_GPSAltitude=said)).altitude is None, "only with a place"


def test_the_satellites_clock_is_utc_whether_it_says_so_or_not():
    for text in ("2023-11-15T12:30:00Z", "2023-11-15T12:30:00", "2023-11-15T14:30:00+02:00"):
        assert xmp.read(packet(exif_GPSTimeStamp=text)).satellites == datetime(2023, 11, 15, 12, 30)
    for text in ("12:30:00", "2009-01-01T00:00:00Z", "1999-08-22T12:30:00Z", "1970-01-01T00:00:00Z"):
        assert xmp.read(packet(exif_GPSTimeStamp=text)).satellites is None


def test_the_place_has_a_name_in_words():
    said = packet(
        Iptc4xmpCore_Location="Ferry&#10;landing",
        photoshop_City="Thompson Springs",
        photoshop_State="Utah",
        photoshop_Country="Utah",
    )
    assert xmp.read(said).place_name == "Ferry landing, Thompson Springs, Utah"


def test_exif_is_asked_first_and_what_it_lacks_is_named_after_who_said_it():
    said = packet(
        exif_GPSLatitude="43,4.58404N", exif_GPSLongitude="79,4.62021W", photoshop_DateCreated="2019-02-25"
    )
    found = exif.read(None, said)
    assert (found.time_source, found.place_source, found.local_date) == ("xmp", "xmp", AT.date())
    assert (found.observed_at, found.utc_offset) == (None, None)


def test_the_hour_of_xmp_and_the_satellites_clock_give_the_zone():
    said = packet(exif_DateTimeOriginal="2019-02-25T04:19:21", exif_GPSTimeStamp="2019-02-25T01:19:20Z")
    assert exif.read(None, said).utc_offset == 180


# strangers' XML --------------------------------------------------------------------------------------------

DATED = packet(photoshop_DateCreated="2019-02-25")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'.encode() + DATED,
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + DATED,
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + DATED,
        DATED.replace(b"2019-02-25", b"&e;"),
        DATED[:-20],
        DATED.replace(b"<rdf:RDF", b"<rdf:RDF" + b" " * xmp.MAX_BYTES),
        b"<a>" * 100_000,
        b'<a xmlns:p="x:' + b"u" * 250_000 + b'">' + b"<p:b/>" * 40_000 + b"</a>",
        b"\xff\xfe<\0x\0",
        b'<?xml version="1.0" encoding="no-such"?>' + DATED,
        b"<x:xmpmeta/>",
        b"\0\0\0",
        b"",
        None,
        7,
    ],
    ids=lambda data: repr(data)[:40],
)
def test_what_is_no_packet_or_a_trap_says_nothing(data):
    assert xmp.read(data) == Xmp()


@given(st.binary(max_size=300))
def test_garbage_never_raises(data):
    xmp.read(data)
    xmp.read(DATED[:120] + data + DATED[120:])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(DATED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_never_raises(changes):
    data = bytearray(DATED)
    for position, value in changes:
        data[position] = value
    found = xmp.read(bytes(data))
    assert (found.latitude is None) == (found.longitude is None)


@pytest.mark.parametrize("kind", xmp.NOT_TAKEN)
def test_an_image_that_no_camera_took_says_so(kind):
    assert xmp.says_drawn(xmp_of_a_drawing(kind))
    assert xmp.says_drawn(xmp_of_a_drawing(kind).decode())


@pytest.mark.parametrize(
    "packet", [None, b"", "", b"\xff\xfe<", xmp_of_a_drawing("digitalCapture"), b"algorithmicMedia"]
)
def test_everything_else_is_a_photograph(packet):
    assert not xmp.says_drawn(packet)
