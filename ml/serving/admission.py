"""A line before a counter with few places, no longer than it is worth waiting in, that nobody has for themselves.

    with line.turn(who, heavy=…):
        …

Who has fewest turns just now is next, and among equals who came first. Whoever would wait longer than the patience
is told so at once, not after having waited.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MEMORY = 0.1  # weight of the latest turn in what one is expected to take


class Busy(Exception):
    """No turn comes soon. `retry_after`: whole seconds until those who wait now have been served."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("More photos are waiting than we can look at. Try again in a few seconds.")
        self.retry_after = retry_after


@dataclass(eq=False)
class _Turn:
    who: str
    heavy: bool
    called: threading.Event = field(default_factory=threading.Event)
    displaced: bool = False


class Line:
    """`places` turns at once, at most `room` who wait for one, none longer than `patience` seconds.

    Heavy turns leave a place, and half of the room, to others. Who comes when all room is taken gets that of
    whoever takes most of it, if that is more than it would be for the one who comes.
    """

    def __init__(self, places: int, room: int, patience: float) -> None:
        self._places, self._room, self._patience = places, room, patience
        self._heavy_places, self._heavy_room = max(1, places - 1), (room + 1) // 2
        self._lock = threading.Lock()
        self._held: list[_Turn] = []
        self._waiting: list[_Turn] = []
        # What a turn is expected to take, a heavy one and another; unknown at first.
        self._seconds = {False: 0.0, True: 0.0}

    def check(self, who: str = "") -> None:
        """Raises Busy where `turn` would now raise it without waiting, however light it were."""
        with self._lock:
            turn = _Turn(who, heavy=False)
            if not self._may_begin(turn):
                self._make_room(turn)

    @contextmanager
    def turn(self, who: str = "", *, heavy: bool = False) -> Iterator[None]:
        """A place, held until the block ends. Raises Busy."""
        turn = _Turn(who, heavy)
        self._enter(turn)
        started = time.monotonic()
        try:
            yield
        finally:
            self._leave(turn, time.monotonic() - started)

    def _enter(self, turn: _Turn) -> None:
        with self._lock:
            if self._may_begin(turn):
                self._held.append(turn)
                return
            greediest = self._make_room(turn)
            if greediest is not None:
                self._waiting.remove(greediest)
                greediest.displaced = True
                greediest.called.set()
            self._waiting.append(turn)
        turn.called.wait(self._patience)
        with self._lock:
            # Called in the same moment: the place is ours.
            if turn in self._held:
                return
            if not turn.displaced:
                self._waiting.remove(turn)
            raise Busy(self._retry_after(turn))

    def _leave(self, turn: _Turn, seconds: float) -> None:
        with self._lock:
            known = self._seconds[turn.heavy]
            self._seconds[turn.heavy] += (seconds - known) * (MEMORY if known else 1.0)
            self._held.remove(turn)
            # Places are handed on without ever being free, so that nobody comes between.
            while may := [each for each in self._waiting if self._may_begin(each)]:
                held = Counter(each.who for each in self._held)
                called = min(may, key=lambda each: held[each.who])
                self._waiting.remove(called)
                self._held.append(called)
                called.called.set()

    def _may_begin(self, turn: _Turn) -> bool:
        if turn.heavy and sum(each.heavy for each in self._held) >= self._heavy_places:
            return False
        return len(self._held) < self._places

    def _make_room(self, turn: _Turn) -> _Turn | None:
        """Whom this turn sends away, if anybody. Raises Busy."""
        heavy = [each for each in self._waiting if each.heavy]
        if turn.heavy and len(heavy) >= self._heavy_room:
            rivals = heavy
        elif len(self._waiting) >= self._room:
            rivals = self._waiting
        elif self._expected(turn) > self._patience:
            raise Busy(self._retry_after(turn))
        else:
            return None
        waiting = Counter(each.who for each in rivals)
        who, most = max(waiting.items(), key=lambda item: item[1], default=("", 0))
        if most <= waiting[turn.who] + 1:
            raise Busy(self._retry_after(turn))
        return [each for each in rivals if each.who == who][-1]

    def _expected(self, turn: _Turn) -> float:
        """Seconds until this one's turn, if it came to wait now."""
        waiting = Counter(each.who for each in self._waiting if each.heavy == turn.heavy)
        own = waiting.pop(turn.who, 0)
        before = own + sum(min(count, own + 1) for count in waiting.values())
        places = self._heavy_places if turn.heavy else self._places
        return (before + 1) * self._seconds[turn.heavy] / places

    def _retry_after(self, turn: _Turn) -> int:
        return max(1, math.ceil(self._expected(turn)))
