"""One real server on a real socket, with the settings that `make run` gives it and a very small application."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPLICATION = """
import hashlib
import itertools
import os
import tempfile
import threading
import time

from django.conf import settings

settings.configure(TRUSTED_PROXIES=int(os.environ.get("TRUSTED_PROXIES", "0")))

from ops import bodies, connections, room, web_worker

file = tempfile.NamedTemporaryFile()
file.write(bytes(30_000_000))
file.flush()
closed = 0
gate = threading.Semaphore(0)

class Stream:
    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)

    def close(self):
        global closed
        closed += 1

def begun():
    # Says who is at work, and works until the gate opens.
    yield b"%07d" % os.getpid()
    gate.acquire()

def slow():
    # A turn's worth and one byte more, and the rest when the gate opens.
    yield bytes(web_worker.TURN + 1)
    gate.acquire()
    yield bytes(1000)

def steady():
    # Never ends, and no client is too slow for it.
    while True:
        time.sleep(0.002)
        yield bytes(1000)

STREAMS = {
    "/stream": lambda: itertools.repeat(bytes(300_000), 100),
    "/endless": lambda: itertools.repeat(bytes(300_000)),
    "/begun": begun,
    "/slow": slow,
    "/steady": steady,
}

def application(environ, start_response):
    if environ["PATH_INFO"] == "/read":
        environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/sum":
        body = environ["wsgi.input"].read()
        said = f"{hashlib.sha256(body).hexdigest()} {environ.get('CONTENT_LENGTH')}".encode()
        start_response("200 OK", [("Content-Length", str(len(said)))])
        return [said]
    if environ["PATH_INFO"] == "/closed":
        start_response("200 OK", [("Content-Length", "3")])
        return [b"%03d" % closed]
    if environ["PATH_INFO"] == "/fails":
        raise RuntimeError("on purpose")
    if environ["PATH_INFO"] == "/works":
        gate.acquire()
    if environ["PATH_INFO"] == "/go":
        gate.release()
    if environ["PATH_INFO"] == "/who":
        start_response("200 OK", [("Content-Length", "7")])
        return [b"%07d" % os.getpid()]
    if environ["PATH_INFO"] in STREAMS:
        start_response("200 OK", [])
        return Stream(STREAMS[environ["PATH_INFO"]]())
    if environ["PATH_INFO"] in ("/page", "/file"):
        start_response("200 OK", [("Content-Length", "30000000")])
        if environ["PATH_INFO"] == "/page":
            return [bytes(30_000_000)]
        return environ["wsgi.file_wrapper"](open(file.name, "rb"), 65536)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"heard"]
"""
ASK = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


@contextmanager
def serving(folder: Path, *options: str, more: str = "", **environment: str) -> Iterator[int]:
    """The port of one process that serves APPLICATION, with `more` lines of it.

    With "--preload" these are run before the worker is made, which is when it reads some of its constants.
    """
    (folder / "one_line.py").write_text(APPLICATION + more)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--config",
                "python:ops.gunicorn",
                "--workers",
                "1",
                *options,
            ]
            + ["--bind", f"fd://{listener.fileno()}", "one_line:application"],
            env=os.environ
            | {"SECRET_KEY": "x"}
            | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "platform")])}
            | environment,
            pass_fds=[listener.fileno()],
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait(20)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def read_all(sock: socket.socket) -> bytes:
    answer = b""
    while piece := sock.recv(65536):
        answer += piece
    return answer


def ask(kept: ExitStack, port: int, path: bytes, address: str = "127.0.0.1") -> socket.socket:
    sock = kept.enter_context(socket.create_connection(("127.0.0.1", port), 60, source_address=(address, 0)))
    sock.sendall(ASK.replace(b"GET /", b"GET " + path))
    return sock


def read_at_least(sock: socket.socket, size: int) -> None:
    while size > 0:
        piece = sock.recv(65536)
        assert piece
        size -= len(piece)
