"""Darwin Core Archives: what the guide to their text says is read, and what cannot be believed is refused in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from labeling.imports.collection import Unreadable
from labeling.imports.readers import read

Files = dict[str, str]
DWC, DC, AC = "http://rs.tdwg.org/dwc/terms/", "http://purl.org/dc/terms/", "http://rs.tdwg.org/ac/terms/"
CORE = (
    *("basisOfRecord", "eventDate", "decimalLatitude", "decimalLongitude", "geodeticDatum"),
    *("coordinateUncertaintyInMeters", "dataGeneralizations", "informationWithheld", "scientificName"),
    *("scientificNameAuthorship", "individualCount", "occurrenceStatus", "identificationQualifier"),
)
AUTHOR = "Linnaeus, 1758"
HERE = "47.25\t11.35\tWGS84\t6721"
PUBLIC_DOMAIN, BY = (
    "http://creativecommons.org/publicdomain/zero/1.0/",
    "https://creativecommons.org/licenses/by/4.0/",
)
GOOD: Files = {
    "meta.xml": f"""<?xml version="1.0"?>
<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">
  <core rowType="{DWC}Occurrence" encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n"
   fieldsEnclosedBy="" ignoreHeaderLines="1">
    <files><location>occurrence.txt</location></files>
    <id index="0"/>
    {"".join(f'<field index="{at}" term="{DWC}{name}"/>' for at, name in enumerate(CORE, start=1))}
    <field term="{DC}rightsHolder" default="The museum"/>
  </core>
  <extension rowType="{AC}Multimedia" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy=""
   ignoreHeaderLines="1">
    <files><location>media.txt</location></files>
    <coreid index="0"/>
    <field index="1" term="{DC}identifier"/>
    <field index="2" term="{AC}accessURI"/>
    <field index="3" term="{DC}type"/>
    <field index="4" term="{DC}license"/>
    <field index="5" term="{DC}creator"/>
    <field index="6" term="{AC}isROIOf"/>
    <field index="7" term="{AC}xFrac"/>
    <field index="8" term="{AC}yFrac"/>
    <field index="9" term="{AC}widthFrac"/>
    <field index="10" term="{AC}heightFrac"/>
    <field index="11" term="{AC}hashFunction" default="SHA-256"/>
    <field index="12" term="{AC}hashValue"/>
  </extension>
  <extension rowType="{DWC}MeasurementOrFact" fieldsTerminatedBy="," ignoreHeaderLines="0">
    <files><location>measured.csv</location></files>
    <coreid index="0"/>
    <field index="1" term="{DWC}measurementType"/>
    <field index="2" term="{DWC}measurementValue"/>
    <field term="{DWC}measurementUnit" default="cm"/>
  </extension>
  <extension rowType="http://rs.gbif.org/terms/1.0/Reference"><files><location>gone.txt</location></files></extension>
