"""`fields=`: rows with these alone; everything else about the answer stays."""

import pytest
from rest_framework.test import APIClient

from tests.problems import problem, refusals

pytestmark = pytest.mark.django_db


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


def test_of_a_list_and_of_one(tree):
    page = client().get("/api/v1/taxa", {"fields": "label,rank"}).json()
    assert set(page) == {"next", "previous", "results"} and len(page["results"]) == len(tree)
    assert all(list(row) == ["label", "rank"] for row in page["results"])
    assert client().get("/api/v1/taxa/chub", {"fields": "scientific_name"}).json() == {
        "scientific_name": "Squalius cephalus"
    }


def test_a_name_that_no_row_has_is_refused_with_the_nearest(tree):
    said = refusals(client().get("/api/v1/taxa", {"fields": "label,rnk"}))
    assert "rank" in said["fields"][0]
    assert "fields" in refusals(client().get("/api/v1/taxa", {"fields": "label,,rank"}))
    assert "fields" in refusals(client().get("/api/v1/stats", {"fields": "occurrences"})), "that is no row"


def test_it_shows_nothing_that_was_not_shown(sighting_of_alice, alice, bob, charlie, rita):
    path = f"/api/v1/observations/{sighting_of_alice.pk}"
    for person in (None, alice, bob, charlie, rita):
        whole = client(person).get(path).json()
        for name in whole:
            assert client(person).get(path, {"fields": name}).json() == {name: whole[name]}


def test_a_part_has_the_tag_of_the_whole_which_a_write_is_compared_with(sighting_of_alice, alice):
    path = f"/api/v1/observations/{sighting_of_alice.pk}"
    whole, part = client(alice).get(path), client(alice).get(path, {"fields": "id"})
    assert whole["ETag"] == part["ETag"]
    tag = {"HTTP_IF_MATCH": part["ETag"]}
    assert client(alice).put(path, {"note": "By the weir."}, **tag).status_code == 200
    problem(client(alice).put(path, {"note": "Or not."}, **tag), 412)


def test_a_write_takes_none(sighting_of_alice, alice):
    path = f"/api/v1/observations/{sighting_of_alice.pk}?fields=id"
    assert "fields" in refusals(client(alice).put(path, {"note": "By the weir."}))
