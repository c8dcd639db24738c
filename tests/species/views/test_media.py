"""The bytes of photos: who gets which, and what caches may keep."""

import io
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from accounts import actions as accounts
from species import access
from species.actions import photos
from species.models import Photo
from tests import universe


@pytest.fixture
def photo(sighting_of_alice) -> Photo:
    return sighting_of_alice.photos.order_by("position").first()


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def rendition(photo: Photo, size: int = 320) -> str:
    return reverse("photo_rendition", args=[photo.pk, size])


@pytest.mark.parametrize("size", [320, 1008, 2016])
def test_a_shown_photo_is_everybodys_and_caches_may_keep_it(client, photo, size):
    response = client.get(rendition(photo, size))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "public, max-age=3600, must-revalidate", (
        "what is withdrawn is gone in an hour"
    )
    assert "Cookie" not in response.get("Vary", ""), "one copy in a cache must do for everybody"
    with Image.open(io.BytesIO(body(response))) as image:
        assert image.size == photo.rendition_size(size)
        assert not image.getexif()


def test_it_takes_one_query(client, photo, alice, django_assert_num_queries):
    client.force_login(alice)
    with django_assert_num_queries(1):
        client.get(rendition(photo))


@pytest.mark.parametrize("size", [0, 319, 321, 4000])
def test_no_other_sizes(client, photo, size):
    assert client.get(rendition(photo, size)).status_code == 404


def test_a_hidden_photo_is_for_its_owner_reviewers_and_colleagues(
    client, photo, alice, bob, charlie, rita, ada, sighting_of_alice
):
    photos.say(photo=photo, purpose="show", granted=False, by=alice)
    scope = access.observation_scope(sighting_of_alice.pk)
    accounts.grant(user=bob, scope=scope, purpose="to compare", by=alice)
    assert client.get(rendition(photo)).status_code == 404
    for person, code in ((alice, 200), (bob, 200), (charlie, 404), (rita, 200), (ada, 200)):
        client.force_login(person)
        response = client.get(rendition(photo))
        assert response.status_code == code, person
        if code == 200:
            assert "private" in response["Cache-Control"] and "public" not in response["Cache-Control"]


def test_a_draft_is_its_owners(client, alice, rita, ada):
    draft = universe.sighting(alice, seed="draft", published=False).photos.get()
    assert client.get(rendition(draft)).status_code == 404
    for person, code in ((alice, 200), (rita, 404), (ada, 404)):
        client.force_login(person)
        assert client.get(rendition(draft)).status_code == code, person
        assert client.get(reverse("photo_original", args=[draft.pk])).status_code == code, person


def test_what_is_not_there_is_not_found(client, alice, photo):
    client.force_login(alice)
    for name, args in (("photo_rendition", [uuid4(), 320]), ("photo_original", [uuid4()])):
        assert client.get(reverse(name, args=args)).status_code == 404
    default_storage.delete(photo.rendition_name(320))
    assert client.get(rendition(photo)).status_code == 404


def test_the_original_is_a_download_that_runs_nothing(client, alice, photo):
    client.force_login(alice)
    response = client.get(reverse("photo_original", args=[photo.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="{photo.pk}.jpg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["Cache-Control"] == "private, no-store"
    assert body(response) == universe.photo_bytes("alice 0")


def test_only_reading(client, alice, photo):
    client.force_login(alice)
    assert client.post(rendition(photo)).status_code == 405
    assert client.post(reverse("photo_original", args=[photo.pk])).status_code == 405
    assert client.head(rendition(photo)).status_code == 200
