"""Pages and answers of last resort."""

import errno

import pytest

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


@pytest.mark.parametrize(
    ("path", "part"), [("/upload", b"photos"), ("/api/v1/predictions", b"image"), ("/api/predict", b"image")]
)
def test_an_upload_that_breaks_off_is_no_fault_of_ours(client, alice, path, part):
    client.force_login(alice)
    client.raise_request_exception = False
    answer = client.post(
        path,
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH="3000000",
        **{"wsgi.input": Silent(HEAD % part + b"x" * 100_000)},
    )
    assert answer.status_code == 400
    assert "broke off" in answer.content.decode()
    assert not Photo.objects.exists()
