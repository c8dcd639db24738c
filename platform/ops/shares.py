"""Places that are dealt out by turns: whoever asks from one address holds at most a share of them.

Pure, and of one thread: the server's loop asks and is asked.
"""

from collections import Counter, deque
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Shares(Generic[Work]):
    """`places` at once, at most `share` of them for one address; of those who wait, who holds fewest is next."""

    def __init__(self, places: int, share: int) -> None:
        self.free, self._share = places, share
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[Work]] = {}

    @property
    def busy(self) -> int:
        """How many work or wait."""
        return self._held.total() + sum(map(len, self._waiting.values()))

    def add(self, address: str, work: Work) -> None:
        self._waiting.setdefault(address, deque()).append(work)

    def take(self) -> Work | None:
        """What is worked on next, in a place that is held until `give_back`; None while nothing may be."""
        if not self.free or not self._waiting:
            return None
        address = min(self._waiting, key=self._held.__getitem__)
        if self._held[address] >= self._share:
            return None
        line = self._waiting.pop(address)
        work = line.popleft()
        if line:
            # At the end, so that those who hold as few take turns.
            self._waiting[address] = line
        self._held[address] += 1
        self.free -= 1
        return work

    def give_back(self, address: str) -> None:
        self.free += 1
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]


class Room:
    """Bytes that may be held at once: `most` in all, of which one address gets at most `each`."""

    def __init__(self, most: int, each: int) -> None:
        self.left, self._each = most, each
        self._held: Counter[str] = Counter()

    def take(self, address: str, size: int) -> bool:
        """Whether there was so much room; it is held until `give_back`."""
        if size > self.left or self._held[address] + size > self._each:
            return False
        self.left -= size
        self._held[address] += size
        return True

    def give_back(self, address: str, size: int) -> None:
        self.left += size
        self._held[address] -= size
        if not self._held[address]:
            del self._held[address]
