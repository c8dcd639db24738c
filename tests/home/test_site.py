"""Pages and answers of last resort."""

import errno
import gc
import re

import pytest
from django.test import Client

from species.models import Photo

HEAD = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a.jpg"\r\n\r\n'


class Silent:
    """A body of which so much arrives, and then nothing for as long as the web server waits."""

    def __init__(self, begun: bytes) -> None:
        self.begun = begun

    def read(self, size: int = -1) -> bytes:
        if not self.begun:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        begun, self.begun = self.begun, b""
        return begun

    readline = read


@pytest.mark.parametrize("length", [3_000_000, 20_000_000], ids=["in memory", "in a file"])
@pytest.mark.parametrize(
    ("path", "part"), [("/upload", b"photos"), ("/api/v1/predictions", b"image"), ("/api/predict", b"image")]
)
def test_an_upload_that_breaks_off_is_no_fault_of_ours(client, alice, settings, tmp_path, path, part, length):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    client.force_login(alice)
    client.raise_request_exception = False
    gc.disable()
    try:
        answer = client.post(
            path,
            content_type="multipart/form-data; boundary=b",
            CONTENT_LENGTH=str(length),
            **{"wsgi.input": Silent(HEAD % part + b"x" * 100_000)},
        )
        assert answer.status_code == 400
        assert "broke off" in answer.content.decode()
        assert not Photo.objects.exists()
        assert list(tmp_path.iterdir()) == [], "not even until the next collection"
    finally:
        gc.enable()


def test_a_form_without_its_token_is_refused_in_words():
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "alice@example.org"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()


def test_the_api_page_says_of_every_route_what_it_does_for_a_client(client, db):
    routes = client.get("/api/docs").context["routes"]
    assert len(routes) > 40
    for route in routes:
        said = (route["method"], route["path"], route["summary"])
        assert route["summary"], said
        assert not re.search(r"[Mm]ix into|viewset|REST framework", route["summary"]), said
