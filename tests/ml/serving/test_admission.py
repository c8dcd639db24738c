"""ml.serving.admission: who is served, in which order, and who is told at once to come back."""

import threading
import time

import pytest

from ml.serving.admission import Busy, Line


def wait_until(condition, within: float = 5) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.002)


class Crowd:
    """Threads that take a turn each and stay at the counter until they are let go."""

    def __init__(self, line: Line):
        self.line = line
        self.served: list[int] = []
        self.refused: dict[int, Busy] = {}
        self.go = threading.Semaphore(0)
        self.threads: list[threading.Thread] = []

    def join(self, number: int, who: str = "", heavy: bool = False) -> None:
        """One more person; returns when they are served, wait or were refused."""
        before = len(self.line._waiting), len(self.served), len(self.refused)
        thread = threading.Thread(target=self._live, args=(number, who, heavy))
        self.threads.append(thread)
        thread.start()
        wait_until(lambda: (len(self.line._waiting), len(self.served), len(self.refused)) != before)

    def _live(self, number: int, who: str, heavy: bool) -> None:
        try:
            with self.line.turn(who, heavy=heavy):
                self.served.append(number)
                assert self.go.acquire(timeout=10)
        except Busy as busy:
            self.refused[number] = busy

    def end(self) -> None:
        for _ in self.threads:
            self.go.release()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def test_as_many_as_there_are_places_are_served_at_once():
    crowd = Crowd(Line(places=2, room=5, patience=10))
    for number in range(4):
        crowd.join(number)
    assert crowd.served == [0, 1] and not crowd.refused
    crowd.end()
    assert sorted(crowd.served) == [0, 1, 2, 3]


def test_first_come_first_served():
    crowd = Crowd(Line(places=1, room=20, patience=10))
    for number in range(12):
        crowd.join(number)
    for count in range(2, 13):
        crowd.go.release()
        wait_until(lambda count=count: len(crowd.served) == count)
    crowd.end()
    assert crowd.served == list(range(12))


def test_nobody_who_comes_later_slips_in_between():
    """A place that is handed on is never free, whatever the threads that hammer at the door."""
    line = Line(places=1, room=1, patience=10)
    crowd = Crowd(line)
    crowd.join(0)
    crowd.join(1)
    intruders, stop = [], threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            try:
                with line.turn():
                    intruders.append(len(crowd.served))
            except Busy:
                continue

    thread = threading.Thread(target=hammer)
    thread.start()
    crowd.go.release()
    wait_until(lambda: crowd.served == [0, 1])
    assert all(count >= 2 for count in intruders)
    stop.set()
    crowd.end()
    thread.join(10)


def test_the_surplus_is_refused_at_once_and_told_when_to_come_back():
    crowd = Crowd(Line(places=1, room=2, patience=10))
    for number in range(3):
        crowd.join(number)
    started = time.monotonic()
    with pytest.raises(Busy) as told, crowd.line.turn():
        pass
    with pytest.raises(Busy):
        crowd.line.check()
    assert time.monotonic() - started < 1, "it was not made to wait"
    assert told.value.retry_after >= 1
    crowd.end()
    assert crowd.served == [0, 1, 2], "who waited already is served all the same"
    crowd.line.check()


def test_who_would_wait_longer_than_the_patience_is_refused_although_there_is_room():
    line = Line(places=1, room=100, patience=0.3)
    with line.turn():
        time.sleep(0.4)
    crowd = Crowd(line)
    crowd.join(0)
    crowd.join(1)
    assert list(crowd.refused) == [1] and crowd.refused[1].retry_after == 1
    crowd.end()
    # The one that was slow does not close the counter for ever.
    with line.turn():
        pass


def test_a_wait_that_turns_out_longer_than_the_patience_ends():
    crowd = Crowd(Line(places=1, room=5, patience=0.1))
    crowd.join(0)
    crowd.join(1)
    wait_until(lambda: 1 in crowd.refused)
    assert not crowd.line._waiting
    crowd.end()
    with crowd.line.turn():
        pass


def test_a_place_is_given_back_whatever_happens_at_the_counter():
    line = Line(places=1, room=0, patience=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), line.turn():
            raise ZeroDivisionError
    with line.turn():
        pass


def test_no_place_is_lost_when_patience_ends_as_the_turn_comes():
    """Everybody's patience ends about when their turn would come, thousands of times."""
    line = Line(places=2, room=50, patience=0.002)
    counts, lock, most = [0], threading.Lock(), [0]

    def come() -> None:
        for _ in range(150):
            try:
                with line.turn():
                    with lock:
                        counts[0] += 1
                        most[0] = max(most[0], counts[0])
                    time.sleep(0.001)
                    with lock:
                        counts[0] -= 1
            except Busy:
                time.sleep(0.0005)

    threads = [threading.Thread(target=come) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert most[0] == 2
    assert not line._held and not line._waiting


def test_who_has_fewest_turns_is_next():
    crowd = Crowd(Line(places=1, room=6, patience=10))
    for number, who in enumerate("aaabbc"):
        crowd.join(number, who)
    order = [0]
    for _ in range(5):
        crowd.go.release()
        wait_until(lambda: len(crowd.served) > len(order))
        order.append(crowd.served[-1])
    crowd.end()
    assert order[1:] == [1, 2, 3, 4, 5], "with one place nobody holds a turn when the next is called"

    crowd = Crowd(Line(places=2, room=6, patience=10))
    for number, who in enumerate("aaaab"):
        crowd.join(number, who)
    crowd.go.release()
    wait_until(lambda: len(crowd.served) == 3)
    assert crowd.served == [0, 1, 4], "who holds one already comes after who holds none"
    crowd.end()


def test_who_comes_to_a_full_line_gets_room_from_who_takes_most_of_it():
    crowd = Crowd(Line(places=1, room=3, patience=10))
    for number in range(4):
        crowd.join(number, "a")
    crowd.join(4, "b")
    assert list(crowd.refused) == [3] and crowd.refused[3].retry_after >= 1
    # Nobody takes more than the one who comes would: it is simply full.
    crowd.join(5, "b")
    assert sorted(crowd.refused) == [3, 5]
    with pytest.raises(Busy):
        crowd.line.check("a")
    crowd.line.check("c")
    crowd.end()
    assert sorted(crowd.served) == [0, 1, 2, 4]


def test_heavy_turns_leave_a_place_and_half_of_the_room_even_to_those_of_the_same_address():
    crowd = Crowd(Line(places=2, room=6, patience=10))
    for number in range(12):
        crowd.join(number, "a", heavy=True)
    assert crowd.served == [0] and sorted(crowd.refused) == list(range(4, 12))
    for number in range(12, 16):
        crowd.join(number, "a")
    assert crowd.served == [0, 12] and len(crowd.line._waiting) == 6
    crowd.end()
    assert sorted(crowd.served) == [0, 1, 2, 3, 12, 13, 14, 15]


def test_nobody_is_told_to_wait_for_all_the_turns_of_somebody_else():
    line = Line(places=1, room=100, patience=10)
    line._seconds[False] = 3.0
    crowd = Crowd(line)
    for number in range(5):
        crowd.join(number, "a")
    assert list(crowd.refused) == [4]
    line.check("b")
    crowd.end()
