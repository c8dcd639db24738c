"""/places and /stats: what names of places mean, and what the site holds."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from labeling.actions import identifications
from species.models import Occurrence
from tests import universe
from tests.problems import refusals

ROOT = "/api/v1/"


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


def found(person, **said) -> list[dict]:
    answer = client(person).get(f"{ROOT}places", said)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


class TestPlaces:
    @pytest.fixture
    def pools(self, alice, tree):
        for name, privacy in (("Upper pool", "open"), ("Secret pool", "private")):
            place = universe.place(name)
            universe.sighting(alice, seed=name, latitude=47.5, longitude=13.4, privacy=privacy, place=place)

    def test_what_everybody_may_see_and_ones_own(self, pools, alice, bob, charlie, rita):
        [upper] = found(None, q="upper pool")
        assert (upper["name"], upper["latitude"], upper["longitude"]) == ("Upper pool", 47.5, 13.4)
        for person in (None, bob, charlie, rita):
            assert "Secret pool" not in [each["name"] for each in found(person, q="pool")]
        assert "Secret pool" in [each["name"] for each in found(alice, q="secret pool")]
        assert len(found(alice, q="pool", limit=1)) == 1

    def test_nonsense_is_refused_by_name(self, db):
        for said, name in (
            ({}, "q"),
            ({"q": "pool", "limit": "many"}, "limit"),
            ({"q": "x", "limit": 51}, "limit"),
        ):
            assert name in refusals(client().get(f"{ROOT}places", said))


class TestStats:
    def test_counts_of_what_is_shown(self, alice, bob, charlie, tree, django_assert_num_queries):
        for seed in range(3):
            universe.sighting(alice, seed=seed, size=(64, 48), local_date=date(2015, 10, 9), privacy="open")
        universe.sighting(alice, seed="draft", published=False)
        for person in (bob, charlie):
            identifications.add(occurrence=Occurrence.objects.first(), taxon=tree["chub"], by=person)
        with django_assert_num_queries(4):
            said = client().get(f"{ROOT}stats").json()
        assert said["occurrences"] == {"needs_id": 2, "verified": 1, "disputed": 0} | {
            name: 0 for name in said["occurrences"] if name not in ("needs_id", "verified", "disputed")
        }
        assert said["verified_by_taxon"] == [{"taxon": "chub", "count": 1}]
        assert said["verified_by_month"] == [{"month": "2015-10", "count": 1}]
        assert client(alice).get(f"{ROOT}stats").json() == said, "the same for whoever asks"
        of_chub = client().get(f"{ROOT}stats", {"taxon": "chub"}).json()
        assert of_chub["verified_by_taxon"] == said["verified_by_taxon"]
        assert client().get(f"{ROOT}stats", {"taxon": "brown_trout"}).json()["verified_by_taxon"] == []
        assert "taxon" in refusals(client().get(f"{ROOT}stats", {"taxon": "unicorn"}))
