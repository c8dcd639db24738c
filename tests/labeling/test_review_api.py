"""Queues of reviewers, what is confused, regions, and taking a sighting back, by the API."""

import pytest
from rest_framework.test import APIClient

from labeling.actions import boxes, flags, identifications
from labeling.queries import review
from species.models import State
from tests import universe
from tests.problems import refusals


def client_of(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client


NOBODY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def flagged(alice, bob) -> list:
    sightings = [universe.sighting(alice, seed=number) for number in range(3)]
    return [flags.raise_flag(photo=each.photos.get(), kind="rights", by=bob) for each in sightings]


def test_queues_have_their_counts_and_their_rows_in_order(flagged, rita):
    client = client_of(rita)
    counts = {each["queue"]: each["count"] for each in client.get("/api/v1/review").data["results"]}
    assert list(counts) == list(review.QUEUES) and counts["flagged"] == 3 and counts["disputed"] == 0
    first = client.get("/api/v1/review/flagged?limit=2").data
    rest = client.get(f"/api/v1/review/flagged?after={first['after']}").data
    assert [row["key"] for row in [*first["results"], *rest["results"]]] == [str(each.pk) for each in flagged]
    assert rest["after"] is None and {row["about"] for row in first["results"]} == {"flag"}
    assert first["results"][0]["occurrence"] == str(flagged[0].photo.observation.occurrences.get().pk)


def test_they_are_for_reviewers(flagged, alice, bob, charlie, rita, ada):
    for path in ("review", "review/flagged"):
        codes = [client_of(each).get(f"/api/v1/{path}").status_code for each in (None, alice, bob, charlie)]
        assert codes == [401, 403, 403, 403]
        assert [client_of(each).get(f"/api/v1/{path}").status_code for each in (rita, ada)] == [200, 200]


@pytest.mark.parametrize(
    "asked", ["after=x", "after=11111111-1111-4111-8111-111111111111", "limit=0", "limit=1000", "zzz=1"]
)
def test_what_is_wrong_is_said(rita, asked):
    answer = client_of(rita).get(f"/api/v1/review/flagged?{asked}")
    assert asked.partition("=")[0] in refusals(answer)
    assert client_of(rita).get("/api/v1/review/nothing").status_code == 404


def test_what_is_confused_with_a_name(alice, bob, charlie, tree):
    occurrence = universe.sighting(alice, seed="c").occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["rainbow_trout"], by=charlie)
    for person in (alice, bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    said = client_of().get("/api/v1/taxa/brown_trout/confusions").data
    assert said == {"taxon": "brown_trout", "results": ["rainbow_trout"]}
    assert client_of().get("/api/v1/taxa/unicorn/confusions").status_code == 404


def test_a_sighting_says_its_regions_and_what_is_handed_on(sighting_of_alice, alice, bob, tree):
    occurrence, photo = sighting_of_alice.occurrences.get(), sighting_of_alice.photos.first()
    for person, x in ((alice, 0.1), (bob, 0.12)):
        boxes.draw(occurrence=occurrence, photo=photo, x=x, y=0.1, width=0.5, height=0.5, by=person)
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    said = client_of().get(f"/api/v1/occurrences/{occurrence.pk}").data
    [region] = said["regions"]
    assert str(region["photo"]) == str(photo.pk) and region["people"] == 2 and region["spread"] > 0
    assert said["exported_taxon"] == "brown_trout"


def test_a_sighting_is_taken_back_until_somebody_has_answered(sighting_of_alice, alice, bob, charlie, tree):
    at = f"/api/v1/observations/{sighting_of_alice.pk}/take_back"
    assert [client_of(each).post(at).status_code for each in (None, bob, charlie)] == [401, 404, 404]
    identifications.add(occurrence=sighting_of_alice.occurrences.get(), taxon=tree["chub"], by=bob)
    assert client_of(alice).post(at).status_code == 400
    other = universe.sighting(alice, seed="other")
    assert client_of(alice).post(f"/api/v1/observations/{other.pk}/take_back").status_code == 204
    other.refresh_from_db()
    assert other.state == State.DRAFT
