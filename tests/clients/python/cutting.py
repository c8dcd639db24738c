"""Between a client and a site: a proxy that cuts every fifth connection, one way after the other."""

import socket
import threading
from collections import Counter
from contextlib import contextmanager
from itertools import count
from socketserver import BaseRequestHandler, ThreadingTCPServer

END = b"\r\n\r\n"
# What is sent of an answer; None: not even the question is read.
WAYS = {
    "before the question is read": None,
    "before the answer": lambda head, body: b"",
    "inside the header": lambda head, body: head[: len(head) // 2],
    # What some proxies make of that: a 201 that is whole, but empty.
    "after the status": lambda head, body: head.partition(b"\r\n")[0] + b"\r\nConnection: close" + END,
    "inside the body": lambda head, body: head + body[: len(body) // 2],
}


class Proxy(ThreadingTCPServer):
    """One question a connection. `asked`: "PUT" and the like to how often a whole question came; `cut`: way to times.

    `every` 0 cuts none.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, to: tuple[str, int], every: int) -> None:
        super().__init__(("localhost", 0), Through)
        self.to, self.every = to, every
        self.asked: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()
        self._count, self._lock = count(1), threading.Lock()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"

    def way(self) -> str | None:
        """How the next connection is cut, if it is."""
        with self._lock:
            number = next(self._count)
            if not self.every or number % self.every:
                return None
            name = list(WAYS)[number // self.every % len(WAYS)]
            self.cut[name] += 1
            return name


class Through(BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        way = self.server.way()
        if way and WAYS[way] is None:
            return
        head, body = read_question(self.request)
        if not head:
            return
        self.server.asked[head.split(b" ", 1)[0].decode()] += 1
        head = head.replace(b"Connection: keep-alive", b"Connection: close")
        with socket.create_connection(self.server.to) as site:
            site.sendall(head + body)
            answer = b""
            while piece := site.recv(65536):
                answer += piece
        head, end, body = answer.partition(END)
        status, line, fields = head.partition(b"\r\n")
        head = status + line + b"Connection: close\r\n" + fields + end
        self.request.sendall(WAYS[way](head, body) if way else head + body)


def read_question(sock: socket.socket) -> tuple[bytes, bytes]:
    """Its head, with the empty line, and its body; empty where nobody asked."""
    found = b""
    while END not in found:
        piece = sock.recv(65536)
        if not piece:
            return b"", b""
        found += piece
    head, end, body = found.partition(END)
    length = next(
        (int(each[15:]) for each in head.split(b"\r\n") if each.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head + end, body


@contextmanager
def proxy(url: str, every: int = 5):
    """A proxy before the site at `url`."""
    host, _, port = url.rpartition("/")[2].partition(":")
    with Proxy((host, int(port)), every) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
