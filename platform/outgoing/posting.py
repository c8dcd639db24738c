"""Telling another site something."""

import time
from collections.abc import Mapping

from outgoing.addresses import split, target_of
from outgoing.connections import connected


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
    """Send `body` by POST; the status of the answer, within `timeout` seconds from the look-up on.

    No redirect is followed, and nothing of the answer is read but its head: whoever wrote the address must not learn
    by it what another site says. Raises Refused.
    """
    deadline = time.monotonic() + timeout
    parts = split(url)
    with connected(parts, deadline) as connection:
        connection.request("POST", target_of(parts), body=body, headers=dict(headers))
        return connection.getresponse().status
