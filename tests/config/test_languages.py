"""Organisms are called as `Accept-Language` asks, in what is read; sentences and what is written are not."""

import pytest
from rest_framework.test import APIClient

from labeling.actions import identifications
from look import languages
from species.models import Taxon
from tests import universe

AT = "/api/v1/taxa/brown_trout"


@pytest.fixture
def trout(tree) -> Taxon:
    taxon = tree["brown_trout"]
    taxon.common_names = {"en": "brown trout", "de": "Bachforelle", "pt-BR": "truta-marrom"}
    taxon.save()
    return taxon


def called(said: str | None, at: str = AT) -> str:
    headers = {} if said is None else {"Accept-Language": said}
    answer = APIClient().get(at, headers=headers)
    assert answer.status_code == 200 and "Accept-Language" in answer["Vary"]
    return answer.json()["name"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (None, "Brown trout"),
        ("de", "Bachforelle"),
        ("de-AT,de;q=0.8,en;q=0.5", "Bachforelle"),
        ("fr,de;q=0.4,en;q=0.8", "Brown trout"),
        ("en;q=0.1,de;q=0.2", "Bachforelle"),
        ("pt-br", "Truta-marrom"),
        ("de;q=0", "Brown trout"),
        ("fr", "Brown trout"),
        ("*", "Brown trout"),
        ("banana banana;;;q=x", "Brown trout"),
    ],
)
def test_in_the_first_language_that_it_has(trout, said, name):
    assert called(said) == name


def test_without_a_name_it_is_the_scientific_one(trout):
    trout.common_names = {}
    trout.save()
    assert called("de") == trout.scientific_name


def test_another_language_is_another_answer(trout):
    api = APIClient()
    english, german = (api.get(AT, headers={"Accept-Language": each}) for each in ("en", "de"))
    assert english["ETag"] != german["ETag"]
    again = {"Accept-Language": "de", "If-None-Match": german["ETag"]}
    assert api.get(AT, headers=again).status_code == 304


def test_what_was_read_in_another_language_can_be_written(trout, alice, bob):
    """A browser says its language with every request."""
    sighting = universe.sighting(alice, seed="hers")
    occurrence = sighting.occurrences.get()
    for who in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=trout, by=who)
    api = APIClient()
    api.force_login(alice)
    at, headers = f"/api/v1/observations/{sighting.pk}", {"Accept-Language": "de"}
    read = api.get(at, headers=headers)
    said = headers | {"If-Match": read["ETag"]}
    assert api.put(at, {"note": "By the weir."}, format="json", headers=said).status_code == 200
    assert api.put(at, {"note": "Later."}, format="json", headers=said).status_code == 412


def test_refusals_and_what_is_written_are_in_the_language_of_the_site(trout, alice, bob):
    api = APIClient()
    refused = api.get("/api/v1/taxa/brown_trout?nonsense=1", headers={"Accept-Language": "de"})
    assert refused.json()["title"] == "This cannot be taken as it is."
    sighting = universe.sighting(alice, seed="hers")
    identifications.add(occurrence=sighting.occurrences.get(), taxon=trout, by=bob)
    api.force_login(alice)
    headers = {"Accept-Language": "de"}
    api.patch("/api/v1/me", {"display_name": "Anna"}, format="json", headers=headers)
    assert languages.wanted() == (), "nothing of it stays for who asks next"
