"""Against a real server on a real socket: what is fetched, and what never is."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from shutil import which

import pytest

from outgoing import connections
from outgoing.addresses import is_public
from species import fetching
from species.fetching import FetchRefused, fetch

BODY = bytes(range(256)) * 40


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, dict[str, str]]] = []

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        type(self).seen.append((self.path, dict(self.headers)))
        what = self.path.split("?")[0].strip("/").split("/")
        getattr(self, what[0])(*what[1:])

    def photo(self, *rest) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(BODY), 1000):
            part = BODY[start : start + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        with_suppressed_errors(lambda: [self.wfile.write(b"x" * 65536) for _ in range(10_000)])
        self.close_connection = True

    def drip(self) -> None:
        """One byte every 50 ms, no length."""
        self.send_response(200)
        self.end_headers()
        with_suppressed_errors(lambda: [(self.wfile.write(b"x"), time.sleep(0.05)) for _ in range(200)])
        self.close_connection = True

    def drip_headers(self) -> None:
        with_suppressed_errors(lambda: [(self.wfile.write(b"H"), time.sleep(0.05)) for _ in range(200)])
        self.close_connection = True

    def short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"x" * 100)
        self.close_connection = True

    def status(self, code: str) -> None:
        self.send_response(int(code))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def to(self, *rest: str) -> None:
        """/to/2/photo redirects twice, then to /photo; /to/where?url is a redirect to that url."""
        left = int(rest[0])
        self.redirect("/photo" if left == 1 else f"/to/{left - 1}")

    def elsewhere(self) -> None:
        self.redirect(self.path.split("?", 1)[1])

    def redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()


def with_suppressed_errors(write) -> None:
    try:
        write()
    except OSError:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(settings) -> Iterator[str]:
    Site.seen = []
    with serving() as port:
        settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
        yield f"http://127.0.0.1:{port}"


def code(url: str, **keywords) -> str:
    with pytest.raises(FetchRefused) as refused:
        fetch(url, **keywords)
    assert str(refused.value).endswith(".") and refused.value.code in fetching.MESSAGES
    return refused.value.code


def test_a_photo(site):
    assert fetch(f"{site}/photo") == BODY
    assert fetch(f"{site}/chunked") == BODY


def test_path_and_query_are_sent_as_an_address_can_hold_them(site):
    assert fetch(f"{site}/photo/förelle a.jpg?x=1&y=%20#part".replace(" ", "%20")) == BODY
    path, headers = Site.seen[-1]
    assert path == "/photo/f%C3%B6relle%20a.jpg?x=1&y=%20"
    assert headers["Host"] == site.removeprefix("http://")


def test_the_port_is_part_of_what_is_allowed(site, settings):
    settings.URL_FETCH_ALLOW = ["127.0.0.1:1"]
    assert code(f"{site}/photo") == "private"
    assert Site.seen == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "[::]",
    ],
)
def test_no_spelling_of_this_machine_is_fetched(site, settings, host):
    settings.URL_FETCH_ALLOW = []
    port = site.rpartition(":")[2]
    assert code(f"http://{host}:{port}/photo") in ("private", "unknown_host")
    assert Site.seen == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "ff0e::1",
        "fec0::1",
        "2001:db8::1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_addresses_that_are(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.org/a.jpg", "scheme"),
        ("gopher://example.org/", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("photo.jpg", "scheme"),
        ("", "scheme"),
        ("http://", "address"),
        ("http:///a.jpg", "address"),
        ("http://user:word@example.org/", "address"),
        ("http://example.org:99999/", "address"),
        ("http://[::1/", "address"),
        ("http://[fe80::1%25eth0]/", "address"),
        ("http://example.org/a\r\nHost: x", "address"),
        ("http://example.org/" + "a" * 3000, "address"),
        ("http://" + "a" * 64 + ".example/", "address"),
        ("http://93.184.216.34:22/", "port"),
        ("http://10.0.0.1:25/", "private"),
        ("http://no-such-site.invalid/a.jpg", "unknown_host"),
    ],
)
def test_addresses_that_name_no_photo(url, expected):
    assert code(url, timeout=8) == expected


def test_redirects_are_followed_three_times(site):
    assert fetch(f"{site}/to/3") == BODY
    assert code(f"{site}/to/4") == "redirects"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("http://127.0.0.1:1/photo", "private"),
        ("http://169.254.169.254/latest/meta-data", "private"),
        ("file:///etc/passwd", "scheme"),
        ("//localhost:9/", "private"),
        ("http://[half/", "address"),
    ],
)
def test_a_redirect_is_vetted_like_the_first_address(site, where, expected):
    assert code(f"{site}/elsewhere?{where}") == expected


@pytest.mark.parametrize("status", ["404", "403", "500", "204", "206"])
def test_only_a_plain_yes_is_a_photo(site, status):
    assert code(f"{site}/status/{status}") == "status"


def test_no_more_is_read_than_allowed(site):
    assert code(f"{site}/photo", max_bytes=len(BODY) - 1) == "too_large"
    assert code(f"{site}/chunked", max_bytes=len(BODY) - 1) == "too_large"
    assert code(f"{site}/endless", max_bytes=1_000_000) == "too_large"
    assert fetch(f"{site}/photo", max_bytes=len(BODY)) == BODY


def test_a_body_that_stops_early(site):
    assert code(f"{site}/short") == "truncated"


@pytest.mark.parametrize("path", ["drip", "drip_headers"])
def test_a_site_that_drips_meets_the_deadline(site, path):
    start = time.monotonic()
    assert code(f"{site}/{path}", timeout=0.5) == "timeout"
    assert time.monotonic() - start < 3


def test_a_site_that_says_nothing_meets_the_deadline(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
        start = time.monotonic()
        assert code(f"http://127.0.0.1:{port}/", timeout=0.5) == "timeout"
        assert time.monotonic() - start < 3


def test_nobody_there(settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
    assert code(f"http://127.0.0.1:{port}/", timeout=3) == "unreachable"


def test_a_name_that_changes_its_mind_is_asked_once(site, settings, monkeypatch):
    """The address that was vetted is the one connected to (DNS rebinding)."""
    port = int(site.rpartition(":")[2])
    settings.URL_FETCH_ALLOW = []
    asked: list[str] = []
    connected: list[str] = []

    def resolve(host, *args, **keywords):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, timeout=None):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert code(f"http://rebinding.example:{port}/photo") == "unreachable"
    assert asked == ["rebinding.example"] and connected == ["93.184.216.34"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if which("openssl") is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem", folder / "key.pem"


def test_https_checks_who_answers(certificate, settings, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with serving(context) as port:
        settings.URL_FETCH_ALLOW = [f"localhost:{port}", f"127.0.0.1:{port}"]
        assert code(f"https://localhost:{port}/photo") == "certificate"
        monkeypatch.setattr(connections, "TLS", ssl.create_default_context(cafile=certificate[0]))
        assert fetch(f"https://localhost:{port}/photo") == BODY
        assert code(f"https://127.0.0.1:{port}/photo") == "certificate"
