"""Downloads are whole or not there, and go on where they broke off."""

import base64
import hashlib
import io
import random
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aquavision import Refused, Site, Unreachable, downloads
from aquavision.asking import Patience
from tests.clients.python.scripted import answer, scripted

DATA = random.Random(1).randbytes(3_000_000)


class Shelf(ThreadingHTTPServer):
    """Has one file, and hangs up after `cuts` bytes, one number an answer. `ranges`: what was asked of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hand)
        self.data, self.tag = DATA, '"one"'
        self.cuts: list[int] = []
        self.takes_ranges = True
        self.headers: dict[str, str] = {}
        self.ranges: list[str | None] = []


class Hand(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        shelf = self.server
        asked = self.headers["Range"]
        shelf.ranges.append(asked)
        start = 0
        if asked and shelf.takes_ranges and self.headers["If-Range"] == shelf.tag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(shelf.data) - 1}/{len(shelf.data)}")
        else:
            self.send_response(200)
        body = shelf.data[start:]
        said = {"ETag": shelf.tag, "Content-Length": str(len(body))} | shelf.headers
        for name, value in said.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: shelf.cuts.pop(0)] if shelf.cuts else body)

    def log_message(self, *said) -> None:
        pass


@pytest.fixture
def shelf():
    with Shelf() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def asking(shelf, tries: int = 8):
    with Site(f"http://127.0.0.1:{shelf.server_port}", "", patience=Patience(tries, pause=0.001)) as site:
        yield site


def test_what_broke_off_goes_on_where_it_was(shelf, tmp_path):
    shelf.cuts = [1_000_000, 500_000]
    seen = []
    with asking(shelf) as site:
        path = site.download("file", tmp_path / "a.bin", progress=lambda *said: seen.append(said))
    assert path == tmp_path / "a.bin" and path.read_bytes() == DATA
    assert shelf.ranges[0] is None and len(shelf.ranges) == 3
    starts = [int(each.removeprefix("bytes=").rstrip("-")) for each in shelf.ranges[1:]]
    assert 0 < starts[0] <= 1_000_000 < starts[1] <= 1_500_000
    assert seen[-1] == (len(DATA), len(DATA))
    assert [each.name for each in tmp_path.iterdir()] == ["a.bin"], "nothing is left beside it"


def test_it_goes_on_in_another_run_too(shelf, tmp_path):
    shelf.cuts = [1_000_000]
    with asking(shelf, tries=1) as site, pytest.raises(Unreachable):
        site.download("file", tmp_path / "a.bin")
    assert not (tmp_path / "a.bin").exists(), "half a file has no name"
    with asking(shelf) as site:
        assert site.download("file", tmp_path / "a.bin").read_bytes() == DATA
    assert shelf.ranges[1].startswith("bytes=")


@pytest.mark.parametrize("how", ["another file", "no ranges", "a weak tag"])
def test_where_it_cannot_go_on_it_begins_anew(shelf, tmp_path, how):
    shelf.cuts = [1_000_000]
    if how == "a weak tag":
        shelf.tag = 'W/"one"'
    with asking(shelf, tries=1) as site, pytest.raises(Unreachable):
        site.download("file", tmp_path / "a.bin")
    if how == "another file":
        shelf.data, shelf.tag = DATA[::-1], '"two"'
    shelf.takes_ranges = how != "no ranges"
    with asking(shelf) as site:
        assert site.download("file", tmp_path / "a.bin").read_bytes() == shelf.data


def test_bytes_that_are_not_those_that_were_stated_are_no_file(shelf, tmp_path):
    digest = hashlib.sha256(DATA).digest()
    shelf.headers = {"Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:"}
    with asking(shelf, tries=2) as site:
        assert site.download("file", tmp_path / "a.bin").read_bytes() == DATA
        assert site.download("file", tmp_path / "b.bin", sha256=digest.hex()).exists()
        with pytest.raises(Unreachable, match="not what the site says"):
            site.download("file", tmp_path / "c.bin", sha256="00" * 32)
        shelf.data = DATA[::-1]
        with pytest.raises(Unreachable, match="not what the site says"):
            site.download("file", tmp_path / "d.bin")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.bin", "b.bin"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('attachment; filename="trout.zip"', "trout.zip"),
        ('attachment; filename="../../trout.zip"', "trout.zip"),
        (r'attachment; filename="..\\..\\trout.zip"', "trout.zip"),
        ('attachment; filename=".."', "download"),
        ("attachment", "download"),
    ],
)
def test_the_site_names_a_file_and_no_place(shelf, tmp_path, said, name):
    shelf.headers = {"Content-Disposition": said}
    with asking(shelf) as site:
        assert site.download("file", tmp_path) == tmp_path / name


def test_a_download_that_is_cut_inside_its_header_is_none(tmp_path):
    with scripted(b"HTTP/1.1 200 OK\r\n\r\n", answer("whole")) as script:
        with Site(script.url, "", patience=Patience(pause=0.001)) as site:
            assert site.download("file", tmp_path / "a.bin").read_bytes() == b'"whole"'


def test_half_an_archive_is_none(shelf, tmp_path):
    """An archive that is made while it is sent has no length: where it ends early, nothing but itself says so."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("images/1.jpg", DATA)
    shelf.data = out.getvalue()[:-100]
    with asking(shelf, tries=3) as site, pytest.raises(Unreachable, match="broke off before its end"):
        site.download_dataset("1", "csv", tmp_path)
    assert list(tmp_path.iterdir()) == [] and len(shelf.ranges) == 3


def test_the_hash_of_a_manifest_leaves_out_what_it_is_called():
    one = {"dataset": {"title": "Trout"}, "photos": [{"credit": "Ä"}]}
    other = one | {"dataset": {"title": "Char"}}
    assert downloads.content_hash(one) == downloads.content_hash(other)
    assert downloads.content_hash(one) != downloads.content_hash(one | {"photos": []})


def test_a_manifest_with_another_hash_is_refused(tmp_path):
    shelf = tmp_path / "manifest.json"
    shelf.write_text('{"photos": []}')
    with pytest.raises(Refused, match="This manifest is not"):
        downloads._has_hash("ab" * 32)(shelf)
