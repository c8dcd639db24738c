"""A water or a place is found by any of its words, and says no more than anybody may know."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from drawings.rivers import RIVERS
from species.actions import observations, waters
from species.queries import places
from tests import universe


def feature(shape, coordinates, **properties):
    return {"properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}


WATERS = {
    "type": "FeatureCollection",
    "credit": "Drawn for tests",
    "features": [
        feature("LineString", [[13.8, 47.90], [13.9, 48.2]], name="Traun"),
        feature("LineString", [[13.9, 48.5], [14.0, 48.4]], name="Große Mühl"),
        feature(
            "Polygon",
            [[[13.75, 47.80], [13.83, 47.80], [13.83, 47.90], [13.75, 47.80]]],
            **{"name": "Traunsee", "name:en": "Lake Traun"},
        ),
        feature("Point", [13.7998, 47.918], name="Gmunden", kind="town"),
        feature("Point", [16.37, 48.21], name="Wien", kind="town"),
    ],
}


@pytest.fixture
def known(tmp_path) -> Path:
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps(WATERS))
    assert waters.prepare(path)
    return path


def found(text, person=None) -> list[str]:
    return [each.name for each in places.find(text, person=person)]


@pytest.mark.parametrize(
    "text", ["Große Mühl", "grosse muehl", "GROSSE MUHL", "Mühl, Große", "mühl", "grossemuhl", "Große-Mühl "]
)
def test_a_water_is_found_in_every_spelling(db, known, text):
    assert found(text) == ["Große Mühl"]


def test_another_language_finds_it_too(db, known):
    assert found("lake traun") == ["Traunsee"]


def test_the_best_comes_first(db, known):
    assert found("traun")[:2] == ["Traun", "Traunsee"]


@pytest.mark.parametrize("text", ["Traun at Gmunden", "gmunden traun", "Traun bei Gmunden"])
def test_a_river_at_a_town_is_where_it_is_nearest(db, known, text):
    best = places.find(text)[0]
    assert best.name == "Traun at Gmunden"
    assert best.latitude == pytest.approx(47.91, abs=0.02) and best.longitude == pytest.approx(
        13.80, abs=0.01
    )
    assert best.uncertainty_m >= 1000


def test_a_river_is_not_at_a_town_far_away(db, known):
    assert "Traun at Wien" not in found("Traun Wien")


@pytest.mark.parametrize("text", ["", "  ", "···", "\0", "zzz", "x" * 500, "%", "_"])
def test_what_names_nothing_finds_nothing(db, known, text):
    assert found(text) == []


def test_half_the_extent_is_how_sure_it_is(db, known):
    (river,) = places.find("grosse mühl")
    assert river.uncertainty_m == pytest.approx(6700, abs=700)


def place_of(sighting, person, name, **said):
    observations.describe(observation=sighting, by=person, place_name=name, **said)
    return sighting


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ((47.9181, 13.8053), "Traun near Gmunden"),
        ((47.93, 13.70), "near Gmunden"),
        ((48.15, 13.8833), "Traun"),
        ((48.4503, 13.95), "Große Mühl"),
        ((0.0, 0.0), ""),
        ((89.99, 179.99), ""),
    ],
)
def test_a_place_is_called_by_the_water_it_is_on_and_the_town_it_is_near(db, known, place, name):
    assert str(places.near(*place)) == name


def test_without_waters_nothing_is_near(db):
    assert str(places.near(47.918, 13.8)) == ""


class TestPlacesOfPeople:
    def test_those_of_open_sightings_are_found_by_everybody(self, alice, charlie):
        sighting = universe.sighting(
            alice, privacy="open", latitude=47.9, longitude=13.8, place_source="map_pin"
        )
        place_of(sighting, alice, "Below the mill")
        for person in (None, charlie, alice):
            (one,) = places.find("mill", person=person)
            assert (one.name, one.latitude, one.longitude) == ("Below the mill", 47.9, 13.8)

    @pytest.mark.parametrize("privacy", ["generalized", "private"])
    def test_those_that_are_not_shown_are_their_owners_alone(self, alice, charlie, privacy):
        sighting = universe.sighting(
            alice, privacy=privacy, latitude=47.9, longitude=13.8, place_source="map_pin"
        )
        place_of(sighting, alice, "Secret pool")
        assert found("secret") == found("secret", charlie) == []
        assert found("secret", alice) == ["Secret pool"]

    def test_a_draft_is_nobody_elses(self, alice, charlie):
        said = {"latitude": 47.9, "longitude": 13.8, "place_source": "map_pin", "privacy": "open"}
        draft = universe.sighting(alice, published=False, **said)
        place_of(draft, alice, "Not yet")
        assert found("not yet", charlie) == []

    def test_words_are_kept_as_words_one_row_for_each_person(self, alice, bob):
        mine = [place_of(universe.sighting(alice, seed=n), alice, "The  big pool ") for n in range(2)]
        other = place_of(universe.sighting(bob, seed=3), bob, "The big pool")
        assert mine[0].place == mine[1].place != other.place
        assert mine[0].place.name == "The big pool" and mine[0].place.latitude is None

    def test_a_known_water_is_one_row_for_everybody(self, alice, bob, known):
        (river,) = places.find("grosse mühl")
        said = {"latitude": river.latitude, "longitude": river.longitude, "place_source": "place_name"}
        one = place_of(universe.sighting(alice, seed=1), alice, "Große Mühl", **said)
        other = place_of(universe.sighting(bob, seed=2), bob, "Große Mühl", **said)
        assert one.place == other.place
        assert (one.place.latitude, one.place.longitude) == (river.latitude, river.longitude)
        # A name and a square say more than the square, where the name is a river's.
        assert one.place.uncertainty_m is None

    def test_no_name_takes_it_away(self, alice):
        sighting = place_of(universe.sighting(alice), alice, "Somewhere")
        place_of(sighting, alice, "")
        assert sighting.place is None


def test_the_trout_subject_ships_the_rivers_that_its_drawings_use():
    path = Path(settings.ROOT) / "data" / "waters" / "trout.geojson"
    shipped = {
        each["properties"]["name"]: each["geometry"]["coordinates"]
        for each in json.loads(path.read_text())["features"]
        if each["geometry"]["type"] == "LineString"
    }
    assert shipped == {river.name: [[lon, lat] for lat, lon in river.points] for river in RIVERS}
