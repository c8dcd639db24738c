"""Records from elsewhere, taken in: one voice each, and nobody is told more of place and time than the record tells."""

from datetime import datetime

import pytest

from labeling.models import Identification
from species.models import Observation, Occurrence, Photo
from species.places import geoprivacy
from tests.labeling.imports.collecting import rows_there, take
from tests.universe import photo_bytes

HEADER = (
    "id,observed_on,user_name,license,image_url,latitude,longitude,positional_accuracy,public_positional_accuracy,"
    "geoprivacy,taxon_geoprivacy,coordinates_obscured,scientific_name"
)
ROWS = [
    "1,2020-05-01,Ann,CC-BY,,47.26812,11.39325,8,8,,,false,Salmo trutta",
    "2,2020-05-02,Ben,CC-BY,,47.31,11.42,,27500,obscured,,true,Salmo salar",
    "3,,Cleo,CC-BY,,,,,,private,,true,Salmo trutta",
    "4,2020-05-04,Dora,CC-BY-NC,,47.2,11.3,,,,,false,Salmo trutta",
]
TRUE_PLACE = {"latitude": 46.5, "longitude": 10.5, "taken_at": datetime(2019, 7, 8, 9, 10)}


@pytest.fixture
def folder(tmp_path, tree):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "observations-7.csv").write_text("\n".join([HEADER, *ROWS]))
    for number in range(1, 5):
        # Whoever downloads the originals has what the portal keeps back.
        (folder / f"{number}.jpg").write_bytes(photo_bytes(f"portal {number}", exif=TRUE_PLACE))
    return folder


def test_nobody_is_told_more_than_the_record_tells(folder, rita):
    report = take(folder, rita, source="iNaturalist", licence="CC-BY-4.0", credit="Somebody else")
    assert [problem.what for problem in report.problems] == [
        "Its licence is CC-BY-NC-4.0. Import what has that licence by itself."
    ]
    opened, obscured, hidden = (each.observation for each in Photo.objects.order_by("file_name"))
    assert (opened.public_latitude, opened.public_uncertainty_m, opened.place_shown) == (47.26812, 8, "exact")
    square = geoprivacy.generalize(47.31, 11.42)
    assert (obscured.public_latitude, obscured.public_longitude) == (square.latitude, square.longitude)
    assert obscured.public_uncertainty_m >= 27500 and obscured.place_shown == "generalized"
    # What the photo says is kept, and told to nobody.
    assert hidden.public_latitude is None and hidden.privacy == "private"
    assert hidden.told_time(False).text in ("2019-07", "")


def test_a_record_is_one_voice_with_the_credit_of_its_photo(folder, rita):
    take(folder, rita, source="iNaturalist", licence="CC-BY-4.0", credit="Somebody else")
    assert list(Photo.objects.order_by("file_name").values_list("credit", flat=True)) == [
        "Ann",
        "Ben",
        "Cleo",
    ]
    assert {str(each.person) for each in Identification.objects.all()} == {"iNaturalist"}
    assert {each.observer.is_source for each in Observation.objects.all()} == {True}
    assert set(Occurrence.objects.values_list("status", flat=True)) == {"needs_id"}


def test_again_is_the_same(folder, rita):
    take(folder, rita, source="iNaturalist", licence="CC-BY-4.0")
    before = rows_there()
    again = take(folder, rita, source="iNaturalist", licence="CC-BY-4.0")
    assert (again.new, again.known) == (0, 3) and rows_there() == before
