"""A real server on a real socket, with the settings that `make run` gives it and an application of one line."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPLICATION = """
import tempfile

file = tempfile.NamedTemporaryFile()
file.write(bytes(30_000_000))
file.flush()

def application(environ, start_response):
    if environ["PATH_INFO"] == "/read":
        environ["wsgi.input"].read()
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
def serving(folder: Path, *options: str) -> Iterator[int]:
    """The port of one process that serves APPLICATION."""
    (folder / "one_line.py").write_text(APPLICATION)
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
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "platform")])},
            pass_fds=[listener.fileno()],
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as number:
        yield number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def read_all(sock: socket.socket) -> bytes:
    answer = b""
    while piece := sock.recv(65536):
        answer += piece
    return answer


def test_clients_that_do_not_hang_up_keep_nobody_waiting(port):
    with ExitStack() as kept:
        for _ in range(30):
            kept.enter_context(connect(port)).sendall(ASK)
        started = time.monotonic()
        with connect(port) as sock:
            sock.sendall(ASK)
            assert read_all(sock).endswith(b"heard")
        # Two seconds for each of them is what it was.
        assert time.monotonic() - started < 20


def test_everybody_is_answered_in_full_whether_or_not_they_hang_up(port):
    with ExitStack() as kept:
        socks = [kept.enter_context(connect(port)) for _ in range(30)]
        for sock in socks:
            sock.sendall(ASK)
        assert all(read_all(sock).endswith(b"heard") for sock in socks)


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_a_body_that_nobody_reads_does_not_cut_the_answer_off(port, connection):
    length = 6 * 1024 * 1024
    head = f"POST / HTTP/1.1\r\nHost: here\r\nConnection: {connection}\r\nContent-Length: {length}\r\n\r\n"
    with connect(port) as sock:
        for _ in range(1 if connection == "close" else 3):
            sock.sendall(head.encode() + bytes(length))
            answer = sock.recv(65536)
            while not answer.endswith(b"heard"):
                answer += sock.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")


def test_a_client_that_goes_in_mid_sentence_leaves_the_server_answering(port):
    for begun in (
        b"",
        b"GE",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\nabc",
        b"\0\r\n\r\n",
    ):
        with connect(port) as sock:
            sock.sendall(begun)
    with connect(port) as sock:
        sock.sendall(ASK)
        assert read_all(sock).endswith(b"heard")


def test_a_connection_is_kept_for_the_next_request(port):
    with connect(port) as sock:
        for _ in range(3):
            sock.sendall(ASK.replace(b"Connection: close\r\n", b""))
            answer = sock.recv(65536)
            while not answer.endswith(b"heard"):
                answer += sock.recv(65536)


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHo",
        b"GET /page HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /file HTTP/1.1\r\nHost: here\r\n\r\n",
    ],
    ids=["in a body", "in the head", "before a page", "before a file"],
)
def test_phones_that_fell_silent_give_their_threads_back(begun, tmp_path):
    with serving(tmp_path, "--threads", "2", "--timeout", "1") as port, ExitStack() as kept:
        for _ in range(4):
            kept.enter_context(connect(port)).sendall(begun)
        time.sleep(0.5)
        with connect(port) as sock:
            sock.sendall(ASK)
            assert read_all(sock).endswith(b"heard")


def test_who_reads_slowly_gets_all_of_it(tmp_path):
    with serving(tmp_path, "--timeout", "1") as port:
        for path in (b"/page", b"/file"):
            with connect(port) as sock:
                sock.sendall(ASK.replace(b"GET /", b"GET " + path))
                length = 0
                for number in range(10_000):
                    piece = sock.recv(65536)
                    if not piece:
                        break
                    length += len(piece)
                    if number % 100 == 0:
                        time.sleep(0.5)
                assert length > 30_000_000