</archive>""",
    "occurrence.txt": "\n".join(
        [
            "id\t" + "\t".join(CORE),
            f"A\tHumanObservation\t2015-04-13T16:52:29Z\t{HERE}\tTo a grid\t\tSalmo trutta\t{AUTHOR}\t1\tpresent\t",
            f"B\tHUMAN_OBSERVATION\t2015-04-14/2015-04-14\t{HERE}\t\t\tThymallus thymallus\t\t\t\t",
            "C\tMachineObservation\t\t\t\t\t\t\tNobody is told\tHucho hucho\t\t\t\t",
            "",
        ]
    ),
    "media.txt": "\n".join(
        [
            "coreid\tidentifier\taccessURI\ttype\tlicense\tcreator\troi\tx\ty\tw\th\tfunction\thash",
            f"A\turn:a1\timages/a1.jpg\tStillImage\t{BY}\tAnn\t\t\t\t\t\t\t{'0' * 64}",
            f"A\turn:a1#part\timages/a1.jpg\tStillImage\t{BY}\tAnn\turn:a1\t0.25\t0.2\t0.5\t0.4\t\t",
            f"A\turn:a2\thttps://example.org/photos/a2.jpg?v=1\t\t{BY}\t\t\t\t\t\t\t\t",
            "B\turn:b1\thttps://example.org/photos/17/original.jpg\tStillImage\tCC_BY_NC_4_0\tBen\t\t\t\t\t\tMD5\tabc",
            f"C\turn:c1\timages/c1.JPG\tStillImage\t{PUBLIC_DOMAIN}\t\t\t\t\t\t\t\t",
            "",
        ]
    ),
    "measured.csv": 'A,"Total length",47\nA,weight,950\n',
}
PHOTOS = ("images/a1.jpg", "example.org/photos/a2.jpg", "17.jpg", "images/c1.jpg")


def write(folder: Path, files: Files, photos: tuple[str, ...] = PHOTOS, encoding: str = "utf-8") -> Path:
    for name in photos:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def test_everything_that_is_read(tmp_path):
    found = read(write(tmp_path, GOOD))
    assert found.problems == [] and found.rows == 4
    a, b, c = found.sightings
    assert (a.key, a.name, a.length_mm, a.recorded_by) == ("A", "Salmo trutta", 470, "")
    assert a.fields == {
        "observed_at": datetime(2015, 4, 13, 16, 52, 29, tzinfo=UTC),
        "latitude": 47.25,
        "longitude": 11.35,
        "uncertainty_m": 6721,
        "place_source": "map_pin",
        "privacy": "generalized",
    }
    first, second = a.photos
    assert first.key == "images/a1.jpg" and first.path.read_bytes() == b"images/a1.jpg"
    assert first.box == pytest.approx((0.25, 0.2, 0.5, 0.4)) and second.box is None
    assert (first.sha256, first.licence, first.credit) == ("0" * 64, "CC-BY-4.0", "Ann")
    assert (second.key, second.credit) == ("example.org/photos/a2.jpg", "The museum")
    assert b.fields["local_date"] == date(2015, 4, 14) and b.fields["privacy"] == "open"
    assert (b.photos[0].key, b.photos[0].licence, b.photos[0].sha256) == ("17.jpg", "CC-BY-NC-4.0", "")
    # Neither place nor time is said, so nobody is told what the photo says of them.
    assert c.fields == {"time_precision": "month", "privacy": "private"}
    assert c.photos[0].licence == "CC0-1.0" and c.photos[0].path.is_file()


def test_quotes_defaults_another_script_and_no_header(tmp_path):
    files = {
        "meta.xml": f"""<archive xmlns="http://rs.tdwg.org/dwc/text/">
          <core rowType="{DWC}Occurrence" encoding="windows-1252">
            <files><location>a.csv</location><location>b.csv</location></files>
            <id index="1"/>
            <field index="0" term="{DWC}scientificName" default="Perca fluviatilis"/>
            <field index="2" term="{DC}rightsHolder"/>
            <field index="3" term="{DWC}associatedMedia"/>
            <field term="{DC}license" default="CC-BY-4.0"/>
          </core></archive>""",
        "a.csv": '"Salmo trutta",7,"Müller, Jörg","7.jpg | 8.jpg"\n',
        "b.csv": ",9,Zoë,9.jpg\n",
    }
    found = read(write(tmp_path, files, ("7.jpg", "8.jpg", "9.jpg"), "windows-1252"))
    assert found.problems == []
    seven, nine = found.sightings
    assert [(each.key, each.credit, each.licence) for each in seven.photos] == [
        ("7.jpg", "Müller, Jörg", "CC-BY-4.0"),
        ("8.jpg", "Müller, Jörg", "CC-BY-4.0"),
    ]
    assert (nine.name, nine.photos[0].credit) == ("Perca fluviatilis", "Zoë")


def test_a_photo_of_several_is_left_out(tmp_path):
    files = GOOD | {"media.txt": GOOD["media.txt"] + "B\turn:a1\timages/a1.jpg" + "\t" * 10}
    found = read(write(tmp_path, files))
    assert [problem.what for problem in found.problems] == [
        "Shows 2 organisms, and an import takes in photos of one."
    ] * 2
    assert [len(each.photos) for each in found.sightings] == [1, 1, 1]


def test_a_photo_that_two_records_name_is_left_out_of_both(tmp_path):
    files = {
        "meta.xml": f"""<archive xmlns="http://rs.tdwg.org/dwc/text/"><core rowType="{DWC}Occurrence">
          <files><location>a.csv</location></files><id index="0"/>
          <field index="1" term="{DWC}scientificName"/><field index="2" term="{DWC}associatedMedia"/>
          </core></archive>""",
        "a.csv": "1,Salmo trutta,both.jpg | one.jpg\n2,Lota lota,both.jpg\n",
    }
    found = read(write(tmp_path, files, ("both.jpg", "one.jpg")))
    assert [problem.where for problem in found.problems] == ["a.csv line 1", "a.csv line 2"]
    assert [photo.key for each in found.sightings for photo in each.photos] == ["one.jpg"]


def changed(name: str, old: str, new: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[name], (name, old)
        return files | {name: files[name].replace(old, new, 1)}

    return change


BREAKS = {
    "a specimen": (
        changed("occurrence.txt", "A\tHuman", "A\tPreserved"),
        "basisOfRecord is PreservedObservation",
    ),
    "nothing was there": (
        changed("occurrence.txt", "\tpresent\t", "\tabsent\t"),
        "occurrenceStatus is absent",
    ),
    "a shoal": (changed("occurrence.txt", "\t1\tpresent", "\t12\tpresent"), "individualCount is 12"),
    "perhaps": (changed("occurrence.txt", "present\t\n", "present\tcf.\n"), "identificationQualifier is cf."),
    "a month": (
        changed("occurrence.txt", "2015-04-13T16:52:29Z", "2015-04"),
        "eventDate is 2015-04, not a time",
    ),
    "a week": (
        changed("occurrence.txt", "2015-04-14/2015-04-14", "2015-04-14/2015-04-21"),
        "eventDate is 2015-04-14/2015-04-21",
    ),
    "half a place": (
        changed("occurrence.txt", "47.25", ""),
        "decimalLatitude is empty, and a place needs both.",
    ),
    "north of the pole": (
        changed("occurrence.txt", "47.25", "147.25"),
        "decimalLatitude is 147.25, not between",
    ),
    "a comma in a number": (
        changed("occurrence.txt", "47.25", "47,25"),
        "decimalLatitude is 47,25, not a number.",
    ),
    "certain of a place": (
        changed("occurrence.txt", "6721", "0"),
        "coordinateUncertaintyInMeters is 0, not more than 0.",
    ),
    "another globe": (changed("occurrence.txt", "WGS84", "NAD27"), "geodeticDatum is NAD27"),
    "no name": (changed("occurrence.txt", "Salmo trutta", ""), "scientificName is empty."),
    "a cell too many": (
        changed("occurrence.txt", "A\t", "A\t\t"),
        "Has 15 cells where the first line has 14.",
    ),
    "an id twice": (
        changed("occurrence.txt", "\nB\t", "\nA\t"),
        "The id A is that of occurrence.txt line 2 as well.",
    ),
    "no id": (changed("occurrence.txt", "\nB\t", "\n\t"), "Has no id."),
    "a photo of nobody": (changed("media.txt", "\nC\t", "\nX\t"), "Tells of X, and there is no such record."),
    "a photo that is not there": (
        changed("media.txt", "c1.JPG", "c9.jpg"),
        "There is no file for images/c9.jpg",
    ),
    "a photo elsewhere": (changed("media.txt", "images/c1.JPG", "../../c1.jpg"), "lies outside the folder."),
    "a film": (changed("media.txt", "c1.JPG\tStillImage", "c1.JPG\tMovingImage"), "type is MovingImage"),
    "a licence in words": (
        changed("media.txt", "CC_BY_NC_4_0", "ask me"),
        "license is ask me, which is no licence",
    ),
    "a part of nothing": (
        changed("media.txt", "\turn:a1\t0.25", "\turn:a7\t0.25"),
        "isROIOf is urn:a7 in media.txt",
    ),
    "half a part": (
        changed("media.txt", "\t0.25\t", "\t\t"),
        "xFrac, yFrac, widthFrac or heightFrac is empty",
    ),
    "a part beside it": (
        changed("media.txt", "\t0.25\t", "\t0.75\t"),
        "Its box does not lie within the photo.",
    ),
    "a length without measure": (
        changed("meta.xml", 'default="cm"', 'default=""'),
        "measurementUnit is empty",
    ),
    "two lengths": (
        changed("measured.csv", "weight", "total length"),
        "different lengths: 470.0 and 9500.0 mm.",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, tmp_path):
    change, what = BREAKS[name]
    found = read(write(tmp_path, change(GOOD)))
    assert any(what in problem.what for problem in found.problems), found.problems
    assert all(" line " in problem.where for problem in found.problems)
    assert sum(len(each.photos) for each in found.sightings) < 4


UNREADABLE = {
    "no XML": (changed("meta.xml", "</archive>", ""), "is no XML"),
    "entities": (changed("meta.xml", "<archive", '<!DOCTYPE a [<!ENTITY a "a">]><archive'), "declares entities"),
    "an event core": (changed("meta.xml", f"{DWC}Occurrence", f"{DWC}Event"), "has a core of Event"),
    "no core": (
        lambda files: changed("meta.xml", "<core", "<kore")(changed("meta.xml", "</core", "</kore")(files)),
        "tells of 0 cores",
    ),
    "no table": (lambda files: {n: t for n, t in files.items() if n != "media.txt"}, "media.txt, which is not there"),
    "a table elsewhere": (changed("meta.xml", "occurrence.txt", "../occurrence.txt"), "lies outside the folder"),
    "no id": (changed("meta.xml", '<id index="0"/>', ""), "does not say which column"),
    "a term twice": (changed("meta.xml", "terms/eventDate", "terms/basisOfRecord"), "tells twice of"),
    "no term": (changed("meta.xml", f'term="{DWC}eventDate"', ""), "a field without its term"),
    "no number": (changed("meta.xml", 'index="2"', 'index="two"'), "which is no number"),
    "no delimiter": (changed("meta.xml", 'fieldsTerminatedBy="\\t"', 'fieldsTerminatedBy="::"'), "is not read"),
    "no lines": (changed("meta.xml", 'linesTerminatedBy="\\n"', 'linesTerminatedBy="|"'), "is not read"),
    "no script": (changed("meta.xml", 'encoding="UTF-8"', 'encoding="runes"'), "which nobody knows"),
    "another script": (changed("meta.xml", 'encoding="UTF-8"', 'encoding="ascii"'), "not written in ascii"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_at_all(name, tmp_path):
    change, what = UNREADABLE[name]
    files = change(GOOD | {"occurrence.txt": GOOD["occurrence.txt"].replace("To a grid", "In den Flüssen")})
    with pytest.raises(Unreadable, match=what):
        read(write(tmp_path, files))


def test_real_archives_are_read_or_refused_in_words(sample_data, tmp_path):
    """Those with which another reader is tested: no photos in them, so each row is told as such."""
    seen = 0
    for path in sorted((sample_data / "dwca").glob("*/meta.xml")):
        try:
            found = read(path.parent)
        except Unreadable as error:
            assert str(error)
        else:
            assert found.sightings == [] and len(found.problems) == found.rows
            seen += found.rows
    assert seen > 5
