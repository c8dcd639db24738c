"""Room for the bodies of requests: whoever finds none waits, with a body that nobody reads."""

from collections import deque

from gunicorn.http.body import ChunkedReader

from ops import bodies, connections
from ops.bodies import Body, ChunkedBody
from ops.connections import Connection
from ops.shares import Room

IN_MEMORY = 128 * 1024 * 1024  # bytes of bodies in this process; others go to the disk
ROOM = 2 * 1024 * 1024 * 1024  # bytes of bodies in this process, those on disk included
ROOM_EACH = 512 * 1024 * 1024  # and of one address


class BodyRoom:
    """Of one thread: the server's loop asks and is asked."""

    def __init__(self) -> None:
        self._memory, self._room = Room(IN_MEMORY, IN_MEMORY), Room(ROOM, ROOM_EACH)
        self._waiting: deque[Connection] = deque()

    def begin(self, conn: Connection) -> bool:
        """Let the body come whose head is read. False: it waits, until a `give_back` or `give_up` answers it."""
        conn.wait(connections.PATIENCE)
        if not self._find(conn):
            self._waiting.append(conn)
            return False
        self._begin(conn)
        return True

    def give_back(self, conn: Connection) -> list[Connection]:
        """What its body took is free. Whose body may come now."""
        if isinstance(conn.body, Body) and conn.body.in_memory:
            self._memory.give_back("", conn.body.length)
        if not conn.held:
            return []
        self._room.give_back(conn.address, conn.held)
        conn.held = 0
        found = [each for each in self._waiting if self._find(each)]
        for each in found:
            self._waiting.remove(each)
            each.wait(connections.PATIENCE)
            self._begin(each)
        return found

    def give_up(self) -> list[Connection]:
        """Who has waited for too long, and does no longer."""
        late = [each for each in self._waiting if each.is_late()]
        for each in late:
            self._waiting.remove(each)
        return late

    def _find(self, conn: Connection) -> bool:
        reader = conn.request.body.reader
        size = bodies.API if isinstance(reader, ChunkedReader) else reader.length
        if size > bodies.limit(conn.request.path):
            size = 0
        found = self._room.take(conn.address, size)
        conn.held = size if found else 0
        return found

    def _begin(self, conn: Connection) -> None:
        reader = conn.request.body.reader
        if isinstance(reader, ChunkedReader):
            conn.body = ChunkedBody()
        else:
            short = reader.length <= bodies.IN_MEMORY and self._memory.take("", reader.length)
            conn.body = Body(reader.length, bodies.limit(conn.request.path), in_memory=short)
        begun = bytes(conn.begun)
        conn.begun.clear()
        conn.begun += conn.body.add(begun) if begun and conn.body.missing else begun
