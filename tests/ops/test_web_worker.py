"""No thread waits for a client, nothing is cut off, and nobody has more than a share: asked of a real server."""

import hashlib
import random
import re
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.ops.one_server import ASK, ask, connect, read_all, read_at_least, serving


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as number:
        yield number


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


SLOW = {
    "in the head": b"GET / HTTP/1.1\r\nHo",
    "in a body": b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\nabc",
    "in a long body": b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: 100000000\r\n\r\nabc",
    "in chunks": b"POST /read HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "before a page": b"GET /page HTTP/1.1\r\nHost: here\r\n\r\n",
    "before a file": b"GET /file HTTP/1.1\r\nHost: here\r\n\r\n",
    "before a stream": b"GET /stream HTTP/1.1\r\nHost: here\r\n\r\n",
}


def slow_client(port: int) -> socket.socket:
    """One that takes no more of an answer than it must."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(60)
    sock.connect(("127.0.0.1", port))
    return sock


def test_no_thread_waits_for_a_client(tmp_path):
    """Many more than there are threads, for longer than anybody waits, and all from one address."""
    with (
        serving(tmp_path, "--threads", "2", more="connections.PATIENCE = 3600.0") as port,
        ExitStack() as kept,
    ):
        for begun in SLOW.values():
            for _ in range(12):
                kept.enter_context(slow_client(port)).sendall(begun)
        for _ in range(12):
            kept.enter_context(connect(port))
        for _ in range(3):
            with connect(port) as sock:
                sock.sendall(ASK)
                assert read_all(sock).endswith(b"heard")


def drip_until_it_is_over(sock: socket.socket) -> None:
    sock.settimeout(0.2)
    while True:
        try:
            sock.sendall(b"0")
            if not sock.recv(1):
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return


@pytest.mark.parametrize("where", SLOW)
def test_who_falls_below_the_least_pace_is_cut_off(where, tmp_path):
    hasty = "connections.PATIENCE = connections.HEAD_PATIENCE = 0.7"
    with serving(tmp_path, more=hasty) as port, slow_client(port) as sock:
        sock.sendall(SLOW[where])
        if "before" not in where:
            drip_until_it_is_over(sock)
            return
        over = select.poll()
        over.register(sock, 0)
        assert over.poll(30_000)
        with connect(port) as other:
            other.sendall(ASK.replace(b"GET /", b"GET /closed"))
            # What was left of the answer is let go.
            assert read_all(other).endswith(b"001" if where == "before a stream" else b"000")


def test_who_reads_slowly_gets_all_of_it(tmp_path):
    with serving(tmp_path, more="connections.PATIENCE = 1.0") as port:
        for path in (b"/page", b"/file", b"/stream"):
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


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000, 9_000_000])
@pytest.mark.parametrize("way", ["length", "chunks", "drops"])
def test_a_body_arrives_whole_and_with_its_length(port, size, way):
    body = random.Random(size).randbytes(size)
    head = b"POST /sum HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    with connect(port) as sock:
        if way == "chunks":
            sock.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for at in range(0, size, 65_000):
                piece = body[at : at + 65_000]
                sock.sendall(b"%x;a=b\r\n%s\r\n" % (len(piece), piece))
            sock.sendall(b"0\r\nX-Last: 1\r\n\r\n")
        else:
            whole = head + b"Content-Length: %d\r\n\r\n" % size + body
            step = len(whole) if way == "length" else max(1, len(whole) // 30)
            for at in range(0, len(whole), step):
                sock.sendall(whole[at : at + step])
        answer = read_all(sock).decode()
    assert answer.endswith(f"{hashlib.sha256(body).hexdigest()} {size}")


@pytest.mark.parametrize(
    "chunks",
    [b"x\r\n", b"-5\r\nhello\r\n", b"5\r\nhello!!\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"f" * 9000],
    ids=["no number", "negative", "too long", "bare line ends", "without end"],
)
def test_chunks_that_are_none_are_a_bad_request(port, chunks):
    with connect(port) as sock:
        sock.sendall(b"POST /sum HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert read_all(sock).startswith(b"HTTP/1.1 400 ")


def test_several_requests_at_once_are_answered_in_their_order(port):
    ask = b"POST /sum HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s"
    bodies = [b"first", b"", b"the third"]
    with connect(port) as sock:
        sock.sendall(b"".join(ask % (len(body), body) for body in bodies) + ASK)
        answer = read_all(sock).decode()
    sums = [hashlib.sha256(body).hexdigest() for body in bodies]
    assert re.findall("[0-9a-f]{64}", answer) == sums
    assert answer.endswith("heard")


def test_who_asks_whether_to_send_is_told_to(port):
    with connect(port) as sock:
        sock.sendall(b"POST /sum HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        assert b"200 OK" in sock.recv(1000)


def test_a_body_longer_than_any_is_read_for_a_while_and_then_refused(tmp_path):
    """As far as a phone needs to see the answer; and by the application, which knows in which form."""
    smaller = "bodies.FORM, bodies.DROPPED = 1_000_000, 2_000_000"
    with serving(tmp_path, more=smaller) as port, connect(port) as sock:
        sock.sendall(
            b"POST /sum HTTP/1.1\r\nHost: here\r\nContent-Length: 5000000\r\n\r\n" + bytes(5_000_000)
        )
        assert read_all(sock).startswith(b"HTTP/1.1 500 ")


def test_bodies_wait_for_room_and_are_all_taken(tmp_path):
    narrow = "room.ROOM = room.ROOM_EACH = 1_500_000; room.IN_MEMORY = 0"
    with serving(tmp_path, "--preload", more=narrow) as port, ExitStack() as kept:
        socks = [kept.enter_context(connect(port)) for _ in range(6)]
        head = b"POST /sum HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n"
        for sock in socks:
            sock.sendall(head + bytes(300_000))
        for sock in socks:
            sock.sendall(bytes(700_000))
        assert all(b"200 OK" in read_all(sock) for sock in socks)


def test_one_address_leaves_others_a_thread(tmp_path):
    with serving(tmp_path, "--threads", "4") as port, ExitStack() as kept:
        for _ in range(8):
            kept.enter_context(connect(port)).sendall(ASK.replace(b"GET /", b"GET /works"))
        for path in (b"/", *[b"/go"] * 8):
            with socket.create_connection(("127.0.0.1", port), 60, source_address=("127.0.0.2", 0)) as sock:
                sock.sendall(ASK.replace(b"GET /", b"GET " + path))
                assert read_all(sock).endswith(b"heard")


def test_one_address_has_so_many_connections_and_others_have_theirs(tmp_path):
    with serving(tmp_path, "--worker-connections", "20") as port, ExitStack() as kept:
        socks = [kept.enter_context(connect(port)) for _ in range(30)]
        assert [sock.recv(1) for sock in socks[10:]] == [b""] * 20
        with socket.create_connection(("127.0.0.1", port), 60, source_address=("127.0.0.2", 0)) as sock:
            sock.sendall(ASK)
            assert read_all(sock).endswith(b"heard")


def test_behind_a_proxy_it_is_the_client_that_gets_a_share(tmp_path):
    """All connections are the proxy's then."""
    with serving(tmp_path, "--threads", "4", TRUSTED_PROXIES="1") as port, ExitStack() as kept:

        def ask(path: bytes, address: bytes) -> socket.socket:
            sock = kept.enter_context(connect(port))
            said = b"X-Forwarded-For: 198.51.100.9, %s\r\nConnection" % address
            sock.sendall(ASK.replace(b"GET /", b"GET " + path).replace(b"Connection", said))
            return sock

        for _ in range(8):
            ask(b"/works", b"192.0.2.7")
        for path in (b"/", *[b"/go"] * 8):
            assert read_all(ask(path, b"192.0.2.8")).endswith(b"heard")


