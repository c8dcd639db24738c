"""`POST /photos/{id}/erase`: the bytes are gone, every address of theirs with them, and asked again it is the same."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from rest_framework.test import APIClient

from species import ingest
from species.images.decode import SIZES
from species.models import Photo
from tests.problems import problem


@pytest.fixture
def api(ada) -> APIClient:
    client = APIClient()
    client.force_login(ada)
    return client


@pytest.fixture
def photo(dataset, library) -> Photo:
    """One that a published dataset holds."""
    return library[0].observation.photos.order_by("position").first()


def files_of(photo: Photo) -> list[str]:
    return [photo.original_name, *(photo.rendition_name(size) for size in SIZES)]


def addresses_of(photo: Photo) -> list[str]:
    pictures = [reverse("photo_rendition", args=[photo.pk, size]) for size in SIZES]
    return [f"/api/v1/photos/{photo.pk}", reverse("photo_original", args=[photo.pk]), *pictures]


def test_nothing_of_it_is_left(api, client, photo, dataset, django_capture_on_commit_callbacks):
    at = f"/api/v1/photos/{photo.pk}/erase"
    assert all(default_storage.exists(name) for name in files_of(photo))
    assert [api.get(each).status_code for each in addresses_of(photo)] == [200] * 5
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(at, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 200 and answer.json() == {"datasets": [str(dataset.pk)]}
    assert not any(default_storage.exists(name) for name in files_of(photo))
    for asked in (api, client):
        assert [asked.get(each).status_code for each in addresses_of(photo)] == [404] * 5
    retired = api.get(f"/api/v1/datasets/{dataset.pk}/manifest")
    assert problem(retired, 410)["detail"]
    gone = api.get("/api/v1/deletions").json()["results"]
    assert str(photo.pk) in [row["id"] for row in gone if row["kind"] == "photo"]
    assert problem(api.post(at), 404), "asked again, it is not there"
    again = api.post(at, headers={"Idempotency-Key": "once"})
    assert again.status_code == 200 and again["Idempotency-Replayed"] == "true"
    assert again.json() == answer.json(), "who did not hear the answer hears it"


def test_another_who_sent_the_same_bytes_keeps_theirs(api, photo, django_capture_on_commit_callbacks, bob):
    with default_storage.open(photo.original_name) as file:
        data = file.read()
    theirs = ingest.receive(data=data, owner=bob).photo
    with django_capture_on_commit_callbacks(execute=True):
        assert api.post(f"/api/v1/photos/{photo.pk}/erase").status_code == 200
    assert theirs.original_name == photo.original_name and default_storage.exists(theirs.original_name)
    assert not default_storage.exists(photo.rendition_name(320))
