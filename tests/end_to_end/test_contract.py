"""What the clients of the three ancestors send, and what they must get, over a real socket."""

import functools
import io
import json
import socket
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from PIL import Image

# The same answers whatever the rows are kept in.
pytestmark = pytest.mark.once

LABELS = ["brown_trout", "chub", "rainbow_trout"]


@pytest.fixture(scope="module")
def photo(collection) -> bytes:
    return sorted(collection.glob("browntrout/*.png"))[0].read_bytes()


def post(site, path, **kwargs):
    response = requests.post(site.url + path, timeout=60, allow_redirects=False, **kwargs)
    assert response.headers["Cache-Control"] == "no-store"
    return response


def get(site, path, **kwargs):
    return requests.get(site.url + path, timeout=60, allow_redirects=False, **kwargs)


def refused(response, *statuses: int) -> str:
    """Asserts a refusal as the contract wants it; its sentence."""
    assert response.status_code in (statuses or range(400, 500)), response.text
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert body["success"] is False
    assert isinstance(body["error"], str) and body["error"]
    return body["error"]


def test_classes(site):
    response = get(site, "/api/classes")
    assert response.status_code == 200
    assert response.json() == LABELS
    assert response.headers["Cache-Control"] == "no-store"
    assert (
        response.headers["Access-Control-Allow-Origin"] == "*"
        if "Origin" in response.request.headers
        else True
    )


def test_cors_is_open_on_these_routes_and_on_no_page(site):
    origin = {"Origin": "https://elsewhere.example"}
    assert get(site, "/api/classes", headers=origin).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in get(site, "/explore", headers=origin).headers
    asked = requests.options(
        site.url + "/api/classify",
        headers=origin | {"Access-Control-Request-Method": "POST"},
        timeout=30,
    )
    assert asked.status_code == 200
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]


def test_predict_answers_exactly_two_keys(site, photo):
    response = post(site, "/api/predict", files={"image": photo})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"class", "success"}
    assert body["success"] is True and body["class"] in LABELS


@pytest.mark.parametrize("part", ["image", "file"])
@pytest.mark.parametrize("path", ["/api/predict", "/api/classify"])
def test_either_part_name_on_either_route(site, photo, path, part):
    assert post(site, path, files={part: ("x", photo, "image/jpg")}).status_code == 200


def test_classify_as_the_mobile_app_reads_it(site, photo):
    response = post(site, "/api/classify", files={"file": ("IMG_1.JPG", photo, "image/jpg")})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"class", "predictions"}
    assert body["class"] in LABELS
    assert body["predictions"][0]["class"] == body["class"].replace("_", " ")
    assert len(body["predictions"]) == 3
    for guess in body["predictions"]:
        assert set(guess) == {"class", "output", "prob"}
        assert guess["output"] == round(guess["output"], 1)
        assert guess["prob"] == round(guess["prob"], 2)
    probabilities = [guess["prob"] for guess in body["predictions"]]
    assert probabilities == sorted(probabilities, reverse=True)


