from urllib.parse import quote

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.urls import reverse

from ops.sendfile import hand_to_the_proxy


@pytest.fixture
def behind_nginx(settings):
    settings.SENDFILE = "X-Accel-Redirect"


@pytest.fixture
def behind_apache(settings):
    settings.SENDFILE = "X-Sendfile"


def test_without_a_proxy_there_is_no_such_thing():
    with pytest.raises(MiddlewareNotUsed):
        hand_to_the_proxy(lambda request: HttpResponse())


def test_nginx_is_told_which_file(behind_nginx, client, sighting_of_alice, alice):
    photo = sighting_of_alice.photos.first()
    client.force_login(alice)
    response = client.get(reverse("photo_original", args=[photo.pk]))
    assert response.status_code == 200 and response.content == b""
    assert response["X-Accel-Redirect"] == quote(f"/files/{photo.original_name}")
    assert "Content-Length" not in response
    # All that the site says of it is passed on.
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


def test_apache_is_told_where_it_lies(behind_apache, client, sighting_of_alice):
    photo = sighting_of_alice.photos.first()
    response = client.get(reverse("photo_rendition", args=[photo.pk, 320]))
    assert response["X-Sendfile"] == quote(default_storage.path(photo.rendition_name(320)))
    assert response["Content-Type"] == "image/jpeg"


def test_strangers_get_neither_the_file_nor_its_name(behind_nginx, client, sighting_of_alice, charlie):
    client.force_login(charlie)
    response = client.get(reverse("photo_original", args=[sighting_of_alice.photos.first().pk]))
    assert response.status_code == 404 and "X-Accel-Redirect" not in response


def test_files_of_other_places_are_sent_as_before(behind_nginx, rf, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"here")
    response = hand_to_the_proxy(lambda request: FileResponse(path.open("rb")))(rf.get("/"))
    assert b"".join(response.streaming_content) == b"here" and "X-Accel-Redirect" not in response
