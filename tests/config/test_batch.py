"""Many writes in one request: each as by itself, or all or none; counted, bounded, and no way round what is refused."""

import pytest
from rest_framework.test import APIClient

from config.throttling import Writes
from labeling.models import AllBoxed, Box, Flag, Identification, Pass, Ruling
from tests import universe

NAMES = "/api/v1/identifications:batch"


@pytest.fixture
def occurrences(tree, alice) -> list[str]:
    return [str(universe.sighting(alice, seed=seed).occurrences.get().pk) for seed in range(3)]


@pytest.fixture
def api(bob) -> APIClient:
    client = APIClient()
    client.force_authenticate(bob)
    return client


def said(occurrences, *taxa: str) -> list[dict]:
    return [{"occurrence": id, "taxon": taxon} for id, taxon in zip(occurrences, taxa, strict=True)]


def test_each_has_its_own_result(api, occurrences, bob):
    items = [*said(occurrences, "chub", "unicorn", "brown_trout"), {"taxno": "chub"}, "chub"]
    answer = api.post(NAMES, {"items": items}, format="json")
    assert answer.status_code == 200
    found = answer.json()
    assert [each["status"] for each in found["results"]] == [201, 400, 201, 400, 400]
    assert (found["done"], found["refused"]) == (2, 3)
    assert found["results"][0]["row"]["taxon"] == "chub"
    assert set(Identification.objects.values_list("occurrence", flat=True)) == {
        Identification.objects.get(taxon__label=label).occurrence_id for label in ("chub", "brown_trout")
    }
    assert found["results"][1]["problem"]["errors"][0]["pointer"] == "#/items/1/taxon"
    assert "taxon" in found["results"][3]["problem"]["errors"][0]["detail"]
    assert found["results"][4]["problem"]["errors"][0]["pointer"] == "#/items/4"


def test_all_or_none(api, occurrences):
    items = said(occurrences, "chub", "unicorn", "chub")
    answer = api.post(NAMES, {"items": items, "atomic": True}, format="json")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "refused"
    assert answer.json()["errors"][0]["pointer"] == "#/items/1/taxon"
    assert not Identification.objects.exists()
    items[1]["taxon"] = "chub"
    assert api.post(NAMES, {"items": items, "atomic": True}, format="json").json()["done"] == 3
    again = api.post(NAMES, {"items": items, "atomic": True}, format="json").json()
    assert again["done"] == 3 and Identification.objects.filter(withdrawn_at=None).count() == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": {"0": {}}},
        {"items": "chub"},
        {"items": [{}], "atomic": "yes"},
        {"items": [{}], "zzz": 1},
        {"items": [{}] * 501},
        {"items": [{}] * 101, "atomic": True},
        [],
    ],
)
def test_what_is_no_batch_is_refused(body, api, tree):
    answer = api.post(NAMES, body, format="json")
    assert answer.status_code == 400 and answer.json()["errors" if isinstance(body, dict) else "detail"]


def test_every_item_is_counted(api, occurrences, monkeypatch):
    monkeypatch.setattr(Writes, "THROTTLE_RATES", {"writes": "5/hour", "writes_anonymous": "5/hour"})
    items = said(occurrences, "chub", "chub", "chub")
    first = api.post(NAMES, {"items": items}, format="json")
    assert first.status_code == 200 and ";r=2;" in first["RateLimit"]
    second = api.post(NAMES, {"items": items}, format="json")
    assert second.status_code == 429
    assert Identification.objects.count() == 3


def test_who_may(occurrences, alice, bob, charlie, rita, ada):
    items = said(occurrences, "chub", "chub", "chub")
    assert APIClient().post(NAMES, {"items": items}, format="json").status_code in (401, 403)
    for person in (bob, charlie, rita, ada, alice):
        client = APIClient()
        client.force_authenticate(person)
        assert client.post(NAMES, {"items": items}, format="json").json()["done"] == 3, person


def test_the_others(api, occurrences, tree, alice):
    sighting = universe.sighting(alice, seed="others")
    occurrence, photo = str(sighting.occurrences.get().pk), str(sighting.photos.get().pk)
    box = {"occurrence": occurrence, "photo": photo, "x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5}
    for where, item, model in (
        ("passes", {"occurrence": occurrence, "kind": "skip"}, Pass),
        ("boxes", box, Box),
        ("flags", {"photo": photo, "kind": "person", "reason": "A hand."}, Flag),
        ("all_boxed", {"photo": photo}, AllBoxed),
    ):
        answer = api.post(f"/api/v1/{where}:batch", {"items": [item]}, format="json")
        assert answer.json()["done"] == 1 and model.objects.count() == 1, answer.json()
    assert api.get(NAMES).status_code == 405


def test_rulings_are_those_of_reviewers_each_by_itself(occurrences, bob, rita):
    items = [{"occurrence": id, "taxon": "chub", "reason": "Seen."} for id in occurrences]
    for person, statuses in ((bob, {403}), (rita, {201})):
        client = APIClient()
        client.force_authenticate(person)
        found = client.post("/api/v1/rulings:batch", {"items": items}, format="json").json()
        assert {each["status"] for each in found["results"]} == statuses
    assert Ruling.objects.filter(reviewer=rita, withdrawn_at=None).count() == 3
    assert client.post("/api/v1/rulings:batch", {"items": items}, format="json").json()["done"] == 3
    assert Ruling.objects.count() == 3, "sent again, they are the same"