def test_an_application_that_fails_is_said_to_have(port):
    with connect(port) as sock:
        sock.sendall(ASK.replace(b"GET /", b"GET /fails"))
        assert read_all(sock).startswith(b"HTTP/1.1 500 ")


def test_a_head_without_end_is_refused(port):
    with connect(port) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000)
        assert read_all(sock).startswith(b"HTTP/1.1 431 ")


def test_of_an_answer_to_head_nothing_is_made(tmp_path):
    with serving(tmp_path, "--threads", "1") as port, connect(port) as sock:
        sock.sendall(ASK.replace(b"GET /", b"HEAD /endless"))
        answer = sock.recv(65536)
        while (piece := sock.recv(65536)) and len(answer) < 1_000_000:
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\n")
        with connect(port) as other:
            other.sendall(ASK.replace(b"GET /", b"GET /closed"))
            assert read_all(other).endswith(b"001")


TURN = 1024 * 1024


def test_what_is_left_of_a_long_answer_is_made_in_no_ordinary_thread(tmp_path):
    with serving(tmp_path, "--threads", "1") as port, ExitStack() as kept:
        long = ask(kept, port, b"/slow")
        read_at_least(long, TURN)
        assert read_all(ask(kept, port, b"/go")).endswith(b"heard")
        read_at_least(long, 1000)


def test_downloads_of_one_address_leave_others_a_thread_for_theirs(tmp_path):
    with serving(tmp_path, "--threads", "2") as port, ExitStack() as kept:
        slow = [ask(kept, port, b"/slow") for _ in range(6)]
        for sock in slow:
            read_at_least(sock, TURN)
        read_at_least(ask(kept, port, b"/stream", "127.0.0.2"), 30_000_000)
        for _ in slow:
            assert read_all(ask(kept, port, b"/go", "127.0.0.2")).endswith(b"heard")
        for sock in slow:
            read_at_least(sock, 1000)


def test_a_download_gives_its_thread_up_between_turns(tmp_path):
    short = "web_worker.DOWNLOADS = 1; web_worker.TURN = 10_000"
    with (
        serving(tmp_path, "--threads", "2", "--preload", more=short) as port,
        ExitStack() as kept,
        ThreadPoolExecutor(1) as pool,
    ):
        endless, over = ask(kept, port, b"/steady"), threading.Event()
        read_at_least(endless, 30_000)

        def take() -> None:
            while not over.is_set():
                read_at_least(endless, 1)

        taking = pool.submit(take)
        try:
            read_at_least(ask(kept, port, b"/stream", "127.0.0.2"), 30_000_000)
        finally:
            over.set()
        taking.result()


def test_who_has_work_in_hand_lets_another_process_accept(tmp_path):
    """For ever, here: which of the two is asked first does not matter then."""
    patient = "web_worker.STEP_BACK = web_worker.STEP_BACK_AT_MOST = 3600.0"
    two = ("--workers", "2", "--graceful-timeout", "1")
    with serving(tmp_path, *two, more=patient) as port, ExitStack() as kept:
        at_work = ask(kept, port, b"/begun")
        head = b""
        while not re.search(rb"[0-9]{7}", head.partition(b"\r\n\r\n")[2]):
            head += at_work.recv(65536)
        worker = re.findall(rb"[0-9]{7}", head)[-1]
        # A connection is closed when its request is counted no longer.
        others = {read_all(ask(kept, port, b"/who"))[-7:] for _ in range(40)}
        assert len(others) == 1 and worker not in others
