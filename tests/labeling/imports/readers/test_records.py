"""What single terms of Darwin Core mean, however they are written."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labeling.imports.collection import BadLine
from labeling.imports.readers import records

LICENCES = {
    "http://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by-nc-sa/3.0/deed.de": "CC-BY-NC-SA-3.0",
    "https://creativecommons.org/licenses/by/4.0/legalcode": "CC-BY-4.0",
    "https://www.creativecommons.org/licenses/by-nc/4.0": "CC-BY-NC-4.0",
    "http://creativecommons.org/licenses/by/3.0/us/": "CC-BY-3.0-US",
    "http://creativecommons.org/publicdomain/zero/1.0/legalcode": "CC0-1.0",
    "CC0_1_0": "CC0-1.0",
    "CC_BY_4_0": "CC-BY-4.0",
    "CC_BY_NC_4_0": "CC-BY-NC-4.0",
    "cc-by-4.0": "CC-BY-4.0",
    "All rights reserved": "NONE",
    "https://example.org/licenses/by/4.0/": "",
    "© me": "",
    "CC": "",
}


@pytest.mark.parametrize(("said", "meant"), LICENCES.items())
def test_licences(said, meant):
    assert records.spdx(said) == meant


def test_two_columns_that_say_different_licences():
    row = {"license": "CC_BY_4_0", "rights": "see there", "UsageTerms": "CC0_1_0"}
    assert records.licence(row, "license", "rights") == "CC-BY-4.0"
    with pytest.raises(BadLine, match="say different licences"):
        records.licence(row, "license", "UsageTerms")


WHEN = [
    ({"eventDate": "2020-05-01"}, {"local_date": date(2020, 5, 1)}),
    ({"eventDate": "2020-05-01T10:00/2020-05-01T11:00"}, {"local_date": date(2020, 5, 1)}),
    ({"eventDate": "2020-05-01", "eventTime": "10:00"}, {"observed_at": datetime(2020, 5, 1, 10)}),
    ({"year": "2020", "month": "5", "day": "1"}, {"local_date": date(2020, 5, 1)}),
    ({}, {"time_precision": "month"}),
]


@pytest.mark.parametrize(("record", "fields"), WHEN)
def test_times(record, fields):
    found = records.sighting({"scientificName": "Salmo trutta"} | record, "A").fields
    assert {name: value for name, value in found.items() if name != "privacy"} == fields


@pytest.mark.parametrize(
    "said", ["2020", "2020-05", "2020-05-01/2020-06-01", "2020-05-01/x", "May", "/2020-05-01"]
)
def test_what_is_no_day(said):
    with pytest.raises(BadLine, match="eventDate is"):
        records.when({"eventDate": said}, "eventDate")


@settings(max_examples=60, deadline=None)
@given(
    some.dictionaries(
        some.sampled_from(["eventDate", *records.Place(), "dataGeneralizations", "informationWithheld"]),
        some.one_of(
            some.text(max_size=6), some.floats().map(str), some.sampled_from(["0", "47.25", "2020-05-01"])
        ),
    )
)
def test_whatever_it_says_it_is_believed_or_refused_and_nothing_rough_is_open(record):
    try:
        fields = records.sighting({"scientificName": "Salmo trutta"} | record, "A").fields
    except BadLine:
        return
    assert fields["privacy"] in ("open", "generalized", "private")
    if record.get("dataGeneralizations") or record.get("informationWithheld") or "latitude" not in fields:
        assert fields["privacy"] != "open"
