"""Cells of the map: which tiles hold them, what lies in them, what they look like, on all of the Earth."""

import random

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.places import cells
from species.places.cells import WORLD, Box
from species.places.geoprivacy import distance_m

places = st.tuples(
    st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False, exclude_max=True)
)


def some_cells(count: int, resolution: int) -> list[str]:
    dice = random.Random(resolution)
    found = [
        h3.latlng_to_cell(dice.uniform(-89, 89), dice.uniform(-180, 180), resolution) for _ in range(count)
    ]
    edge = [(89.9, 0), (-89.9, 10), (0, 179.99), (0, -179.99), (65, 180), (-60, -180)]
    return [*found, *(h3.latlng_to_cell(*place, resolution) for place in edge)]


@pytest.mark.parametrize("resolution", cells.RESOLUTIONS)
def test_a_cell_that_touches_a_box_is_in_one_of_its_tiles(resolution):
    dice = random.Random(1)
    for cell in some_cells(400, resolution):
        latitude, longitude = dice.choice(h3.cell_to_boundary(cell))
        size = cells.SIDES[resolution] * dice.random()
        west = cells._turned(longitude - size * dice.random())
        box = Box(west, max(-90, latitude - size), cells._turned(west + size), min(90, latitude + size / 3))
        if not box.holds(latitude, cells._turned(longitude)):
            continue
        tiles = cells.tiles(box, resolution)
        assert tiles is None or cells.tile(cell) in tiles, (cell, box)
        assert cells.touching([cell], box, resolution) == [cell]


def test_a_box_larger_than_the_tiles_that_may_be_asked_for_has_none():
    assert cells.tiles(WORLD, 5) is None and cells.tiles(WORLD, 3) is None
    assert len(cells.tiles(Box(10, 46, 13, 48), 5)) < 20
    assert cells.tiles(Box(179, -10, -179, 10), 3), "across 180°"
    first, last = cells.all_tiles(4)
    assert all(first <= cells.tile(cell) <= last for cell in some_cells(50, 4))
    assert not any(first <= cells.tile(cell) <= last for cell in some_cells(50, 3))


@given(places)
def test_the_parents_of_a_place_lie_around_it_and_its_span_holds_it(place):
    cell = h3.latlng_to_cell(*place, cells.FINEST)
    line = cells.line(cell)
    assert [h3.get_resolution(each) for each in line] == list(cells.RESOLUTIONS) and line[-1] == cell
    for around in (*line, cells.parent(cell, 1)):
        first, last = cells.span(around)
        assert first <= cell <= last
        assert cells.is_cell(around)


def test_a_span_holds_no_other_cell():
    for cell in some_cells(5, 3):
        first, last = cells.span(cell)
        inside = sorted(h3.cell_to_children(cell, cells.FINEST))
        assert (inside[0], inside[-1]) == (first, last)
        for other in h3.grid_disk(cell, 1):
            if other != cell:
                assert not any(first <= each <= last for each in h3.cell_to_children(other, cells.FINEST))


def test_no_place_is_in_no_cell():
    assert cells.line("") == ("",) and cells.tile("") == cells.NOWHERE and cells.parent("", 3) == ""


@pytest.mark.parametrize(
    "text", ["", "x", "851f8867ffffff", "851F8867FFFFFFF", "801ffffffffffff"[:-1] + "0", "8a1f88665b2ffff"]
)
def test_other_texts_are_no_cells_that_may_be_asked_for(text):
    assert not cells.is_cell(text)


@given(places, st.sampled_from((1, *cells.RESOLUTIONS)))
def test_a_ring_is_told_to_ten_metres(place, resolution):
    cell = h3.latlng_to_cell(*place, resolution)
    steps, corners = cells.ring(cell), []
    latitude = longitude = 0
    for north, east in zip(steps[::2], steps[1::2], strict=True):
        latitude, longitude = latitude + north, longitude + east
        corners.append((latitude / cells.UNITS, longitude / cells.UNITS))
    for corner, true in zip(corners, h3.cell_to_boundary(cell), strict=True):
        assert distance_m(*corner, *true) < 10
    sides = [abs(one[1] - other[1]) for one, other in zip(corners, corners[1:], strict=False)]
    if abs(cells.middle(cell)[0]) < 75:
        assert max(sides) < 90, "none is drawn around the world"


def test_every_public_square_is_smaller_than_the_finest_cell():
    """So that a cell says no more than the square does; at the equator they are largest."""
    area = h3.average_hexagon_area(cells.FINEST, unit="km^2")
    assert area > 11.2 * 11.2


def test_the_box_around_places_goes_over_180_degrees_where_that_is_narrower():
    near = [h3.latlng_to_cell(latitude, longitude, 5) for latitude, longitude in ((10, 179), (12, -178))]
    box = cells.bounds(near)
    assert box is not None and box.west > box.east and box.width < 4
    assert cells.bounds([]) is None
    [one] = near[:1]
    assert cells.bounds([one]) == Box(*cells.middle(one)[::-1], *cells.middle(one)[::-1])


@given(places, st.floats(0, 5), st.floats(0, 300))
def test_a_box_with_a_margin_holds_the_box(place, margin, width):
    south, west = place
    box = Box(west, south, cells._turned(west + width), min(90, south + 10))
    wide = box.around(margin)
    for latitude in (box.south, box.north):
        for longitude in (box.west, box.east):
            beside = abs(wide.west - longitude)
            assert wide.holds(latitude, longitude) or min(beside, 360 - beside) < 1e-6
