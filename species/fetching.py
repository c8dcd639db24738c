"""Fetching a photo from an address that a stranger wrote: what `outgoing` reaches, and where that redirects to."""

import http.client
import time
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import SplitResult, urljoin

from outgoing.addresses import Refused, split, target_of
from outgoing.connections import connected
from species.images.refusals import MAX_BYTES

TIMEOUT = 15.0
MAX_REDIRECTS = 3
CHUNK = 64 * 1024
HEADERS = {
    "User-Agent": "AquaVision/1 (fetches single photos that its users name)",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
REDIRECTS = (301, 302, 303, 307, 308)

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


class FetchRefused(Refused):
    """Nothing was fetched. `code` is for programs (a key of MESSAGES), `str()` for the person who asked."""

    messages: ClassVar[Mapping[str, str]] = MESSAGES


def fetch(url: str, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT) -> bytes:
    """The bytes at `url`, within `timeout` seconds from the first look-up to the last byte.

    Raises FetchRefused, whatever went wrong; nothing beyond `max_bytes` is read. Redirects start again from the top.
    """
    deadline = time.monotonic() + timeout
    try:
        for _ in range(MAX_REDIRECTS + 1):
            answer = _get(split(url), max_bytes, deadline)
            if isinstance(answer, bytes):
                return answer
            url = _where(url, answer)
    except FetchRefused:
        raise
    except Refused as error:
        raise FetchRefused(error.code) from error
    raise FetchRefused("redirects")


def _where(url: str, redirected: str) -> str:
    try:
        return urljoin(url, redirected)
    except ValueError:  # half a bracket
        raise FetchRefused("address") from None


def _get(parts: SplitResult, max_bytes: int, deadline: float) -> bytes | str:
    """The body, or where the answer redirects to."""
    with connected(parts, deadline) as connection:
        connection.request("GET", target_of(parts), headers=HEADERS)
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
