"""Fetching a photo from an address that a stranger wrote, without being led into our own network.

Names are resolved here, every address is vetted, and the connection is made to the vetted address itself: a
name that answers differently the second time gains nothing. Redirects start again from the top.
`settings.URL_FETCH_ALLOW` lists `host:port` pairs that are fetched whatever they resolve to.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

from species.images.refusals import MAX_BYTES

TIMEOUT = 15.0
MAX_REDIRECTS = 3
MAX_URL = 2000
CHUNK = 64 * 1024
HEADERS = {
    "User-Agent": "AquaVision/1 (fetches single photos that its users name)",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
SAFE = "/?%:@!$&'()*+,;=~[]"
DEFAULT_PORTS = {"http": 80, "https": 443}
FIRST_USER_PORT = 1024
KINDS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
TLS = ssl.create_default_context()
REDIRECTS = (301, 302, 303, 307, 308)

# IPv6 addresses that carry an IPv4 one inside: a gateway on the way would unpack a private one.
# In order: IPv4-compatible and -mapped, translated (SIIT), NAT64 twice, Teredo, 6to4; then old site-local.
EMBEDDING = [
    ip_network(block)
    for block in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
    )
]

MESSAGES = {
    "address": "This is not an address of a photo. It should look like https://example.org/photo.jpg.",
    "scheme": "Only addresses that begin with http:// or https:// can be fetched.",
    "unknown_host": "There is no site of this name. Check the address.",
    "private": "This address leads into a private network, so it is not fetched.",
    "port": "This address names a port that photos do not come from.",
    "unreachable": "The site at this address did not answer. Try again later, or send the photo itself.",
    "certificate": "The site at this address cannot prove who it is, so nothing was fetched from it.",
    "redirects": "This address leads on and on to others. Use the address of the photo itself.",
    "status": "The site at this address did not give the photo.",
    "too_large": f"What is at this address is larger than {MAX_BYTES // 2**20} MB, the most we take.",
    "timeout": "Fetching the photo took too long. Try again later, or send the photo itself.",
    "truncated": "The site broke off half-way. Try again later, or send the photo itself.",
}


class FetchRefused(Exception):
    """Nothing was fetched. `code` is for programs (a key of MESSAGES), `str()` for the person who asked."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or MESSAGES[code]

    def __str__(self) -> str:
        return self.message


def fetch(url: str, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT) -> bytes:
    """The bytes at `url`, within `timeout` seconds from the first look-up to the last byte.

    Raises FetchRefused, whatever went wrong; nothing beyond `max_bytes` is read.
    """
    deadline = time.monotonic() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        answer = _get(_split(url), max_bytes, deadline)
        if isinstance(answer, bytes):
            return answer
        try:
            url = urljoin(url, answer)
        except ValueError:  # half a bracket
            raise FetchRefused("address") from None
    raise FetchRefused("redirects")


def is_public(address: str) -> bool:
    """Whether an IP address (text, without a zone) is one that anybody on the internet could reach."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv6Address) and any(ip in block for block in EMBEDDING):
        return False
    special = (
        ip.is_private,
        ip.is_loopback,
        ip.is_link_local,
        ip.is_multicast,
        ip.is_reserved,
        ip.is_unspecified,
    )
    return ip.is_global and not any(special)


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL or any(ord(sign) < 33 or ord(sign) == 127 for sign in url.strip(" ")):
        raise FetchRefused("address")
    try:
        parts = urlsplit(url.strip(" "))
        _ = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # UnicodeError, a port beyond 65535, half a bracket
        raise FetchRefused("address") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise FetchRefused("scheme")
    if not host or "%" in host or parts.username is not None or parts.password is not None:
        raise FetchRefused("address")
    return parts


def _get(parts: SplitResult, max_bytes: int, deadline: float) -> bytes | str:
    """The body, or where the answer redirects to."""
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    with _connection(parts.scheme, host, port, deadline) as connection:
        target = quote(parts.path or "/", safe=SAFE) + (parts.query and "?" + quote(parts.query, safe=SAFE))
        connection.request("GET", target, headers=HEADERS)
        response = connection.getresponse()
        if response.status in REDIRECTS and response.getheader("Location"):
            return str(response.getheader("Location"))
        if response.status != 200:
            raise FetchRefused("status", f"The site at this address answered with {response.status}.")
        return _body(response, max_bytes)


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    expected = response.length
    if expected is not None and expected > max_bytes:
        raise FetchRefused("too_large")
    data = bytearray()
    while expected is None or len(data) < expected:
        chunk = response.read1(CHUNK)  # what is there already; read() would wait for all of it
        if not chunk:
            break
        data += chunk
        if len(data) > max_bytes:
            raise FetchRefused("too_large")
    if expected is not None and len(data) < expected:
        raise FetchRefused("truncated")
    return bytes(data)


@contextmanager
def _connection(scheme: str, host: str, port: int, deadline: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to a vetted address of `host`, cut off at the deadline.

    Socket timeouts start again with every byte: a site that sends one a second would never meet them.
    """
    late = threading.Event()
    raw = _connect(_addresses(host, port, deadline), deadline)
    twin = raw.dup()  # TLS takes `raw` over; both are the same connection

    def cut_off() -> None:
        late.set()
        with suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), cut_off)
    watchdog.daemon = True
    watchdog.start()
    connection: http.client.HTTPConnection = KINDS[scheme](host, port)
    try:
        # A connection that has a socket does not look the name up again.
        connection.sock = raw if scheme == "http" else TLS.wrap_socket(raw, server_hostname=host)
        yield connection
    except ssl.SSLCertVerificationError as error:
        raise FetchRefused("certificate") from error
    except (FetchRefused, OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise FetchRefused("timeout") from error
        if isinstance(error, FetchRefused):
            raise
        incomplete = isinstance(error, http.client.IncompleteRead)
        raise FetchRefused("truncated" if incomplete else "unreachable") from error
    else:
        # A body without a length ends where the connection does, also when it was us who ended it.
        if late.is_set():
            raise FetchRefused("timeout")
    finally:
        watchdog.cancel()
        connection.close()
        raw.close()
        twin.close()


def _connect(addresses: list[tuple[str, int]], deadline: float) -> socket.socket:
    """To the first address that answers."""
    failure: OSError | None = None
    for address, port in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchRefused("timeout")
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError as error:
            failure = error
    raise FetchRefused("timeout" if isinstance(failure, TimeoutError) else "unreachable") from failure


def _addresses(host: str, port: int, deadline: float) -> list[tuple[str, int]]:
    """The public addresses of `host`, or all of them where this host and port are allowed by name."""
    allowed = f"{host}:{port}".lower() in settings.URL_FETCH_ALLOW
    found = _resolve(host, port, deadline)
    vetted = [(address, port) for address in found if allowed or is_public(address)]
    if not vetted:
        raise FetchRefused("private")
    if not allowed and port not in DEFAULT_PORTS.values() and port < FIRST_USER_PORT:
        raise FetchRefused("port")
    return vetted


def _resolve(host: str, port: int, deadline: float) -> list[str]:
    """What the name stands for, in the system's order of preference."""
    answers: list[list[str] | OSError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            # The zone of a link-local address is no part of it.
            answers.append([str(entry[4][0]).partition("%")[0] for entry in found])
        except (OSError, UnicodeError) as error:
            answers.append(error if isinstance(error, OSError) else OSError(str(error)))

    # The resolver knows no deadline of ours; a thread that waits for it can be left behind.
    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if not answers:
        raise FetchRefused("timeout")
    if isinstance(answers[0], OSError):
        raise FetchRefused("unknown_host") from answers[0]
    return answers[0]
