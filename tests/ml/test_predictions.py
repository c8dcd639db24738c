"""`/api/v1/predictions`: which photo is asked about, what stands beside an answer, and many at once as a job."""

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions import make_token
from jobs import worker
from jobs.models import Job
from labeling.actions import identifications
from labeling.models import ShownSuggestion, digest
from ml import stored_files
from ml.queries import asked
from ops import fsck
from tests import universe
from tests.ml.folder import CLASSES, colour_photo
from tests.problems import problem, refusals

AT = "/api/v1/predictions"
WHERE = {"latitude": 47.27, "longitude": 11.39}


@pytest.fixture
def api_of():
    def api(person) -> APIClient:
        client = APIClient()
        secret = make_token(user=person, name="an app", by=person).secret
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
        return client

    return api


def ask(client, **said):
    return (
        client.post(AT, said, format="multipart") if isinstance(client, APIClient) else client.post(AT, said)
    )


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("x", colour_photo("brown_trout"))


def test_it_says_by_which_model_and_how_long_it_took(client, live, tree):
    body = ask(client, file=file(), top_k="2").json()
    assert (body["model"], body["model_version"]) == (live.name, live.version)
    assert 0 < body["seconds"] < 60 and len(body["predictions"]) == 2
    whole = ask(client, file=file()).json()["predictions"]
    assert len(whole) == len(CLASSES) and whole[:2] == body["predictions"]
    assert [each["verified_near"] for each in whole] == [None] * len(CLASSES)


def test_a_place_and_a_day_stand_beside_it_and_change_no_probability(client, live, tree, alice, bob):
    for number, (day, privacy) in enumerate(
        [(date(2020, 5, 1), "open"), (date(2021, 6, 1), "open"), (date(2020, 5, 2), "private")]
    ):
        sighting = universe.sighting(alice, seed=number, local_date=day, privacy=privacy, **WHERE)
        for person in (alice, bob):
            identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], by=person)
    plain = ask(client, file=file()).json()["predictions"]
    said = ask(client, file=file(), observed_on="1999-05-30", **WHERE).json()["predictions"]
    assert [each["probability"] for each in said] == [each["probability"] for each in plain]
    found = {each["label"]: (each["verified_near"], each["verified_near_then"]) for each in said}
    assert found["brown_trout"] == (2, 1), "of those whose place everybody is told"
    assert {each for label, each in found.items() if label != "brown_trout"} == {(0, 0)}
    here = ask(client, file=file(), **WHERE).json()["predictions"][0]
    assert (here["verified_near"], here["verified_near_then"]) == (2, None)
    elsewhere = ask(client, file=file(), latitude=-47, longitude=11, observed_on="1999-05-30").json()
    assert elsewhere["predictions"][0]["verified_near"] == 0


def test_a_photo_or_an_organism_of_the_library(client, live, alice, bob, charlie, api_of, sighting_of_alice):
    photo, organism = sighting_of_alice.photos.first(), sighting_of_alice.occurrences.get()
    whole = ask(api_of(alice), photo=str(photo.pk)).json()
    public = ask(client, photo=str(photo.pk)).json()
    assert whole["model"] == public["model"] == live.name
    assert ask(api_of(bob), occurrence=str(organism.pk)).status_code == 200
    seen = ShownSuggestion.objects.filter(person=bob)
    assert list(seen.values_list("photo_digest", "source")) == [(digest(photo.sha256), live.name)]
    draft = universe.sighting(alice, seed="draft", published=False).photos.get()
    assert ask(api_of(alice), photo=str(draft.pk)).status_code == 200
    unknown = "00000000-0000-4000-8000-000000000000"
    for who in (client, api_of(charlie)):
        hidden, none = ask(who, photo=str(draft.pk)), ask(who, photo=unknown)
        assert refusals(hidden) == refusals(none) == {"photo": ["You see no such photo."]}
    assert refusals(ask(client, occurrence=unknown)) == {"occurrence": ["You see no such photo."]}


