"""Camtrap DP: what people named on photos of cameras that stand still; programs and people on photos stay out."""

import json
from datetime import UTC, datetime

import pytest

from labeling.imports.collection import Unreadable
from labeling.imports.readers import read
from tests.labeling.imports.readers.test_dwca import Files, changed, write

ABOUT = {
    "profile": "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/camtrap-dp-profile.json",
    "licenses": [
        {"name": "CC0-1.0", "scope": "data"},
        {"path": "http://creativecommons.org/licenses/by/4.0/", "scope": "media"},
    ],
    "contributors": [{"title": "Ann", "role": "contact"}, {"title": "The institute", "role": "rightsHolder"}],
    "coordinatePrecision": 0.001,
}
GOOD: Files = {
    "datapackage.json": json.dumps(ABOUT),
    "deployments.csv": "deploymentID,latitude,longitude,coordinateUncertainty,timestampIssues\n"
    "d1,51.496,4.774,187,false\nd2,,,,\n",
    "media.csv": "mediaID,deploymentID,timestamp,filePath,filePublic,fileName,fileMediatype\n"
    "m1,d1,2020-05-30T04:57:37Z,https://example.org/assets/m1/file,true,one.JPG,image/jpeg\n"
    "m2,d2,2020-05-30T04:57:37+02:00,media/two.jpg,true,,\n",
    "observations.csv": "observationID,mediaID,observationLevel,observationType,scientificName,count,bboxX,bboxY,"
    "bboxWidth,bboxHeight,classificationMethod,classifiedBy\n"
    "o1,m1,media,animal,Salmo trutta,1,0.25,0.2,0.5,0.4,human,Ann\n"
    "o2,m2,media,animal,Lota lota,,,,,,human,Ben\n",
}
PHOTOS = ("media/one.JPG", "media/two.jpg")


def test_everything_that_is_read(tmp_path):
    found = read(write(tmp_path, GOOD, PHOTOS))
    assert found.problems == [] and found.rows == 2
    one, two = found.sightings
    assert (one.key, one.name, one.recorded_by) == ("o1", "Salmo trutta", "")
    assert one.fields == {
        "observed_at": datetime(2020, 5, 30, 4, 57, 37, tzinfo=UTC),
        "latitude": 51.496,
        "longitude": 4.774,
        "uncertainty_m": 187,
        "place_source": "map_pin",
        "privacy": "generalized",
    }
    [photo] = one.photos
    assert (photo.key, photo.licence, photo.credit) == ("media/one.JPG", "CC-BY-4.0", "The institute")
    assert photo.box == pytest.approx((0.25, 0.2, 0.5, 0.4))
    assert two.fields["privacy"] == "private" and two.photos[0].box is None


def test_places_that_are_not_rounded_are_told_as_they_are(tmp_path):
    files = GOOD | {"datapackage.json": json.dumps(ABOUT | {"coordinatePrecision": 0.00001})}
    assert read(write(tmp_path, files, PHOTOS)).sightings[0].fields["privacy"] == "open"


SEEN = "observations.csv"
BREAKS = {
    "a program said so": (changed(SEEN, ",human,Ann", ",machine,net"), "classificationMethod is machine"),
    "somebody walked by": (
        changed(SEEN, "media,animal,Salmo trutta", "media,human,"),
        "observationType is human",
    ),
    "of an event": (changed(SEEN, "m1,media", "m1,event"), "observationLevel is event"),
    "a shoal": (changed(SEEN, "Salmo trutta,1", "Salmo trutta,7"), "count is 7"),
    "no name": (changed(SEEN, "Salmo trutta", ""), "scientificName is empty."),
    "no id": (changed(SEEN, "\no1,", "\n,"), "observationID is empty."),
    "of no photo": (changed(SEEN, "o1,m1", "o1,m9"), "mediaID is m9, and there is no such photo."),
    "somebody beside it": (
        changed(SEEN, "o2,m2,media,animal", "o2,m1,media,human"),
        "Shows a person as well.",
    ),
    "two on a photo": (changed(SEEN, "o2,m2", "o2,m1"), "Shows 2 organisms"),
    "a box beside it": (changed(SEEN, "0.25,0.2,0.5", "0.75,0.2,0.5"), "Its box does not lie within"),
    "half a box": (
        changed(SEEN, "0.25,0.2,0.5", ",0.2,0.5"),
        "bboxX, bboxY, bboxWidth or bboxHeight is empty.",
    ),
    "of no deployment": (changed("media.csv", "m1,d1", "m1,d9"), "deploymentID is d9"),
    "not for everybody": (changed("media.csv", "file,true", "file,false"), "filePublic is false"),
    "a film": (changed("media.csv", "image/jpeg", "video/mp4"), "fileMediatype is video/mp4"),
    "a photo that is not there": (changed("media.csv", "one.JPG", "nine.JPG"), "There is no file for https"),
    "a month": (changed("media.csv", "2020-05-30T04:57:37Z", "2020-05"), "timestamp is 2020-05, not a time"),
    "a photo twice": (changed("media.csv", "\nm2,", "\nm1,"), "mediaid m1 stands twice."),
    "a clock that is wrong": (changed("deployments.csv", ",false", ",true"), "timestampIssues is true"),
    "nowhere on earth": (changed("deployments.csv", "51.496", "151.496"), "latitude is 151.496"),
    "certain of a place": (changed("deployments.csv", ",187,", ",0,"), "coordinateuncertainty is 0"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, tmp_path):
    change, what = BREAKS[name]
    found = read(write(tmp_path, change(GOOD), PHOTOS))
    assert any(what in problem.what for problem in found.problems), found.problems
    assert len(found.sightings) < 2


UNREADABLE = {
    "a licence in words": (
        changed("datapackage.json", "creativecommons", "example"),
        "which is not known here",
    ),
    "no table": (
        lambda files: {n: t for n, t in files.items() if n != "media.csv"},
        "There is no media.csv.",
    ),
    "no column": (changed("media.csv", "timestamp", "when"), "has no column called timestamp."),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_at_all(name, tmp_path):
    change, what = UNREADABLE[name]
    with pytest.raises(Unreadable, match=what):
        read(write(tmp_path, change(GOOD), PHOTOS))


def test_the_example_of_its_authors(sample_data):
    """Its photos of mallards and rats show several, or lie on another server, but for a few that were brought along."""
    found = read(sample_data / "camtrap-dp" / "example")
    assert found.rows > 500
    reasons = {problem.what.partition(" is ")[0] for problem in found.problems}
    assert {"observationLevel", "observationType"} <= reasons
    assert len(found.problems) == found.rows and found.sightings == []
