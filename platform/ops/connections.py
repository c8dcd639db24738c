"""One client's connection: what has come of a request, what is left of an answer, and by when it must move."""

import fcntl
import itertools
import socket
import struct
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ops.bodies import Body, ChunkedBody

PACE = 4096  # bytes a second that a whole request and a whole answer need at least…
PATIENCE = 30.0  # …after so many seconds' grace, which what comes faster never exceeds
HEAD_PATIENCE = 10.0  # seconds for all that stands before the body
LINGER = 5.0  # seconds to see an answer to a body that was not read to its end
HEAD = 64 * 1024  # bytes
PIECE = 256 * 1024
# Bytes that have to be there before the loop is told of them; the kernel makes room for as many again.
AT_ONCE = 1024 * 1024
AT_MOST = 16  # pieces handed to the kernel in one call

Address = tuple[Any, ...] | str


class Gone(Exception):
    """The client hung up."""


class Connection:
    """Never waits: what the network does not take or give now is left for another time.

    The server's parser and its answers see it as the socket that they write to.
    """

    def __init__(self, sock: socket.socket, client: Address, server: Address) -> None:
        sock.setblocking(False)
        self.sock, self.client, self.server = sock, client, server
        self.begun = bytearray()  # of a head, or of what comes after this request
        self.body: Body | ChunkedBody | None = None
        self.request: Any = None
        self.response: Any = None
        self.environ: dict[str, Any] = {}
        self.peer = ""  # who is connected: the client or a proxy
        self.address = ""  # whose share this counts to
        self.answer: Iterator[bytes] | None = None
        self.close_answer: Any = None
        self.answering = False  # the client has begun to be waited for
        self.leaving = False  # answered in full, with more coming that nobody reads
        self.held = 0  # bytes of the server's room that the body takes
        self._told_at = 1
        self._unsent: deque[memoryview] = deque()
        self._given = self._taken = 0  # bytes given to the kernel, and taken by the client as far as noticed
        self._credit = HEAD_PATIENCE
        self._since = time.monotonic()

    # what comes ---------------------------------------------------------------------------------------

    def receive_head(self) -> bool:
        """Whether the head is complete. Raises Gone."""
        while not self._is_head():
            data = self._receive()
            if data is None:
                return False
            self.begun += data
        return True

    def _is_head(self) -> bool:
        begun = self.begun
        # Bare line ends are no head either, but the parser says so better.
        return b"\r\n\r\n" in begun or b"\n\n" in begun or len(begun) > HEAD

    def receive_body(self) -> bool:
        """Take what is there of the body, but not more at a time than others can wait for. Whether it is
        complete. Raises Gone.
        """
        body = self.body
        assert body is not None
        if body.missing:
            view = body.room()
            if view is not None:
                size = self._receive_into(view)
                body.came(size)
            else:
                data = self._receive() or b""
                size = len(data)
                self.begun += body.add(data)
            self.moved(size)
        self._wake_at(min(body.missing, AT_ONCE) if isinstance(body, Body) else 1)
        return not body.missing

    def discard(self) -> None:
        """Read some and forget it. Raises Gone."""
        self._receive()

    def _receive_into(self, view: memoryview) -> int:
        try:
            size = self.sock.recv_into(view)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Gone from error
        finally:
            view.release()
        if not size:
            raise Gone
        return size

    def _receive(self) -> bytes | None:
        try:
            data = self.sock.recv(PIECE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        return data

    def _wake_at(self, size: int) -> None:
        # Linux tells us then, not of every packet, and opens the window so far at once.
        size = max(1, size)
        if size != self._told_at:
            self._told_at = size
            with suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)

    # what goes ----------------------------------------------------------------------------------------

    def sendall(self, data: bytes) -> None:
        if data:
            self._unsent.append(memoryview(data))

    send = sendall

    def gettimeout(self) -> float:
        return 0.0

    def flush(self) -> bool:
        """Whether everything is with the kernel. Raises Gone."""
        while self._unsent:
            try:
                size = self.sock.sendmsg(list(itertools.islice(self._unsent, AT_MOST)))
            except BlockingIOError:
                return False
            except OSError as error:
                raise Gone from error
            self._given += size
            while size and size >= len(self._unsent[0]):
                size -= len(self._unsent.popleft())
            if size:
                self._unsent[0] = self._unsent[0][size:]
        return True

    def hang_up(self, *, at_once: bool = False) -> None:
        """End the connection; `at_once` the kernel forgets what it has not delivered, too."""
        self.finish()
        with suppress(OSError):
            if at_once:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()

    # one request and the next -------------------------------------------------------------------------

    def finish(self) -> None:
        """This request is over; what it held is let go."""
        if self.body is not None:
            self.body.close()
        self._unsent.clear()
        self.body = self.request = self.response = self.answer = self.close_answer = None
        self.environ = {}
        self.answering = False

    @property
    def idle(self) -> bool:
        return not self.begun and self.request is None and not self.leaving

    @property
    def unsent(self) -> bool:
        return bool(self._unsent)

    # pace ---------------------------------------------------------------------------------------------

    def wait(self, credit: float | None = None) -> None:
        """From now on it is the client's turn; `credit` seconds are granted anew."""
        if credit is not None:
            self._credit = credit
            self._taken = self._given - self._outstanding()
        self._since = time.monotonic()

    def resume(self) -> None:
        """It is the server's turn again, which costs the client nothing."""
        self._settle()

    def moved(self, size: int) -> None:
        self._settle()
        self._credit = min(PATIENCE, self._credit + size / PACE)

    def is_late(self) -> bool:
        """Whether the client's time is over; what it took of an answer meanwhile is counted first."""
        if self._unsent:
            taken = self._given - self._outstanding()
            if taken > self._taken:
                self.moved(taken - self._taken)
                self._taken = taken
        self._settle()
        return self._credit <= 0

    def _settle(self) -> None:
        now = time.monotonic()
        self._credit -= now - self._since
        self._since = now

    def _outstanding(self) -> int:
        """Bytes that the kernel has and the client has not."""
        try:
            return struct.unpack("i", fcntl.ioctl(self.sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        except OSError:
            return 0
