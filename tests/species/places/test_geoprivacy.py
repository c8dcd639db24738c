"""species.places.geoprivacy: a hidden place stays hidden however often and however cleverly it is asked for."""

import math

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.places.geoprivacy import Bounds, PublicPlace, generalize, h3_cells, public_place, strictest

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
CELLS = st.sampled_from((0.01, 0.1, 0.2, 0.25, 0.5, 1, 10))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return h3.great_circle_distance(one, other, unit="m")


def test_a_place_in_the_alps_becomes_the_centre_of_its_cell():
    place = generalize(47.26812, 11.39325)
    assert (place.latitude, place.longitude) == (47.25, 11.35)
    assert place.bounds == Bounds(south=47.2, west=11.3, north=47.3, east=11.4)
    assert place.generalized
    # Half the diagonal of 11.1 km by 7.6 km.
    assert place.uncertainty_m == pytest.approx(6720, abs=20)


@given(LATITUDES, LONGITUDES, CELLS)
def test_generalizing_again_changes_nothing(latitude, longitude, cell):
    once = generalize(latitude, longitude, cell)
    assert generalize(once.latitude, once.longitude, cell) == once


@given(LATITUDES, LONGITUDES, CELLS, st.floats(0, 1), st.floats(0, 1))
def test_every_point_of_a_cell_gives_the_same_place(latitude, longitude, cell, north, east):
    place = generalize(latitude, longitude, cell)
    box = place.bounds
    # A millionth of a degree inside: on the edge itself the neighbour answers.
    inside = [
        min(max(low + share * (high - low), low + 1e-6), high - 2e-6)
        for low, high, share in ((box.south, box.north, north), (box.west, box.east, east))
    ]
    assert generalize(*inside, cell) == place


@given(LATITUDES, LONGITUDES, CELLS)
def test_the_uncertainty_reaches_the_true_place(latitude, longitude, cell):
    place = generalize(latitude, longitude, cell)
    assert all(math.isfinite(value) for value in (place.latitude, place.longitude, place.uncertainty_m))
    assert -90 < place.latitude < 90 and -180 < place.longitude < 180
    # 1 m for the rounding of the edges and the two libraries' radii of the Earth.
    away = metres((latitude, longitude), (place.latitude, place.longitude))
    assert away <= place.uncertainty_m * 1.001 + 1


@pytest.mark.parametrize("latitude", [-90, -0.0, 0, 45.05, 90])
def test_the_antimeridian_is_one_line(latitude):
    assert generalize(latitude, 180) == generalize(latitude, -180)


def test_poles_belong_to_the_outermost_rows():
    assert generalize(90, 12.3).bounds.north == 90
    assert generalize(-90, 12.3).bounds.south == -90


def test_edges_belong_to_the_cell_north_and_east_of_them():
    # 47.3 and 11.4 are not representable: the digits decide, not their noise.
    assert generalize(47.3, 11.4).bounds[:2] == (47.3, 11.4)
    assert all(generalize(k / 10, k / 10).bounds[:2] == (k / 10, k / 10) for k in range(-899, 899))


@pytest.mark.parametrize(
    "point", [(math.nan, 0), (0, math.nan), (90.1, 0), (0, 180.1), (-91, 0), (math.inf, 0), (0, -math.inf)]
)
def test_a_point_not_on_earth_is_an_error(point):
    with pytest.raises(ValueError, match="not a place on Earth"):
        generalize(*point)
    with pytest.raises(ValueError, match="not a place on Earth"):
        h3_cells(*point, (5,))
    with pytest.raises(ValueError, match="not a place on Earth"):
        public_place(*point, 5, "open")


@pytest.mark.parametrize("cell", [0, -0.1, 0.7, math.nan, math.inf, 90, 1e-9])
def test_a_cell_that_makes_no_grid_is_an_error(cell):
    with pytest.raises(ValueError, match="divides 180 degrees"):
        generalize(47, 11, cell)


def test_an_open_place_is_shown_as_it_is():
    assert public_place(47.26812, 11.39325, 8, "open") == PublicPlace(47.26812, 11.39325, 8)
    assert not public_place(47.26812, 11.39325, 8, "open").generalized
    assert public_place(47.26812, 11.39325, math.nan, "open").uncertainty_m is None


def test_a_private_place_is_not_shown():
    assert public_place(47.26812, 11.39325, 8, "private") is None


def test_no_place_stays_no_place():
    for privacy in ("open", "generalized", "private"):
        assert public_place(None, None, None, privacy) is None
        assert public_place(47.2, None, None, privacy) is None


@pytest.mark.parametrize(
    ("privacy", "floor", "seen"),
    [
        ("open", "open", "exact"),
        ("open", "generalized", "cell"),
        ("open", "private", None),
        ("generalized", "open", "cell"),
        ("generalized", "generalized", "cell"),
        ("generalized", "private", None),
        ("private", "open", None),
        ("private", "generalized", None),
        ("private", "private", None),
    ],
)
def test_the_stricter_of_observer_and_taxon_holds(privacy, floor, seen):
    place = public_place(47.26812, 11.39325, 8, privacy, floor)
    expected = {
        "exact": PublicPlace(47.26812, 11.39325, 8),
        "cell": generalize(47.26812, 11.39325),
        None: None,
    }
    assert place == expected[seen]


@pytest.mark.parametrize("wrong", ["", "secret", "OPEN", "obscured"])
def test_an_unknown_privacy_is_an_error_and_not_open(wrong):
    with pytest.raises(ValueError, match="privacy is one of"):
        public_place(47, 11, 8, wrong)
    with pytest.raises(ValueError, match="privacy is one of"):
        public_place(47, 11, 8, "open", wrong)
    with pytest.raises(ValueError, match="privacy is one of"):
        strictest()


@given(LATITUDES, LONGITUDES, st.floats(0, 6000))
def test_how_exact_the_camera_was_does_not_show_through(latitude, longitude, uncertainty):
    bare = public_place(latitude, longitude, None, "generalized")
    # The smallest cells, at the poles, reach 5.5 km.
    if uncertainty <= bare.uncertainty_m:
        assert public_place(latitude, longitude, uncertainty, "generalized") == bare


def test_a_place_vaguer_than_its_cell_says_so_in_steps():
    cell = generalize(47.26812, 11.39325).uncertainty_m
    vague = public_place(47.26812, 11.39325, 50_000, "generalized")
    assert vague.uncertainty_m >= 50_000 + cell
    assert vague.uncertainty_m % cell == 0
    assert vague == public_place(47.26812, 11.39325, 49_000, "generalized")


def test_h3_cells_of_a_public_place_are_those_of_its_centre():
    here = public_place(47.26812, 11.39325, 8, "generalized")
    there = public_place(47.2012, 11.3021, 3, "generalized")
    cells = h3_cells(here.latitude, here.longitude, (3, 5, 9))
    assert cells == h3_cells(there.latitude, there.longitude, (3, 5, 9))
    assert [h3.get_resolution(cell) for cell in cells.values()] == [3, 5, 9]
    assert h3.cell_to_parent(cells[5], 3) == cells[3]
