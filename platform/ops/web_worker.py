"""gunicorn's threads, without its waits for clients that do not hang up and for clients that fell silent."""

import socket
import struct
import time
from contextlib import suppress

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

# What is read of a body that was refused: a phone that still sends would never see the answer.
PATIENCE = 5  # seconds
LIMIT = 64 * 1024 * 1024  # bytes
PIECE = 64 * 1024


class WebWorker(ThreadWorker):
    """Ends a connection in the thread that answered it, and one on which nothing moves for `timeout` seconds.

    gunicorn (26 to 27.0.1) ends it in the thread that hands out all requests, and there waits up to two seconds
    for the client to hang up: twenty clients that do not made everybody else wait 13 seconds. For the rest of a
    body it waits without end: sixteen phones that lost their network in mid-upload were a process lost.
    """

    def handle(self, conn):
        # The kernel's, because gunicorn takes Python's back when it begins to read.
        silence = struct.pack("ll", self.cfg.timeout, 0)
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, direction, silence)
        again = super().handle(conn)
        if not again:
            # Seen from the other thread the client has now hung up.
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        return again

    def handle_request(self, req, conn):
        again = super().handle_request(req, conn)
        # gunicorn would give up after 64 kB and end a connection that it has just promised to keep.
        with suppress(OSError, ParseException):
            _drain(req.body, conn.sock)
        return again


def _drain(body, sock: socket.socket) -> None:
    deadline, left = time.monotonic() + PATIENCE, LIMIT
    try:
        while left > 0 and (wait := deadline - time.monotonic()) > 0:
            sock.settimeout(wait)
            piece = body.read(PIECE)
            if not piece:
                return
            left -= len(piece)
    finally:
        sock.settimeout(None)
