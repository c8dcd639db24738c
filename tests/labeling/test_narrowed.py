"""What else lists can be narrowed by: each finds what it says, and a hidden place by none of them."""

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from labeling.actions import boxes, comments, field_marks, identifications
from labeling.models import ReviewCase
from labeling.queries import ways
from species.actions import trips
from species.models import Occurrence, Photo
from species.places.geoprivacy import distance_m, generalize
from tests import universe

HERE = {"latitude": 47.2, "longitude": 11.4}


@pytest.fixture(params=[ways.FEW, 1], ids=["gathered", "walked"])
def few(request, monkeypatch):
    """Both ways of finding them: by their ids, and by walking through the list."""
    monkeypatch.setattr(ways, "FEW", request.param)


@pytest.fixture
def library(tree, alice, bob, few) -> dict[str, Occurrence]:
    made = {
        name: universe.sighting(alice, seed=name, size=(64, 32), **fields).occurrences.get()
        for name, fields in {
            "exact": HERE | {"privacy": "open", "uncertainty_m": 20},
            "far": {"latitude": 47.5, "longitude": 11.4, "privacy": "open", "uncertainty_m": 300},
            "square": HERE | {"privacy": "generalized"},
            "hidden": HERE | {"privacy": "private"},
            "nowhere": {},
        }.items()
    }
    return made


def found(library, query: str, person=None) -> set[str]:
    client = APIClient()
    if person:
        client.force_login(person)
    answer = client.get(f"/api/v1/occurrences?{query}")
    assert answer.status_code == 200, answer.content
    ids = {row["id"] for row in answer.data["results"]}
    return {name for name, each in library.items() if str(each.pk) in ids}


def test_a_circle_is_around_the_public_place(library, alice):
    middle = generalize(HERE["latitude"], HERE["longitude"])
    near = "near=47.2,11.4&radius={}"
    assert found(library, near.format(1)) == {"exact"}
    away = distance_m(47.2, 11.4, middle.latitude, middle.longitude)
    assert found(library, near.format(int(away) + 1)) == {"exact", "square"}
    assert found(library, near.format(int(away) - 1)) == {"exact"}
    # For its owner, too: by what is public.
    assert found(library, near.format(int(away) - 1), alice) == {"exact"}
    assert found(library, "near=47.5,11.4&radius=100") == {"far"}
    assert found(library, "near=47.2,11.4&radius=40000") == {"exact", "far", "square"}


def test_a_circle_over_the_date_line_and_a_pole(tree, alice, few):
    there = {
        name: universe.sighting(alice, seed=name, size=(64, 32), privacy="open", latitude=lat, longitude=lon)
        for name, lat, lon in (("east", 0.0, 179.99), ("west", 0.0, -179.99), ("pole", 89.99, 100.0))
    }
    library = {name: each.occurrences.get() for name, each in there.items()}
    assert found(library, "near=0,180&radius=5000") == {"east", "west"}
    assert found(library, "near=90,0&radius=5000") == {"pole"}


def test_a_search_by_circles_ends_at_the_middle_of_a_square(library):
    """As by boxes: the smallest circle around a corner that finds it is as wide as the middle is away."""
    middle = generalize(HERE["latitude"], HERE["longitude"])
    for corner in ((47.0, 11.2), (47.4, 11.6), (47.0, 11.6)):
        least, most = 1, 100_000
        while most - least > 1:
            radius = (least + most) // 2
            inside = "square" in found(library, f"near={corner[0]},{corner[1]}&radius={radius}")
            least, most = (least, radius) if inside else (radius, most)
        assert most == pytest.approx(distance_m(*corner, middle.latitude, middle.longitude), abs=5)


def test_how_well_a_place_is_known(library):
    assert found(library, "uncertainty_max=25") == {"exact"}
    assert found(library, "uncertainty_max=400") == {"exact", "far"}
    assert found(library, "uncertainty_max=100000") == {"exact", "far", "square"}


