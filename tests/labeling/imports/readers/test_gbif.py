"""GBIF's simple download, with the photos beside it."""

from datetime import datetime

import pytest

from labeling.imports.collection import Unreadable
from labeling.imports.readers import read
from tests.labeling.imports.readers.test_dwca import Files, changed, write

COLUMNS = (
    *("gbifID", "datasetKey", "species", "infraspecificEpithet", "taxonRank", "scientificName", "genus"),
    *("occurrenceStatus", "individualCount", "decimalLatitude", "decimalLongitude"),
    *("coordinateUncertaintyInMeters", "eventDate", "day", "month", "year", "basisOfRecord", "license"),
    *("rightsHolder", "recordedBy", "issue"),
)
ROWS = [
    # The quote begins a cell and ends nowhere: GBIF encloses nothing.
    "11\tk\tSalmo trutta\t\tSPECIES\tSalmo trutta Linnaeus, 1758\tSalmo\tPRESENT\t\t47.2\t11.3\t30\t"
    '2020-05-01T09:30:00\t1\t5\t2020\tHUMAN_OBSERVATION\tCC_BY_4_0\tAnn\t"Ann\tGEODETIC_DATUM_ASSUMED_WGS84',
    "12\tk\tSalmo trutta\tfario\tSUBSPECIES\tSalmo trutta fario Linnaeus, 1758\tSalmo\tPRESENT\t1\t\t\t\t"
    "\t2\t5\t2020\tHUMAN_OBSERVATION\tCC0_1_0\t\tBen\t",
    "13\tk\t\t\tGENUS\tSalmo Linnaeus, 1758\tSalmo\tPRESENT\t\t47.2\t11.3\t\t"
    "2020-05-03\t\t\t\tMACHINE_OBSERVATION\tCC_BY_NC_4_0\t\t\t",
]
MULTIMEDIA = "\n".join(
    [
        "gbifID\ttype\tformat\tidentifier\tcreator\tlicense\trightsHolder",
        "11\tStillImage\timage/jpeg\thttps://example.org/photos/5/original.jpeg\tCleo"
        "\thttp://creativecommons.org/licenses/by-nc/4.0/\t",
        "12\tStillImage\t\thttps://example.org/12.png\t\t\t",
        "13\t\t\thttps://example.org/13/one.png\t\t\t",
        "13\t\t\thttps://example.org/13/two.png\t\t\t",
        "",
    ]
)
TABLE = "0001-2020.csv"
GOOD: Files = {TABLE: "\n".join(["\t".join(COLUMNS), *ROWS, ""]), "multimedia.txt": MULTIMEDIA}
PHOTOS = ("5.jpeg", "12.png", "example.org/13/one.png", "13/two.png")


def test_everything_that_is_read(tmp_path):
    found = read(write(tmp_path, GOOD, PHOTOS))
    assert found.problems == [] and found.rows == 4
    assert [(each.key, each.name) for each in found.sightings] == [
        ("11", "Salmo trutta"),
        ("12", "Salmo trutta fario"),
        ("13", "Salmo"),
    ]
    first, second, third = found.sightings
    assert first.fields["observed_at"] == datetime(2020, 5, 1, 9, 30)
    assert (first.fields["uncertainty_m"], first.fields["privacy"]) == (30, "open")
    # The photo's own licence and maker, which are not those of the record.
    assert (first.photos[0].licence, first.photos[0].credit) == ("CC-BY-NC-4.0", "Cleo")
    assert str(second.fields["local_date"]) == "2020-05-02" and second.fields["privacy"] == "private"
    assert (second.photos[0].licence, second.photos[0].credit) == ("CC0-1.0", "Ben")
    assert [each.key for each in third.photos] == ["example.org/13/one.png", "13/two.png"]