def test_others_ask_about_as_much_as_they_see(alice, charlie, sighting_of_alice):
    photo = sighting_of_alice.photos.first()
    assert asked.photo(photo.pk, alice) == (photo, True) and asked.photo(photo.pk, charlie) == (photo, False)
    assert stored_files.bytes_of(photo, True) != stored_files.bytes_of(photo, False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"top_k": "0"}, "top_k"),
        ({"top_k": "many"}, "top_k"),
        ({"latitude": "47"}, "longitude"),
        ({"latitude": "95", "longitude": "0"}, "latitude"),
        ({"latitude": "nan", "longitude": "0"}, "latitude"),
        ({"observed_on": "2020-05-01"}, "observed_on"),
        ({"observed_on": "May"} | WHERE, "observed_on"),
        ({"url": "https://example.org/x.jpg"}, "file"),
        ({"photo": "x"}, "photo"),
        ({"topk": "1"}, "topk"),
    ],
)
def test_what_is_wrong_is_said_by_name(client, live, said, field):
    assert list(refusals(ask(client, file=file(), **said))) == [field]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.org/x.jpg", "scheme"),
        ("http://127.0.0.1:1/x.jpg", "private"),
        ("http://testserver/nothing", "no_photo"),
    ],
)
def test_an_address_is_refused_as_at_the_ancestors_routes(client, live, url, code):
    assert problem(ask(client, url=url))["code"] == code


def test_an_address_of_this_site_is_its_photo(client, live, sighting_of_alice):
    photo = sighting_of_alice.photos.first()
    assert ask(client, url=f"http://testserver/photos/{photo.pk}/1008.jpg").status_code == 200


class TestMany:
    @pytest.fixture
    def done(self, alice, live, tree, sighting_of_alice, bob, api_of):
        """A client of Alice's, and the address of what was said of three photos of which she sees one."""
        api = api_of(alice)
        hidden = universe.sighting(bob, seed="draft", published=False).photos.get()
        one = str(sighting_of_alice.photos.first().pk)
        items = [
            {"photo": one, "top_k": 1} | WHERE,
            {"photo": str(hidden.pk)},
            {"url": "http://127.0.0.1/x.jpg"},
        ]
        answer = api.post(f"{AT}:batch", {"items": items}, format="json")
        assert answer.status_code == 202, answer.content
        assert answer.json()["result"] is None
        again = api.post(f"{AT}:batch", {"items": items[:1]}, format="json")
        assert "still looked at" in problem(again)["detail"]
        worker.run(answer.json()["id"])
        return api, api.get(answer["Location"]).json()["result"].removeprefix("http://testserver")

    def test_each_is_answered_in_its_place(self, done, live, alice, sighting_of_alice):
        api, at = done
        said = api.get(at).json()["results"]
        assert said[0]["prediction"]["model"] == live.name and len(said[0]["prediction"]["predictions"]) == 1
        assert said[0]["prediction"]["predictions"][0]["verified_near"] == 0
        assert [each.get("code") for each in said] == [None, "no_photo", "private"]
        assert said[1]["error"] == "You see no such photo." and "prediction" not in said[1]
        seen = ShownSuggestion.objects.get(person=alice)
        assert seen.photo_digest == digest(sighting_of_alice.photos.first().sha256)
        assert "no-store" in api.get(at)["Cache-Control"]

    def test_it_is_theirs_alone_and_gone_after_a_week(self, done, bob, ada, api_of):
        api, at = done
        for other in (bob, ada):
            assert api_of(other).get(at).status_code == 404
        [name] = stored_files.files_expected(stored_files.PREDICTED)
        assert default_storage.exists(name) and stored_files.is_expected(name)
        assert name not in fsck.look(grace=0).strays
        other = name.replace(".json", "7.json")
        default_storage.save(other, file())
        stored_files.forget_old_predictions()
        assert default_storage.exists(name) and not default_storage.exists(other)
        Job.objects.update(finished_at=timezone.now() - stored_files.LASTS - timedelta(minutes=1))
        assert api.get(at).status_code == 404
        stored_files.forget_old_predictions()
        assert not default_storage.exists(name)

    @pytest.mark.parametrize(
        ("items", "field"),
        [
            ([], "items"),
            ([{}] * 201, "items"),
            ([{}], "items/0/photo"),
            ([{"photo": "x"}], "items/0/photo"),
            ([{"url": "https://example.org/x.jpg", "topk": 1}], "items/0/topk"),
            ([{"url": "https://example.org/x.jpg", "latitude": 1}], "items/0/longitude"),
        ],
    )
    def test_what_is_wrong_is_said_by_its_place(self, alice, api_of, items, field):
        answer = api_of(alice).post(f"{AT}:batch", {"items": items}, format="json")
        found = list(refusals(answer))
        assert found[0].startswith(field) and not Job.objects.filter(kind=stored_files.PREDICTED).exists()

    def test_without_a_model_it_fails_and_says_so(self, alice, api_of, sighting_of_alice):
        items = [{"photo": str(sighting_of_alice.photos.first().pk)}]
        made = api_of(alice).post(f"{AT}:batch", {"items": items}, format="json").json()
        worker.run(made["id"])
        row = Job.objects.get(pk=made["id"])
        assert row.state == "failed" and "No model is live" in row.message + row.error