def test_what_is_there(library, alice, bob):
    one, other = library["exact"], library["far"]
    photo = one.observation.photos.get()
    boxes.draw(occurrence=one, photo=photo, x=0, y=0, width=1, height=1, by=bob)
    mark = field_marks.point(
        occurrence=other, photo=other.observation.photos.get(), mark="a", x=0.5, y=0.5, by=bob
    )
    comments.add(observation=one.observation, text="Where?", by=bob)
    assert found(library, "has=place") == {"exact", "far", "square"}
    assert found(library, "has=boxes") == found(library, "has=boxes&has=comments") == {"exact"}
    assert found(library, "has=marks") == {"far"} and found(library, "has=marks&has=boxes") == set()
    assert found(library, "lacks=boxes") == found(library, "lacks=comments") == {*library} - {"exact"}
    assert found(library, "lacks=boxes&lacks=marks") == {*library} - {"exact", "far"}
    assert found(library, "lacks=place") == {*library} - {"exact", "far", "square"}
    assert found(library, "has=boxes&lacks=marks") == {"exact"}
    assert found(library, "has=marks&lacks=marks") == set()
    field_marks.withdraw(field_mark=mark, by=bob)
    assert found(library, "has=marks") == set() and found(library, "lacks=marks") == {*library}


def test_who_named_it_and_how_many_agree(library, tree, alice, bob, charlie, rita):
    one = library["exact"]
    for person in (alice, bob, rita):
        identifications.add(occurrence=one, taxon=tree["brown_trout"], by=person)
    assert found(library, f"identified_by={bob.pk}") == {"exact"}
    assert found(library, "agreement_min=1") == {"exact"}
    said = identifications.add(occurrence=one, taxon=tree["chub"], by=charlie)
    one.refresh_from_db()
    assert one.agreed_taxon == tree["brown_trout"] and one.agreed_share == 0.75
    assert found(library, "agreement_min=0.99") == set()
    assert found(library, "agreement_max=0.99") == {"exact"}
    identifications.withdraw(identification=said, by=charlie)
    assert found(library, f"identified_by={charlie.pk}") == set()


def test_licence_and_drawn_are_of_one_photo_that_everybody_sees(library):
    Photo.objects.update(licence="CC-BY-4.0", drawn=False)
    Photo.objects.filter(observation=library["far"].observation_id).update(licence="CC0-1.0", drawn=True)
    assert found(library, "licence=CC0-1.0") == found(library, "drawn=true") == {"far"}
    assert found(library, "licence=CC0-1.0&drawn=false") == set()
    Photo.objects.filter(observation=library["far"].observation_id).update(shown=False)
    assert found(library, "licence=CC0-1.0") == set()


def test_where_a_model_says_otherwise(library, tree, alice, bob):
    one = library["exact"]
    for person in (alice, bob):
        identifications.add(occurrence=one, taxon=tree["brown_trout"], by=person)
    one.refresh_from_db()
    assert found(library, "model_disagrees=true") == set()
    ReviewCase.objects.create(occurrence=one, queue="suspect", taxon=one.agreed_taxon)
    assert found(library, "model_disagrees=true") == {"exact"}


def test_a_trip_finds_for_others_what_is_told_to_be_on_it(library, alice, bob):
    trip = trips.start(
        by=alice,
        privacy="open",
        started_at=datetime(2015, 10, 10, 11, tzinfo=UTC),
        ended_at=datetime(2015, 10, 10, 12, tzinfo=UTC),
    )
    sightings = [library[name].observation_id for name in ("exact", "square", "nowhere")]
    trips.gather(trip=trip, sightings=sightings, by=alice)
    asked = f"trip={trip.pk}"
    assert found(library, asked, alice) == {"exact", "square", "nowhere"}
    assert found(library, asked, bob) == found(library, asked) == {"exact"}
