"""gunicorn's worker with threads, in which no thread waits for a client.

The loop reads requests to their end and sends what the network did not take at once; a thread is asked when
there is something to work on, and works. Whoever is slow costs a connection, not a thread, and not for long.
"""

import errno
import resource
import selectors
import socket
import tempfile
import time
from collections import Counter
from concurrent import futures
from contextlib import suppress
from datetime import datetime
from enum import Enum
from functools import partial

from django.conf import settings
from gunicorn import http
from gunicorn.http import wsgi
from gunicorn.http.errors import ChunkMissingTerminator, LimitRequestHeaders, NoMoreData
from gunicorn.http.unreader import IterUnreader
from gunicorn.workers.gthread import ThreadWorker

from accounts.client_address import client_address
from ops import bodies, connections
from ops.bodies import ChunkedBody
from ops.connections import PIECE, Connection, Gone
from ops.room import BodyRoom
from ops.shares import Shares

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
SHARE = 0.75  # of the threads that one address holds at most
PEERS = 0.5  # of the connections that one address holds at most, where no proxy stands before us
DOWNLOADS = 4  # threads for what is left of an answer after…
TURN = 1024 * 1024  # …so many bytes of it, and for as many at a time
# Seconds for each request that is here already, before a new client is let in: processes share one door, and who
# has less to do shall be there first.
STEP_BACK, STEP_BACK_AT_MOST = 0.0005, 0.004
FAREWELL = 2.0  # seconds that a stopping worker keeps a connection on which nothing is asked


class Turn(Enum):
    """How a thread left a connection."""

    DONE = "the answer is with the kernel or with the connection"
    WAITS = "for the client to take more of the answer"
    MORE = "of the answer is there"
    OVER = "and nothing more can be said on it"


