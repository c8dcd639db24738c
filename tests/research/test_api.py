"""Datasets over the API: the same doors as the pages, in JSON."""

import io
import zipfile
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import actions as accounts
from jobs import worker
from research.actions import datasets
from research.exports import FORMATS
from research.manifest import store
from research.models import Dataset
from species.actions import photos
from tests.problems import refusals
from tests.research.building import freeze

LIST = "/api/v1/datasets"
EVERYBODY = ("anonymous", "owner", "colleague", "stranger", "reviewer", "researcher", "admin")


@pytest.fixture
def people(alice, bob, charlie, rita, rosa, ada):
    accounts.grant(user=bob, scope="all", purpose="A joint paper", by=ada)
    return dict(zip(EVERYBODY, (None, alice, bob, charlie, rita, rosa, ada), strict=True))


def client(person) -> APIClient:
    """Signed in with a token, as programs are."""
    api = APIClient()
    if person:
        secret = accounts.make_token(user=person, name="test", by=person).secret
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return api


#                anonymous  owner  colleague  stranger  reviewer  researcher  admin
TABLE = {
    "": (200, 200, 200, 200, 200, 200, 200),
    "/{id}": (200, 200, 200, 200, 200, 200, 200),
    "/{id}/manifest": (401, 200, 200, 200, 200, 200, 200),
    "/{id}/exports/csv": (401, 200, 200, 200, 200, 200, 200),
    "POST": (401, 403, 403, 403, 403, 202, 202),
    "DELETE": (401, 403, 403, 403, 403, 405, 405),
}


@pytest.mark.parametrize("what", TABLE)
def test_who_may(what, dataset, people):
    for who, expected in zip(EVERYBODY, TABLE[what], strict=True):
        api = client(people[who])
        if what == "POST":
            response = api.post(LIST, {"title": "Mine"})
        elif what == "DELETE":
            response = api.delete(f"{LIST}/{dataset.pk}")
        else:
            response = api.get(LIST + what.format(id=dataset.pk))
        assert response.status_code == expected, (what, who)
    assert Dataset.objects.count() == (3 if what == "POST" else 1)


def test_a_dataset_says_what_it_is(dataset, rosa):
    said = client(None).get(f"{LIST}/{dataset.pk}").json()
    assert said["content_hash"] == dataset.content_hash
    assert said["title"] == "Trout of the Enns" and said["version"] == 1 and said["state"] == "frozen"
    assert said["created_by"] == "Rosa" and said["formats"] == list(FORMATS)
    assert said["summary"]["photos"] == 7
    assert set(said["summary"]["dropped_by"]) == {"trip_day", "individual", "near_duplicate"}
    assert "example.org" not in str(said)


def test_freezing_over_the_api(library, rosa):
    api = client(rosa)
    said = {"title": "Trout of the Inn", "note": "First try"}
    refused = api.post(LIST, said | {"state": "frozen", "version": 9})
    assert set(refusals(refused)) == {"state", "version"}
    made = api.post(LIST, said)
    assert made.status_code == 202
    assert (made.json()["state"], made.json()["version"], made.json()["formats"]) == ("freezing", 1, [])
    worker.run_due()
    assert api.get(f"{LIST}/{made.json()['id']}").json()["state"] == "frozen"


@pytest.mark.parametrize("sent", [{}, {"title": ""}, {"title": "   "}, {"title": "x" * 121}, {"title": None}])
def test_a_dataset_without_a_name_is_refused(rosa, sent):
    response = client(rosa).post(LIST, sent)
    assert response.status_code == 400 and "title" in response.json()
    assert not Dataset.objects.exists()


def test_files_over_the_api(dataset, charlie):
    api = client(charlie)
    sent = api.get(f"{LIST}/{dataset.pk}/manifest")
    assert store.content_hash(sent.json()) == dataset.content_hash
    archive = api.get(f"{LIST}/{dataset.pk}/exports/coco")
    assert archive["Content-Type"] == "application/zip"
    zipped = zipfile.ZipFile(io.BytesIO(b"".join(archive.streaming_content)))
    assert "annotations.json" in zipped.namelist()


def test_what_there_is_not(dataset, charlie):
    api = client(charlie)
    assert api.get(f"{LIST}/{uuid4()}").status_code == 404
    missing = api.get(f"{LIST}/{dataset.pk}/exports/tarball")
    assert missing.status_code == 404 and "csv, coco" in missing.json()["detail"]


def test_gone_and_not_yet(library, dataset, rosa, ada, charlie):
    api = client(charlie)
    waiting = datasets.freeze(title="Later", by=rosa)
    early = api.get(f"{LIST}/{waiting.pk}/exports/csv")
    assert early.status_code == 409 and "not frozen" in early.json()["detail"]
    datasets.retire(dataset=dataset, by=ada, reason="Two kinds were mixed up.")
    for path in ("manifest", "exports/csv"):
        gone = api.get(f"{LIST}/{dataset.pk}/{path}")
        assert gone.status_code == 410 and "Two kinds were mixed up." in gone.json()["detail"]
    said = api.get(f"{LIST}/{dataset.pk}").json()
    assert said["state"] == "retired" and said["formats"] == []


def test_which_datasets_hold_a_photo(dataset, library, rosa, alice):
    photo = library[1].photos.first()
    photos.say(photo=photo, purpose="research", granted=False, by=alice)
    freeze(rosa, title="The next one")
    api = client(alice)
    found = api.get(LIST, {"photo": str(photo.pk)}).json()["results"]
    assert [each["id"] for each in found] == [str(dataset.pk)]
    assert api.get(LIST, {"photo": str(uuid4())}).json()["results"] == []
    assert api.get(LIST, {"photo": "not a uuid"}).status_code == 400
    assert len(api.get(LIST, {"state": "frozen"}).json()["results"]) == 2


def test_the_list_takes_the_same_queries_for_one_and_for_many(rosa):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert APIClient().get(LIST).status_code == 200
        return len(queries)

    datasets.freeze(title="One", by=rosa)
    one = count()
    for number in range(5):
        datasets.freeze(title=f"More {number}", by=rosa)
    assert count() == one <= 2
