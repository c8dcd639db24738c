"""`expand=`: what rows name comes along once, as far as who asks sees it, in as many queries for one as for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from labeling.actions import identifications
from species.actions import observations, trips
from tests import universe
from tests.problems import refusals


def client_of(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client


@pytest.fixture
def named(sighting_of_alice, tree, alice, bob):
    for person in (alice, bob):
        identifications.add(
            occurrence=sighting_of_alice.occurrences.get(), taxon=tree["brown_trout"], by=person
        )
    return sighting_of_alice


def test_each_stands_beside_the_rows_as_it_is_by_itself(named, alice, bob):
    client, plain = client_of(bob), client_of(bob)
    page = client.get("/api/v1/occurrences?expand=taxon,observation").data
    assert page["expanded"]["taxon"]["brown_trout"] == plain.get("/api/v1/taxa/brown_trout").data
    sighting = plain.get(f"/api/v1/observations/{named.pk}").data
    assert page["expanded"]["observation"] == {str(named.pk): sighting}
    assert page["results"] == plain.get("/api/v1/occurrences").data["results"], "a field holds the same"
    said = client.get("/api/v1/identifications?expand=occurrence").data["expanded"]["occurrence"]
    assert said == {row["id"]: row for row in plain.get("/api/v1/occurrences").data["results"]}
    photo = named.photos.first()
    assert client.get(f"/api/v1/photos/{photo.pk}?expand=observation").data["expanded"]["observation"] == {
        str(named.pk): sighting
    }
    one = client.get(f"/api/v1/observations/{named.pk}?expand=taxon").data
    assert list(one["expanded"]["taxon"]) == ["brown_trout"]


def test_rights_are_those_of_what_comes_along(named, alice, bob):
    asked = "/api/v1/occurrences?expand=observation"
    exact = {
        who: client_of(person).get(asked).data["expanded"]["observation"][str(named.pk)]["exact"]
        for who, person in (("nobody", None), ("owner", alice), ("stranger", bob))
    }
    assert exact["nobody"] is None and exact["stranger"] is None
    assert exact["owner"]["latitude"] == named.latitude
    assert "no-store" in client_of(alice).get(asked)["Cache-Control"]
    trip = trips.start(by=alice, privacy="private")
    observations.describe(observation=named, by=alice, trip=trip)
    at = f"/api/v1/observations/{named.pk}?expand=trip"
    assert list(client_of(alice).get(at).data["expanded"]["trip"]) == [str(trip.pk)]
    assert client_of(bob).get(at).data["expanded"]["trip"] == {}


def test_it_takes_as_many_queries_for_one_row_as_for_many(named, alice, bob, tree):
    client, asked = client_of(bob), "/api/v1/occurrences?expand=taxon,observation"
    client.get(asked)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(asked).data["results"]) == 1
    for number in range(5):
        occurrence = universe.sighting(alice, seed=number).occurrences.get()
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(asked).data["results"]) == 6
    assert len(many) <= len(one) + 1 and len(many) <= 15


def test_what_is_wrong_is_said(named):
    client = client_of()
    assert "taxon" in refusals(client.get("/api/v1/occurrences?expand=taxn"))["expand"][0]
    assert "expand" in refusals(client.get("/api/v1/comments?expand=taxon"))
    feature = client.get("/api/v1/occurrences?expand=taxon", HTTP_ACCEPT="application/geo+json")
    assert "expand" in refusals(feature)


def test_its_etag_is_its_own_and_a_write_names_the_other(named, alice):
    client, at = client_of(alice), f"/api/v1/observations/{named.pk}"
    whole, plain = client.get(f"{at}?expand=taxon"), client.get(at)
    assert whole["ETag"] != plain["ETag"]
    assert client.get(f"{at}?expand=taxon", HTTP_IF_NONE_MATCH=whole["ETag"]).status_code == 304
    body = {"note": "By the weir."}
    assert client.put(at, body, format="json", HTTP_IF_MATCH=whole["ETag"]).status_code == 412
    assert client.put(at, body, format="json", HTTP_IF_MATCH=plain["ETag"]).status_code == 200