class WebWorker(ThreadWorker):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        threads = self.cfg.threads
        self._places: Shares[Connection] = Shares(threads, max(1, int(threads * SHARE)))
        self._downloads: Shares[Connection] = Shares(DOWNLOADS, max(1, int(DOWNLOADS * SHARE)))
        self._download_pool = futures.ThreadPoolExecutor(DOWNLOADS)
        self._room = BodyRoom()
        # Whose client's turn it is, and the events that are waited for.
        self._waiting: dict[Connection, int] = {}
        self._peers: Counter[str] = Counter()
        self._looked = self._back_at = 0.0

    @classmethod
    def check_config(cls, cfg, log):
        if cfg.is_ssl:
            raise ValueError("TLS ends at the proxy in front; this server speaks plain HTTP.")

    def init_process(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        super().init_process()

    # the loop -----------------------------------------------------------------------------------------

    def run(self):
        self.poller.register(self.method_queue.fileno(), READ, self.method_queue.run_callbacks)
        while self.alive and self.is_parent_alive():
            self.notify()
            back = max(0.0, self._back_at - time.monotonic())
            self.set_accept_enabled(not back and self.nr_conns < self.worker_connections)
            self.wait_for_and_dispatch_events(back or 1.0)
            self._end_the_late()
        self.set_accept_enabled(False)
        for conn in list(self._waiting):
            if conn.idle:
                conn.wait(FAREWELL)
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while self.nr_conns and time.monotonic() < deadline:
            self.notify()
            self.wait_for_and_dispatch_events(0.2)
            self._end_the_late()
        for pool in (self.tpool, self._download_pool):
            pool.shutdown(wait=False, cancel_futures=True)
        self.poller.close()
        self.method_queue.close()
        for listener in self.sockets:
            listener.close()

    def _end_the_late(self):
        now = time.monotonic()
        if now - self._looked < 0.5:
            return
        self._looked = now
        for conn, events in list(self._waiting.items()):
            if conn.is_late():
                if events == READ and not conn.leaving:
                    # The kernel may have kept from us what is less than it was asked to tell of.
                    self._on_event(conn, conn.sock)
                if conn in self._waiting and conn.is_late():
                    self._drop(conn, at_once=conn.unsent)
        for conn in self._room.give_up():
            self._drop(conn)

    def accept(self, listener):
        busy = self._places.busy
        if busy and not self._back_at:
            self._back_at = time.monotonic() + min(busy * STEP_BACK, STEP_BACK_AT_MOST)
            self.set_accept_enabled(False)
            return
        self._back_at = 0.0
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                # Not before some connection has ended.
                self.set_accept_enabled(False)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        peer = client_address({"REMOTE_ADDR": client[0]}) if isinstance(client, tuple) else ""
        if peer and not settings.TRUSTED_PROXIES and self._peers[peer] >= self.worker_connections * PEERS:
            sock.close()
            return
        conn = Connection(sock, client, listener.getsockname())
        conn.peer = peer
        self._peers[peer] += 1
        self.nr_conns += 1
        self._on_event(conn, sock)

    def _on_event(self, conn, _sock):
        try:
            if self._waiting.get(conn) == WRITE:
                self._go_on_writing(conn)
            elif conn.leaving:
                conn.discard()
            else:
                self._read(conn)
        except Gone:
            self._drop(conn)
        except Exception:
            self.log.exception("A connection was given up")
            self._drop(conn)

    def _await(self, conn, events):
        before = self._waiting.get(conn)
        if before == events:
            return
        self._waiting[conn] = events
        if before is None:
            self.poller.register(conn.sock, events, partial(self._on_event, conn))
        else:
            self.poller.modify(conn.sock, events, partial(self._on_event, conn))

    def _no_longer_await(self, conn):
        if self._waiting.pop(conn, None) is not None:
            self.poller.unregister(conn.sock)

    def _drop(self, conn, *, at_once=False):
        self._no_longer_await(conn)
        if conn.close_answer is not None:
            try:
                conn.close_answer()
            except Exception:
                self.log.exception("An answer could not be closed")
        self._give_room_back(conn)
        conn.hang_up(at_once=at_once)
        self.nr_conns -= 1
        self._peers[conn.peer] -= 1
        if not self._peers[conn.peer]:
            del self._peers[conn.peer]

    # what comes ---------------------------------------------------------------------------------------

    def _read(self, conn):
        if conn.request is None:
            was_idle = conn.idle
            complete = conn.receive_head()
            if was_idle and conn.begun:
                conn.wait(connections.HEAD_PATIENCE)
            if not complete:
                self._await(conn, READ)
                return
            try:
                self._read_head(conn)
            except Exception as error:
                self._refuse(conn, error)
                return
            if not self._room.begin(conn):
                self._no_longer_await(conn)
                return
        if conn.receive_body():
            conn.resume()
            self._no_longer_await(conn)
            self._places.add(conn.address, conn)
            self._deal()
        else:
            self._await(conn, READ)

    def _read_head(self, conn):
        begun = bytes(conn.begun)
        if len(begun) > connections.HEAD and b"\r\n\r\n" not in begun:
            raise LimitRequestHeaders("more than 64 kB")
        conn.begun.clear()
        parser = http.get_parser(self.cfg, iter([begun]), conn.client)
        conn.request = request = next(parser)
        conn.begun += parser.unreader.take_buffered()
        conn.response, environ = wsgi.create(request, conn, conn.client, conn.server, self.cfg)
        environ["wsgi.multithread"] = True
        conn.environ, conn.address = environ, client_address(environ)
        conn.started = datetime.now()
        # Perhaps that the client may send its body now.
        conn.flush()

    def _give_room_back(self, conn):
        for waiting in self._room.give_back(conn):
            self._await(waiting, READ)

    # work ---------------------------------------------------------------------------------------------

    def _deal(self):
        for places, pool in ((self._places, self.tpool), (self._downloads, self._download_pool)):
            while (conn := places.take()) is not None:
                pool.submit(self._work, conn, places)

    def _work(self, conn, places):
        """In a thread."""
        turn = Turn.OVER
        try:
            if conn.close_answer is None:
                self._ask(conn)
            turn = self._write(conn)
        except Gone:
            pass
        except BaseException as error:
            turn = self._apologise(conn, error)
        finally:
            self.method_queue.defer(self._worked, conn, places, turn)

    def _ask(self, conn):
        environ, response = conn.environ, conn.response
        if isinstance(conn.body, ChunkedBody) and not conn.body.cut:
            self._unwrap(conn)
        environ["wsgi.input"] = conn.body.file
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive or not self.cfg.keepalive or conn.body.cut or self.nr_conns > self.max_keepalived:
            response.force_close()
        answer = self.wsgi(environ, response.start_response)
        conn.close_answer = getattr(answer, "close", _nothing)
        conn.answer = iter(answer)

    def _unwrap(self, conn):
        """Give a body that came in chunks the length that Django wants to see: without it there are no files."""
        raw = conn.body.file
        whole = conn.request.body
        whole.reader.parser = whole.reader.parse_chunked(_unreader(raw))
        file = tempfile.SpooledTemporaryFile(max_size=bodies.IN_MEMORY)  # noqa: SIM115 - closed with the request
        try:
            while piece := whole.read(PIECE):
                file.write(piece)
        except NoMoreData as error:
            raise ChunkMissingTerminator(b"") from error
        conn.environ["CONTENT_LENGTH"] = str(file.tell())
        del conn.environ["HTTP_TRANSFER_ENCODING"]
        file.seek(0)
        raw.close()
        conn.body.file = file

    def _write(self, conn):
        response, sent = conn.response, 0
        # Of an answer to HEAD nothing would be sent.
        for piece in conn.answer if response.status is None or conn.request.method != "HEAD" else ():
            response.write(piece)
            sent += len(piece)
            if not conn.flush():
                return Turn.WAITS
            if sent >= TURN:
                return Turn.MORE
        response.close()
        conn.flush()
        self.log.access(response, conn.request, conn.environ, datetime.now() - conn.started)
        close, conn.close_answer, conn.answer = conn.close_answer, None, None
        close()
        return Turn.DONE

    def _apologise(self, conn, error):
        if conn.response.headers_sent:
            self.log.exception("Error handling request")
            return Turn.OVER
        self.handle_error(conn.request, conn, conn.client, error)
        conn.response.force_close()
        conn.answer = None
        close, conn.close_answer = conn.close_answer, None
        with suppress(Gone):
            conn.flush()
            if close is not None:
                close()
        return Turn.DONE

    def _worked(self, conn, places, turn):
        places.give_back(conn.address)
        if turn is Turn.OVER:
            self._drop(conn)
        elif turn is Turn.MORE:
            self._downloads.add(conn.address, conn)
        elif turn is Turn.WAITS or conn.unsent:
            self._await_taking(conn)
        else:
            self._done(conn)
        self._deal()

    # what goes ----------------------------------------------------------------------------------------

    def _await_taking(self, conn):
        conn.wait(None if conn.answering else connections.PATIENCE)
        conn.answering = True
        self._await(conn, WRITE)

    def _go_on_writing(self, conn):
        if not conn.flush():
            return
        conn.resume()
        self._no_longer_await(conn)
        if conn.answer is None:
            self._done(conn)
        else:
            self._downloads.add(conn.address, conn)
            self._deal()

    def _refuse(self, conn, error):
        """Of what is not even a request."""
        self.handle_error(conn.request, conn, conn.client, error)
        self._leave(conn)

    def _done(self, conn):
        again = not conn.response.should_close()
        cut = conn.body.cut
        self._give_room_back(conn)
        conn.finish()
        if again:
            conn.wait(connections.HEAD_PATIENCE if conn.begun else self.cfg.keepalive)
            if conn.begun:
                self._on_event(conn, conn.sock)
            else:
                self._await(conn, READ)
        elif cut:
            self._leave(conn)
        else:
            self._drop(conn)

    def _leave(self, conn):
        """Close our half, and let the client read what we said before it notices."""
        conn.flush()
        conn.finish()
        conn.leaving = True
        with suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        conn.wait(connections.LINGER)
        self._await(conn, READ)


def _nothing():
    pass


def _unreader(file):
    return IterUnreader(iter(partial(file.read, PIECE), b""))