def test_without_a_table_of_media_photos_are_called_by_the_record(tmp_path):
    photos = ("11.jpg", "11_2.jpg", "12/a.png", "13.txt", "other/13.jpg")
    found = read(write(tmp_path, {TABLE: GOOD[TABLE]}, photos))
    assert [[photo.key for photo in each.photos] for each in found.sightings] == [
        ["11.jpg", "11_2.jpg"],
        ["12/a.png"],
    ]
    assert [each.what for each in found.problems] == ["There is no photo called 13 beside the table."]


def test_two_addresses_that_end_alike_are_not_taken_for_each_other(tmp_path):
    said = changed("multimedia.txt", "example.org/12.png", "example.org/13/one.png?size=2")(GOOD)
    files = said | {
        "multimedia.txt": said["multimedia.txt"].replace("example.org/13/one.png?", "b.example/x/one.png?")
    }
    found = read(write(tmp_path, files, ("5.jpeg", "one.png", "13/two.png")))
    assert ["There is no file for https" in each.what for each in found.problems] == [True, True]


def test_the_file_alone_is_a_collection_too(tmp_path):
    folder = write(tmp_path, GOOD, PHOTOS)
    assert read(folder / "0001-2020.csv").sightings == read(folder).sightings


BREAKS = {
    "a specimen": (changed(TABLE, "HUMAN_OBSERVATION", "PRESERVED_SPECIMEN"), "basisOfRecord is PRESERVED_SPECIMEN"),
    "nothing was there": (changed(TABLE, "PRESENT", "ABSENT"), "occurrenceStatus is ABSENT"),
    "a shoal": (changed(TABLE, "PRESENT\t1\t", "PRESENT\t9\t"), "individualCount is 9"),
    "off the coast of Ghana": (
        changed(TABLE, "GEODETIC_DATUM_ASSUMED_WGS84", "ZERO_COORDINATE;X"),
        "issue is ZERO_COORDINATE",
    ),
    "half a place": (changed(TABLE, "47.2", ""), "decimalLatitude is empty"),
    "nowhere": (changed(TABLE, "11.3", "east"), "decimalLongitude is east, not a number."),
    "certain of a place": (changed(TABLE, "\t30\t", "\t-1\t"), "coordinateUncertaintyInMeters is -1"),
    "a year": (changed(TABLE, "2020-05-01T09:30:00", "2020"), "eventDate is 2020, not a time"),
    "a month in parts": (changed(TABLE, "\t2\t5\t2020", "\t\t5\t2020"), "year, month and day is 2020-05"),
    "no licence": (changed(TABLE, "CC0_1_0", "UNSPECIFIED"), "license is UNSPECIFIED"),
    "another one on the photo": (
        changed("multimedia.txt", "https://example.org/12.png", "https://example.org/13/two.png"),
        "Shows 2 organisms",
    ),
    "no name": (changed(TABLE, "Salmo trutta\t\tSPECIES\tSalmo trutta Linnaeus, 1758", "\t\tSPECIES\t"), "is empty"),
    "an id twice": (changed(TABLE, "\n12\t", "\n11\t"), "The gbifID 11 is that of 0001-2020.csv line 2 as well."),
    "no id": (changed(TABLE, "\n12\t", "\n\t"), "gbifID is empty."),
    "no photo": (changed(TABLE, "\n12\t", "\n99\t"), "There is no photo of 99 in multimedia.txt."),
    "a sound": (changed("multimedia.txt", "StillImage", "Sound"), "type is Sound"),
    "a photo of nobody": (changed("multimedia.txt", "\n11\t", "\n77\t"), "Tells of 77"),
    "a cell too few": (changed(TABLE, "\tHUMAN_OBSERVATION", ""), "Has 20 cells where the header has 21."),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, tmp_path):
    change, what = BREAKS[name]
    found = read(write(tmp_path, change(GOOD), PHOTOS))
    assert any(what in problem.what for problem in found.problems), found.problems
    assert sum(len(each.photos) for each in found.sightings) < 4


def test_two_downloads_are_for_two_imports(tmp_path):
    with pytest.raises(Unreadable, match="two downloads"):
        read(write(tmp_path, GOOD | {"other.csv": GOOD[TABLE]}, PHOTOS))
