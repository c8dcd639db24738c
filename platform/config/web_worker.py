"""gunicorn's threads, without its waits for clients that do not hang up and for clients that fell silent."""

import socket
import struct
import time
from contextlib import suppress

from gunicorn.workers.gthread import ThreadWorker

# What is read of a body that was refused: a phone that still sends would never see the answer.
PATIENCE = 5  # seconds
LIMIT = 64 * 1024 * 1024  # bytes


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
            # Whatever is wrong with the rest, the answer has been given.
            with suppress(Exception):
                conn.parser.finish_body(deadline=time.monotonic() + PATIENCE, max_bytes=LIMIT)
            # Seen from the other thread the client has now hung up.
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        return again
