"""Waters as squares and by name."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species.places import waters
from species.places.geoprivacy import distance_m


def feature(shape, coordinates, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def file(tmp_path, *features, **members):
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}))
    return path


TRAUN = [[13.80, 47.90], [13.81, 47.95], [13.84, 48.00], [13.90, 48.05]]


class TestReading:
    def test_every_shape_and_its_names(self, tmp_path):
        path = file(
            tmp_path,
            feature(
                "LineString",
                TRAUN,
                **{"name:en": "Traun River", "name": "Traun", "waterway": "river", "wikidata": "x"},
            ),
            feature("MultiLineString", [TRAUN, TRAUN[::-1]], name="Ager"),
            feature("Polygon", [[[13, 47], [13.1, 47], [13.1, 47.1], [13, 47]]], NAME="Traunsee"),
            feature("Point", [13.7998, 47.918, 425.0], name="Gmunden", kind="Town", uncertainty_m=1500),
            {"type": "Feature", "properties": None, "geometry": None},
            feature("LineString", [[1, 1]], name="a line of one point is none"),
        )
        found = list(waters.read(path))
        assert [(each.names, each.kind, each.shape) for each in found] == [
            (["Traun", "Traun River"], "river", "line"),
            (["Ager"], "river", "line"),
            (["Traunsee"], "lake", "area"),
            (["Gmunden"], "town", "point"),
        ]
        assert found[3].uncertainty_m == 1500 and found[3].parts == [[(13.7998, 47.918)]]

    def test_whom_to_name(self, tmp_path):
        assert waters.credit(file(tmp_path, credit="© “Somebody”")) == "© “Somebody”"
        assert waters.credit(file(tmp_path)) == ""

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("{}", "is no GeoJSON"),
            ('{"features": [1]}', "Feature 1 of"),
            ('{"features": [{"geometry": {"type": "Point", "coordinates": [13.8]}}]}', "Feature 1 of"),
            ('{"features": [{"geometry": {"type": "Point", "coordinates": ["x", 2]}}]}', "Feature 1 of"),
            (
                '{"features": [{"geometry": {"type": "Point", "coordinates": [4500, 53]}}]}',
                "4500, 53 are no degrees",
            ),
            ('{"features": [{"geometry": {"type": "Point", "coordinates": [NaN, 1]}}]}', "no degrees"),
            ('{"features": [{"geometry": null}, {"geome', "Feature 2 of"),
            ('{"features": [{"geometry": null}', "Feature 2 of"),
        ],
    )
    def test_what_cannot_be_read_is_said_with_its_number(self, tmp_path, text, why):
        path = tmp_path / "bad.geojson"
        path.write_text(text)
        with pytest.raises(waters.WatersRefused, match=why):
            list(waters.read(path))

    def test_no_file_and_no_text(self, tmp_path):
        with pytest.raises(waters.WatersRefused, match="cannot be read"):
            list(waters.read(tmp_path / "none.geojson"))
        (tmp_path / "latin.geojson").write_bytes(b'{"features": ["\xe4"]}')
        with pytest.raises(waters.WatersRefused, match="cannot be read"):
            list(waters.read(tmp_path / "latin.geojson"))


def line(name, *points):
    return waters.Feature([name], "river", "line", [list(points)])


class TestNames:
    def test_pieces_that_meet_are_one_water_in_whatever_order(self):
        pieces = [line("Traun", (13.8, 47.9), (13.9, 48.0)), line("Traun", (14.2, 48.2), (14.3, 48.3))]
        pieces.append(line("Traun", (13.9, 48.0), (14.2, 48.2)))
        (found,), _ = waters.named(pieces)
        latitude, longitude, reach = found.place()
        assert distance_m(latitude, longitude, 47.9, 13.8) <= reach
        assert distance_m(latitude, longitude, 48.3, 14.3) <= reach < 40_000

    def test_a_brook_of_the_same_name_elsewhere_is_another(self):
        found, by_cell = waters.named(
            [line("Mühlbach", (13, 47), (13.01, 47)), line("Mühlbach", (15, 47), (15.01, 47))]
        )
        assert len(found) == 2
        assert len({id(each) for each in by_cell.values()}) == 2

    def test_the_middle_of_a_river_is_on_it(self):
        (found,), _ = waters.named([line("Horseshoe", (10, 47), (10, 48), (11, 48), (11, 47))])
        latitude, longitude, _ = found.place()
        assert latitude == pytest.approx(48, abs=0.02) and longitude == pytest.approx(10.5, abs=0.02)

    def test_a_point_is_as_wide_as_its_file_says(self):
        stated = waters.Feature(["Gmunden"], "town", "point", [[(13.8, 47.9)]], 1500)
        unsaid = waters.Feature(["Ebensee"], "town", "point", [[(13.8, 47.8)]])
        found, _ = waters.named([stated, unsaid])
        assert [each.place()[2] for each in found] == [1500, waters.TOWN_M]


def squares(*features, extent=1.0):
    found = {}
    for each in features:
        for level, x, y, held in waters.squares(each, extent):
            found.setdefault((level, x, y), []).append(held)
    return found


def edges(level, x, y):
    """West, south, east and north of a square with its margin."""
    size, margin = 1 / 2**level, waters.MARGIN / 2**level
    (west, north), (east, south) = (
        waters._degrees((x * size - margin, y * size - margin)),
        waters._degrees(((x + 1) * size + margin, (y + 1) * size + margin)),
    )
    return west, south, east, north


degrees = st.tuples(st.floats(-179, 179), st.floats(-84, 84))


class TestSquares:
    @settings(deadline=None)
    @given(st.lists(degrees, min_size=2, max_size=6))
    def test_every_piece_lies_in_its_square(self, points):
        for (level, x, y), held in squares(line("Any", *points)).items():
            west, south, east, north = edges(level, x, y)
            slack = 10 ** -waters.DIGITS[level]
            for each in held:
                parts = each["geometry"]["coordinates"]
                for part in [parts] if each["geometry"]["type"] == "LineString" else parts:
                    for longitude, latitude in part:
                        assert west - slack <= longitude <= east + slack
                        assert south - slack <= latitude <= north + slack

    @settings(deadline=None)
    @given(st.lists(degrees, min_size=2, max_size=4), st.floats(0, 1))
    def test_no_part_of_a_line_is_lost(self, points, along):
        """A point of the line is in its square, near a piece of it."""
        units = [waters._unit(each) for each in points]
        number = min(int(along * (len(points) - 1)), len(points) - 2)
        share = along * (len(points) - 1) - number
        x, y = (
            one + share * (other - one) for one, other in zip(units[number], units[number + 1], strict=True)
        )
        found = squares(line("Any", *points))
        level = waters.LEVELS[0]
        held = found[level, int(x * 2**level), int(y * 2**level)]
        near = math.inf
        for each in held:
            parts = each["geometry"]["coordinates"]
            for part in [parts] if each["geometry"]["type"] == "LineString" else parts:
                piece = [waters._unit((lon, lat)) for lon, lat in part]
                for one, other in zip(piece, piece[1:], strict=False):
                    near = min(near, off((x, y), one, other))
        assert near < 3 * waters.tolerance(level) + 10 ** -waters.DIGITS[level] / 360

    def test_a_lake_is_cut_into_rings_that_end_where_they_begin(self):
        ring = [(13.0, 47.0), (14.0, 47.0), (14.0, 48.0), (13.0, 48.0), (13.0, 47.0)]
        found = squares(waters.Feature(["Big"], "lake", "area", [ring]))
        inner = found[10, *waters._square(*waters._unit((13.5, 47.5)), 10)[1:]]
        (part,) = inner[0]["geometry"]["coordinates"]
        assert part[0] == part[-1] and len(part) == 5
        assert inner[0]["geometry"]["type"] == "Polygon"

    def test_what_is_too_small_to_see_is_in_no_coarse_square(self):
        brook = line("Brook", (13.8, 47.9), (13.83, 47.91))
        assert {level for level, *_ in squares(brook, extent=waters.extent_of(brook))} == {7, 10}
        pond = line("Pond", (13.8, 47.9), (13.8001, 47.9001))
        assert squares(pond, extent=waters.extent_of(pond)) == {}

    def test_towns_are_in_all_but_the_coarsest(self):
        found = squares(waters.Feature(["Gmunden"], "town", "point", [[(13.7998, 47.918)]]))
        assert sorted(level for level, *_ in found) == [7, 10]

    def test_a_straight_line_keeps_its_ends_alone(self):
        straight = [(n / 100, 0.5) for n in range(50)]
        assert waters.simplified(straight, 1e-6) == [straight[0], straight[-1]]
        bent = [*straight[:25], (0.25, 0.6), *straight[26:]]
        assert (0.25, 0.6) in waters.simplified(bent, 1e-6)

    def test_what_turns_back_on_itself_is_kept_to_where_it_turns(self):
        there_and_back = [(0.5, 0.5), (0.9, 0.5), (0.6, 0.5)]
        assert waters.simplified(there_and_back, 1e-6) == there_and_back


def off(point, one, other):
    """How far a point is from a piece of a line."""
    along = (other[0] - one[0]), (other[1] - one[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else ((point[0] - one[0]) * along[0] + (point[1] - one[1]) * along[1]) / length
    share = min(1.0, max(0.0, share))
    return math.dist(point, (one[0] + share * along[0], one[1] + share * along[1]))
