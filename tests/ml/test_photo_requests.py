"""ml.photo_requests: whatever is wrong, every route says so with the same status, code and Retry-After."""

import errno

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs import full_disk
from ml import photo_requests
from ml.serving import server
from tests.ml.folder import colour_photo

# What is refused and how is said before a database is asked.
pytestmark = pytest.mark.once

DOORS = ["/api/v1/predictions", "/api/predict", "/api/classify", "/api/predict_image", "/"]
LINKED = ["/api/classify", "/api/predict_url"]
JPEG = b"\xff\xd8\xff\xe0"
BAD = {
    "empty": (b"", 400),
    "not_an_image": (b"no image", 400),
    "truncated": (colour_photo("brown_trout")[:60], 400),
    "too_large": (JPEG + b"0" * (25 * 2**20), 413),
}


def told(response) -> tuple:
    """Status, code and Retry-After; a page has no code."""
    code = response.json().get("code") if response["Content-Type"].endswith("json") else None
    return response.status_code, code, response.get("Retry-After")


def send(client, path: str, data: bytes):
    return client.post(path, {"image": SimpleUploadedFile("x", data)})


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("code", BAD)
def test_a_bad_photo(client, live, path, code):
    data, status = BAD[code]
    response = send(client, path, data)
    said, named, again = told(response)
    assert (said, again) == (status, None)
    assert path == "/" or named in (code, "broken")


@pytest.mark.parametrize("path", DOORS)
def test_no_photo(client, live, path):
    said, code, again = told(client.post(path, {}))
    assert (said, again) == (400, None)
    assert path == "/" or code == "missing"


@pytest.mark.parametrize("path", DOORS[:-1])
@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"{}", "application/json", "missing"),
        (b"--x\r\n", "multipart/form-data", "broke_off"),
        (b"nothing", "multipart/form-data; boundary=x", "missing"),
    ],
)
def test_a_body_that_is_no_form(client, live, path, body, kind, code):
    assert told(client.post(path, body, content_type=kind)) == (400, code, None)


@pytest.mark.parametrize("path", DOORS)
def test_no_model(client, db, path):
    said, code, again = told(send(client, path, colour_photo("brown_trout")))
    assert (said, again) == (503, "10")
    assert path == "/" or code == "no_model"


@pytest.mark.parametrize("path", DOORS)
def test_a_full_house(client, live, settings, monkeypatch, path):
    settings.INFERENCE_SLOTS, settings.INFERENCE_LINE = 1, 0
    monkeypatch.setattr(server, "_server", None)
    with server.get_server().line.turn():
        said, code, again = told(send(client, path, colour_photo("brown_trout")))
    assert said == 503 and int(again) >= 1
    assert path == "/" or code == "busy"


@pytest.mark.parametrize("path", DOORS)
def test_a_decoder_that_does_not_start(client, live, no_decoder, path):
    said, code, again = told(send(client, path, colour_photo("brown_trout")))
    assert said == 503 and again
    assert path == "/" or code == "no_decoder"


def test_a_full_disk():
    """Through the doors of a running site: tests/chaos/test_full_disk.py."""
    with pytest.raises(photo_requests.Refused) as refused, photo_requests.refusing():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (refused.value.status, refused.value.code) == (507, "no_room")
    assert refused.value.retry_after == full_disk.RETRY_AFTER


@pytest.mark.parametrize("path", LINKED)
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "missing"),
        ("ftp://example.org/x.jpg", "scheme"),
        ("http://127.0.0.1:1/x.jpg", "private"),
        ("http://[", "address"),
        ("http://testserver/nothing", "no_photo"),
    ],
)
def test_a_bad_address(client, live, path, url, code):
    response = client.get(path, {"url": url})
    assert told(response) == (400, code, None)
    # On the home page no address is no question.
    assert told(client.get("/", {"url": url})) == (400 if url else 200, None, None)
