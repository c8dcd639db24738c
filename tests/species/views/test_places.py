"""What maps and the field of a place ask the server."""

import json

import pytest
from django.urls import reverse

from species.actions import waters
from species.queries import waters as queries
from tests.labeling.browsing import queries as count
from tests.species.queries.test_places import WATERS


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps(WATERS))
    waters.prepare(path)
    return queries.version()


def test_a_square_may_be_kept_for_ever(client, db, known, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(reverse("waters_tile", args=[known, 4, 8, 5]))
    assert answer["Content-Type"] == "application/geo+json"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert {each["properties"]["name"] for each in answer.json()["features"]} == {
        "Traun",
        "Große Mühl",
        "Traunsee",
    }


def test_a_square_without_waters_is_empty(client, db, known):
    assert client.get(reverse("waters_tile", args=[known, 10, 0, 0])).json()["features"] == []


@pytest.mark.parametrize("version", ["other", "107eae1b"])
def test_squares_of_other_waters_are_none(client, db, known, version):
    assert client.get(reverse("waters_tile", args=[version, 4, 8, 5])).status_code == 404


def test_without_waters_there_are_none(client, db):
    assert client.get(reverse("waters_tile", args=["any", 4, 8, 5])).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["x/4/8/5.json", "v/99999999999999999999999/8/5.json", "v/4/-1/5.json", "v/4/16/5.json", "v/5/1/1.json"],
)
def test_what_is_no_square_is_none(client, db, known, path):
    assert client.get(f"/waters/{path.replace('v/', f'{known}/')}").status_code == 404


def test_the_store_is_made_once_and_with_the_file_it_changes(tmp_path, settings):
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps(WATERS))
    assert waters.prepare(path) is True
    first = queries.version()
    assert waters.prepare(path) is False
    path.write_text(json.dumps(WATERS | {"credit": "Another"}))
    assert waters.prepare(path) is True
    assert queries.version() != first
    assert len(list(queries.folder().iterdir())) == 1
    assert queries.credit() == "Another"
    waters.prepare(None)
    assert queries.version() == queries.credit() == ""


def test_no_square_weighs_more_than_it_may_and_the_largest_is_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr("species.actions.waters.LARGEST", 2000)
    brooks = [
        {
            "properties": {"name": f"Brook {n}"},
            "geometry": {
                "type": "LineString",
                "coordinates": [[13.3 + n / 1000, 47.9], [13.3 + n / 1000, 48.0]],
            },
        }
        for n in range(100)
    ]
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps({"features": [*brooks, *WATERS["features"]]}))
    waters.prepare(path)
    with queries.opened() as store:
        ((largest,),) = store.execute("SELECT max(length(data)) FROM tiles")
    assert largest < 2200
    assert b'"Traun"' in queries.tile(queries.version(), 7, 68, 44)


def test_a_file_that_cannot_be_read_leaves_nothing(tmp_path):
    path = tmp_path / "bad.geojson"
    path.write_text('{"features": [{"geometry"')
    with pytest.raises(ValueError, match="Feature 1"):
        waters.prepare(path)
    assert list(queries.folder().iterdir()) == []


class TestProposals:
    def test_they_say_where(self, client, db, known):
        answer = client.get(reverse("place_proposals"), {"q": "grosse muehl"}).content.decode()
        assert 'role="option"' in answer and 'data-value="Große Mühl"' in answer
        assert 'data-latitude="48.4' in answer and "1 place." in answer

    def test_nothing_is_said_kindly(self, client, db, known):
        answer = client.get(reverse("place_proposals"), {"q": "<b>zz"}).content.decode()
        assert "It stays as you typed it." in answer and "<b>" not in answer

    def test_it_asks_once_of_whoever(self, client, alice, known):
        client.force_login(alice)
        assert count(client, reverse("place_proposals"), q="traun") <= 3


class TestTheFloor:
    @pytest.mark.parametrize(
        ("name", "level", "why"),
        [
            ("bull trout", "generalized", "because Bull trout is protected"),
            ("Hucho hucho", "private", "because Huchen is protected"),
            ("Hucho", "private", "because Hucho is protected"),
            ("brown trout", "open", ""),
            ("no such name", "open", ""),
            ("", "open", ""),
        ],
    )
    def test_what_a_name_asks_for_and_why(self, client, tree, name, level, why):
        assert client.get(reverse("place_floor"), {"name": name}).json() == {"level": level, "why": why}