def test_python_client_without_name_or_type(site, photo):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="image"\r\n\r\n'
        + photo
        + b"\r\n--b--\r\n"
    )
    response = post(
        site, "/api/predict", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert response.status_code == 200, response.text


def test_chunked_body(site, photo):
    def pieces():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        yield b"Content-Type: image/jpg\r\n\r\n"
        for start in range(0, len(photo), 4096):
            yield photo[start : start + 4096]
        yield b"\r\n--b--\r\n"

    response = post(
        site, "/api/classify", data=pieces(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert response.status_code == 200, response.text
    assert response.json()["class"] in LABELS


def test_orientation_is_undone_before_anything_else(site, photo):
    upright = Image.open(io.BytesIO(photo)).convert("RGB")
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    plain, rotated = io.BytesIO(), io.BytesIO()
    upright.save(plain, "PNG")
    turned.save(rotated, "PNG", exif=exif)
    answers = [
        post(site, "/api/predict_image", files={"file": data.getvalue()}).json()["predictions"]
        for data in (plain, rotated)
    ]
    assert answers[0] == answers[1]


def test_ping(site):
    response = get(site, "/ping")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.content == b"pong"


def test_config(site):
    body = get(site, "/config").json()
    for key in ("about", "code", "description", "title"):
        assert isinstance(body[key], str) and body[key]
    assert body["sampleImages"], "the library has verified photos, so there are samples"
    for sample in body["sampleImages"]:
        assert sample["url"].startswith(site.url)
        image = requests.get(sample["url"], timeout=30)
        assert image.headers["Content-Type"] == "image/jpeg"
        answer = get(site, "/api/classify", params={"url": sample["url"]})
        assert answer.status_code == 200, answer.text
    assert body["noun"], "unknown keys pass through"


@pytest.mark.parametrize("path", ["/", "/about"])
def test_pages_with_the_same_controls(site, path):
    response = get(site, path)
    assert response.status_code == 200
    for part in ('type="file"', 'name="url"', "Name it", 'id="answer"', "samples"):
        assert part in response.text


def test_successor_api(site, photo):
    body = post(site, "/api/predict_image?top_k=2", files={"file": photo}).json()
    assert set(body) == {"file_size", "predictions", "duration_inference", "error"}
    assert body["file_size"] == len(photo)
    assert len(body["predictions"]) == 2
    assert body["error"] is None and body["duration_inference"] > 0
    assert all(set(guess) == {"label", "confidence"} for guess in body["predictions"])
    sample = get(site, "/config").json()["sampleImages"][0]["url"]
    by_url = get(site, "/api/predict_url", params={"url": sample, "top_k": 5}).json()
    assert by_url["error"] is None and len(by_url["predictions"]) == 3
    assert "number" in refused(post(site, "/api/predict_image?top_k=many", files={"file": photo}))


@pytest.mark.parametrize("path", ["/api/predict", "/api/classify", "/api/predict_image"])
def test_bad_uploads_get_json_and_a_reason(site, photo, path):
    refused(post(site, path))
    refused(post(site, path, data={"image": "text, not a file"}))
    refused(post(site, path, files={"other": photo}))
    refused(post(site, path, files={"image": b""}))
    refused(post(site, path, files={"image": b"this is not an image at all" * 50}))
    refused(post(site, path, files={"image": photo[: len(photo) // 2]}))
    refused(post(site, path, files={"image": bomb()}))
    refused(
        post(site, path, data=b"--b\r\nnonsense", headers={"Content-Type": "multipart/form-data; boundary=x"})
    )
    refused(post(site, path, data=b"x", headers={"Content-Type": "multipart/form-data"}))
    assert post(site, path, files={"image": photo}).status_code == 200


@functools.cache
def bomb() -> bytes:
    """A small PNG that says it is 40,000 × 40,000 pixels, every one of them the same."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 40_000
    packer = zlib.compressobj(1)
    row = b"\0" + bytes(side // 8)
    pixels = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_too_large_is_read_and_then_refused(site):
    refused(post(site, "/api/classify", files={"file": b"\xff\xd8\xff" + b"0" * 27_000_000}), 413)


def test_far_too_large_is_refused_without_end(site):
    """A phone that sends 200 MB hears a refusal, not a broken pipe, and does not hold a thread for long."""
    head = (
        b"POST /api/classify HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: 200000000\r\nConnection: close\r\n\r\n"
    )
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as sock:
        sock.sendall(head)
        sent, piece = 0, b"0" * (1 << 20)
        answer = b""
        try:
            while sent < 70 << 20:
                sock.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        try:
            while more := sock.recv(65536):
                answer += more
        except OSError:
            pass
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b'"success": false' in answer
    assert time.monotonic() - started < 40


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "ftp://example.org/x.jpg",
        "file:///etc/passwd",
        "http://127.0.0.1:1/x.jpg",
        "http://localhost/x.jpg",
        "http://10.0.0.1/x.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x.jpg",
        "http://0x7f000001/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
    ],
)
@pytest.mark.parametrize("path", ["/api/classify", "/api/predict_url"])
def test_addresses_that_are_never_fetched(site, path, url):
    refused(get(site, path, params={"url": url}))


def test_own_address_that_is_no_photo(site):
    refused(get(site, "/api/classify", params={"url": site.url + "/admin/"}))


def test_private_neighbour_is_not_reached(site):
    """A server on this machine that would answer: nobody must have asked it."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        refused(get(site, "/api/classify", params={"url": f"http://127.0.0.1:{server.server_port}/x.jpg"}))
    finally:
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize("path", ["/api/predict", "/api/predict_image"])
def test_wrong_method_is_json_too(site, path):
    refused(get(site, path), 405)


def test_no_trailing_slash_no_redirect_no_login(site, photo):
    for path in ("/api/classes", "/config", "/ping"):
        assert get(site, path).status_code == 200
    assert post(site, "/api/classify", files={"file": photo}).status_code == 200


def test_whole_mobile_session(site, photo):
    """The three calls of the app, in its order, on one connection."""
    with requests.Session() as session:
        assert session.get(site.url + "/ping").ok
        names = session.get(site.url + "/api/classes").json()
        assert len(names) == len(set(names)) and all(name == name.lower() for name in names)
        answer = session.post(site.url + "/api/classify", files={"file": ("photo.jpg", photo, "image/jpg")})
        assert answer.status_code == 200
        assert json.loads(answer.text)["class"] in names


def test_a_crowd_is_answered_or_told_when_to_come_back(site, photo):
    with ThreadPoolExecutor(64) as crowd:
        asked = [crowd.submit(post, site, "/api/classify", files={"file": photo}) for _ in range(192)]
        answers = [each.result() for each in asked]
    taken = [answer for answer in answers if answer.status_code == 200]
    assert taken and len({answer.json()["class"] for answer in taken}) == 1
    for answer in answers:
        if answer.status_code != 200:
            refused(answer, 503)
            assert int(answer.headers["Retry-After"]) >= 1
    assert post(site, "/api/classify", files={"file": photo}).status_code == 200
