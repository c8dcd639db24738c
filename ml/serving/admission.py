"""A line before a counter with few places: first come, first served, and no longer than it is worth waiting in.

    with line.turn():
        …

Whoever would wait longer than the patience is told so at once, not after having waited.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MEMORY = 0.1  # weight of the latest turn in what one is expected to take


class Busy(Exception):
    """No turn comes soon. `retry_after`: whole seconds until those who wait now have been served."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("More photos are waiting than we can look at. Try again in a few seconds.")
        self.retry_after = retry_after


class Line:
    """`places` turns at once, at most `room` who wait for one, none longer than `patience` seconds."""

    def __init__(self, places: int, room: int, patience: float) -> None:
        self._places, self._room, self._patience = places, room, patience
        self._lock = threading.Lock()
        self._free = places
        self._waiting: deque[threading.Event] = deque()
        self._seconds = 0.0  # that a turn is expected to take; unknown at first

    def check(self) -> None:
        """Raises Busy where `turn` would now raise it without waiting."""
        with self._lock:
            self._refuse_surplus()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place, held until the block ends. Raises Busy."""
        self._enter()
        started = time.monotonic()
        try:
            yield
        finally:
            self._leave(time.monotonic() - started)

    def _enter(self) -> None:
        with self._lock:
            self._refuse_surplus()
            if self._free:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(self._patience):
            return
        with self._lock:
            # Called in the same moment: the place is ours.
            if called.is_set():
                return
            self._waiting.remove(called)
            raise Busy(self._retry_after())

    def _leave(self, seconds: float) -> None:
        with self._lock:
            self._seconds += (seconds - self._seconds) * (MEMORY if self._seconds else 1.0)
            if self._waiting:
                # The place is handed on without ever being free, so that nobody comes between.
                self._waiting.popleft().set()
            else:
                self._free += 1

    def _refuse_surplus(self) -> None:
        if not self._free and (len(self._waiting) >= self._room or self._expected() > self._patience):
            raise Busy(self._retry_after())

    def _expected(self) -> float:
        """Seconds until somebody who comes now has their turn."""
        return (len(self._waiting) + 1) * self._seconds / self._places

    def _retry_after(self) -> int:
        return max(1, math.ceil(self._expected()))
