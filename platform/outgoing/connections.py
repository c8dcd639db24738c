"""A connection to a vetted address, cut off at a deadline."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult

from outgoing.addresses import Refused, host_of, port_of, vetted

KINDS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
TLS = ssl.create_default_context()


@contextmanager
def connected(parts: SplitResult, deadline: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to a vetted address of the site, cut off at the deadline (of the monotonic clock).

    Whatever goes wrong on it inside the block is raised as Refused. Socket timeouts start again with every byte: a
    site that sends one a second would never meet them.
    """
    host, port = host_of(parts), port_of(parts)
    late = threading.Event()
    raw = _connect(vetted(host, port, deadline), deadline)
    twin = raw.dup()  # TLS takes `raw` over; both are the same connection

    def cut_off() -> None:
        late.set()
        with suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), cut_off)
    watchdog.daemon = True
    watchdog.start()
    connection: http.client.HTTPConnection = KINDS[parts.scheme](host, port)
    try:
        # A connection that has a socket does not look the name up again.
        connection.sock = raw if parts.scheme == "http" else TLS.wrap_socket(raw, server_hostname=host)
        yield connection
    except ssl.SSLCertVerificationError as error:
        raise Refused("certificate") from error
    except (Refused, OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise Refused("timeout") from error
        if isinstance(error, Refused):
            raise
        incomplete = isinstance(error, http.client.IncompleteRead)
        raise Refused("truncated" if incomplete else "unreachable") from error
    else:
        # A body without a length ends where the connection does, also when it was us who ended it.
        if late.is_set():
            raise Refused("timeout")
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
            raise Refused("timeout")
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError as error:
            failure = error
    raise Refused("timeout" if isinstance(failure, TimeoutError) else "unreachable") from failure
