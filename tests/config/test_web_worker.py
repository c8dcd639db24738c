"""A real server on a real socket, with the settings that `make run` gives it and an application of one line."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"heard"]
"""
ASK = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    (folder / "one_line.py").write_text(APPLICATION)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--workers", "1"]
            + ["--bind", f"fd://{listener.fileno()}", "one_line:application"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "platform")])},
            pass_fds=[listener.fileno()],
        )
        try:
            yield number
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


def test_a_body_that_nobody_reads_does_not_cut_the_answer_off(port):
    length = 6 * 1024 * 1024
    with connect(port) as sock:
        sock.sendall(
            b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % length
        )
        sock.sendall(bytes(length))
        assert read_all(sock).endswith(b"heard")


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
