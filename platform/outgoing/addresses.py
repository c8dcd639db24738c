"""Which addresses are reached at all."""

import socket
import threading
import time
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ClassVar
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings

MAX_URL = 2000
SAFE = "/?%:@!$&'()*+,;=~[]"
DEFAULT_PORTS = {"http": 80, "https": 443}
FIRST_USER_PORT = 1024

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
    "address": "This is not an address of a site. It should look like https://example.org/something.",
    "scheme": "Only addresses that begin with http:// or https:// are reached from here.",
    "unknown_host": "There is no site of this name. Check the address.",
    "private": "This address leads into a private network, so nothing is sent there.",
    "port": "This address names a port that is kept for something else than the web.",
    "unreachable": "The site at this address did not answer.",
    "certificate": "The site at this address cannot prove who it is, so nothing was sent there.",
    "timeout": "The site at this address took too long.",
    "truncated": "The site at this address broke off half-way.",
}


class Refused(Exception):
    """Nothing came of a request. `code` is for programs (a key of `messages`), `str()` for the person who asked."""

    messages: ClassVar[Mapping[str, str]] = MESSAGES

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or self.messages[code]

    def __str__(self) -> str:
        return self.message


def split(url: str) -> SplitResult:
    """An address in its parts. Raises Refused for what is none, or none of the web."""
    if len(url) > MAX_URL or any(ord(sign) < 33 or ord(sign) == 127 for sign in url.strip(" ")):
        raise Refused("address")
    try:
        parts = urlsplit(url.strip(" "))
        _ = parts.port
        host = host_of(parts)
    except ValueError:  # UnicodeError, a port beyond 65535, half a bracket
        raise Refused("address") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused("scheme")
    if not host or "%" in host or parts.username is not None or parts.password is not None:
        raise Refused("address")
    return parts


def host_of(parts: SplitResult) -> str:
    return (parts.hostname or "").encode("idna").decode("ascii")


def port_of(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS[parts.scheme]


def target_of(parts: SplitResult) -> str:
    """Path and query as a request can hold them."""
    return quote(parts.path or "/", safe=SAFE) + (parts.query and "?" + quote(parts.query, safe=SAFE))


def vet(url: str, timeout: float) -> None:
    """Raises Refused for an address that would not be reached as its name stands now. Makes no connection; asks the
    resolver, for at most `timeout` seconds.
    """
    parts = split(url)
    vetted(host_of(parts), port_of(parts), time.monotonic() + timeout)


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


def vetted(host: str, port: int, deadline: float) -> list[tuple[str, int]]:
    """The public addresses of `host`, or all of them where this host and port are allowed by name.

    Raises Refused where there is none; `deadline` is of the monotonic clock.
    """
    allowed = f"{host}:{port}".lower() in settings.URL_FETCH_ALLOW
    found = _resolve(host, port, deadline)
    public = [(address, port) for address in found if allowed or is_public(address)]
    if not public:
        raise Refused("private")
    if not allowed and port not in DEFAULT_PORTS.values() and port < FIRST_USER_PORT:
        raise Refused("port")
    return public


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
        raise Refused("timeout")
    if isinstance(answers[0], OSError):
        raise Refused("unknown_host") from answers[0]
    return answers[0]
