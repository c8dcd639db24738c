"""iNaturalist's export, with the photos beside it: above all, what it protects stays protected."""

from datetime import date, timedelta

import pytest

from labeling.imports.collection import Unreadable
from labeling.imports.readers import read
from labeling.imports.readers.inaturalist import OBSCURED_M
from tests.labeling.imports.readers.test_dwca import Files, changed, write

COLUMNS = (
    *("id", "observed_on", "time_observed_at", "time_zone", "user_login", "user_name", "quality_grade"),
    *("license", "url", "image_url", "latitude", "longitude", "positional_accuracy", "private_latitude"),
    *("private_longitude", "public_positional_accuracy", "geoprivacy", "taxon_geoprivacy"),
    *("coordinates_obscured", "positioning_method", "scientific_name", "common_name"),
)
PHOTO = "https://inaturalist-open-data.s3.amazonaws.com/photos/5/medium.jpg"
ROWS = [
    f"1,2020-05-01,2020-05-01 07:30:00 UTC,Europe/Vienna,ann,Ann,research,CC-BY,https://i.example/1,{PHOTO},"
    "47.26812,11.39325,8,,,8,,open,false,gps,Salmo trutta,brown trout",
    "2,2020-05-02,2020-05-02 21:30:00 UTC,Pacific Time (US & Canada),ben,,needs_id,CC0,https://i.example/2,,"
    "47.31,11.42,,47.26812,11.39325,27500,obscured,,true,,Hucho hucho,huchen",
    "3,,,,cleo,Cleo,research,,https://i.example/3,,,,,,,,private,,false,,Salmo salar,",
]
TABLE = "observations.csv"
GOOD: Files = {TABLE: "\n".join([",".join(COLUMNS), *ROWS, ""])}
BESIDE = "inaturalist-open-data.s3.amazonaws.com/photos/5/medium.jpg"
PHOTOS = (BESIDE, "2.jpg", "2_2.jpg", "3/a.png", "5.jpg")


def test_everything_that_is_read(tmp_path):
    found = read(write(tmp_path, GOOD, PHOTOS))
    assert found.problems == [] and found.rows == 4  # the observation 5 is not in it
    one, two, three = found.sightings
    assert (one.key, one.name, one.photos[0].key) == ("1", "Salmo trutta", BESIDE)
    assert (one.photos[0].licence, one.photos[0].credit) == ("CC-BY-4.0", "Ann")
    when = one.fields.pop("observed_at")
    assert when.isoformat() == "2020-05-01T09:30:00+02:00" and when.utcoffset() == timedelta(hours=2)
    assert one.fields == {
        "latitude": 47.26812,
        "longitude": 11.39325,
        "uncertainty_m": 8,
        "place_source": "device",
        "privacy": "open",
    }
    assert [each.key for each in two.photos] == ["2.jpg", "2_2.jpg"] and two.photos[0].credit == "ben"
    # Its zone goes by a name of iNaturalist's own.
    assert two.fields["local_date"] == date(2020, 5, 2) and "observed_at" not in two.fields
    assert three.fields == {"time_precision": "month", "privacy": "private"}
    assert three.photos[0].licence == "NONE"


def test_a_true_place_that_it_knows_is_not_read(tmp_path):
    two = read(write(tmp_path, GOOD, PHOTOS)).sightings[1]
    assert (two.fields["latitude"], two.fields["longitude"]) == (47.31, 11.42)
    assert (two.fields["uncertainty_m"], two.fields["privacy"]) == (27500, "generalized")


PROTECTED = {
    "by its observer": (",8,,open,false,", ",8,obscured,open,false,", "generalized"),
    "by its taxon": (",8,,open,false,", ",8,,obscured,false,", "generalized"),
    "as a flag says": (",8,,open,false,", ",8,,,true,", "generalized"),
    "by both": (",8,,open,false,", ",8,obscured,private,true,", "private"),
}


@pytest.mark.parametrize("name", PROTECTED)
def test_protected(name, tmp_path):
    old, new, privacy = PROTECTED[name]
    found = read(write(tmp_path, changed(TABLE, old, new)(GOOD), PHOTOS))
    assert found.sightings[0].fields["privacy"] == privacy


def test_how_far_it_may_be_where_nobody_says(tmp_path):
    found = read(write(tmp_path, changed(TABLE, "27500", "")(GOOD), PHOTOS))
    assert found.sightings[1].fields["uncertainty_m"] == OBSCURED_M


BREAKS = {
    "another word for protected": (changed(TABLE, ",open,", ",secret,"), "taxon_geoprivacy is secret"),
    "neither yes nor no": (changed(TABLE, ",open,false", ",open,maybe"), "coordinates_obscured is maybe"),
    "half a place": (changed(TABLE, ",47.26812,11.39325,8", ",,11.39325,8"), "latitude is empty"),
    "no number": (changed(TABLE, "47.26812,11.39325,8", "north,11.39325,8"), "latitude is north"),
    "nowhere on earth": (changed(TABLE, "47.26812,11.39325,8", "47.26812,211.3,8"), "longitude is 211.3"),
    "certain of a place": (changed(TABLE, "11.39325,8,", "11.39325,0,"), "positional_accuracy is 0"),
    "a month": (changed(TABLE, "1,2020-05-01,", "1,2020-05,"), "observed_on is 2020-05, not a time"),
    "another day": (changed(TABLE, "2020-05-01 07:30", "2020-05-03 07:30"), "time_observed_at is 2020-05-03"),
    "a licence of nobody": (changed(TABLE, ",CC-BY,", ",C-MINE,"), "license is C-MINE"),
    "another one on the photo": (
        changed(TABLE, "https://i.example/2,,", f"https://i.example/2,{PHOTO},"),
        "image_url is that of 2 observations",
    ),
    "no name": (changed(TABLE, "Salmo trutta,brown trout", ","), "scientific_name is empty."),
    "no id": (changed(TABLE, "\n1,", "\n,"), "id is empty."),
    "an id twice": (changed(TABLE, "\n2,", "\n1,"), "The id 1 is that of observations.csv line 2 as well."),
    "no photo": (changed(TABLE, f",{PHOTO},", ",,"), "image_url is empty, and there is no photo called 1"),
    "a photo elsewhere": (changed(TABLE, "photos/5/", "photos/6/"), "There is no file for https"),
    "a cell too many": (
        changed(TABLE, "brown trout", "brown, trout"),
        "Has 23 cells where the header has 22.",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, tmp_path):
    change, what = BREAKS[name]
    found = read(write(tmp_path, change(GOOD), PHOTOS))
    assert any(what in problem.what for problem in found.problems), found.problems
    assert all(problem.where.startswith("observations.csv line ") for problem in found.problems)
    assert sum(len(each.photos) for each in found.sightings) < 4


def test_whether_places_are_protected_must_be_said(tmp_path):
    files = {TABLE: GOOD[TABLE].replace("coordinates_obscured", "x").replace("taxon_geoprivacy", "y")}
    with pytest.raises(Unreadable, match="which of them are protected has to be said"):
        read(write(tmp_path, files, PHOTOS))


def test_two_exports_are_for_two_imports(tmp_path):
    with pytest.raises(Unreadable, match="two exports"):
        read(write(tmp_path, GOOD | {"observations-2.csv": GOOD[TABLE]}, PHOTOS))
