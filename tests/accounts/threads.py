"""Many at one moment, each with a connection of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

THREADS = 20


def together(act, times: int) -> list:
    """What `act` answered, `times` in each of twenty threads that begin at one moment."""
    start = threading.Barrier(THREADS)

    def run(number):
        try:
            start.wait()
            return [act(number) for _ in range(times)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for answers in pool.map(run, range(THREADS)) for answer in answers]
