"""Counters of attempts and requests that stay exact while many count at once.

A counter is read, judged and written back, by Django REST framework and by allauth alike. Between reading and writing
nobody else may: on a database that is a transaction of its own, on Redis a lock that ends by itself.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core.internal import ratelimit
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connection, transaction
from redis.exceptions import LockNotOwnedError

# Seconds: of a lock whose holder died, of waiting for one, and between two looks at it.
LOCK_ENDS, PATIENCE, PAUSE = 10, 15, 0.005


class CountersInDatabase(DatabaseCache):
    """Django cuts the moment a row ends to whole seconds: a limit per second would have no memory."""

    def get_backend_timeout(self, timeout=DEFAULT_TIMEOUT):
        ends = super().get_backend_timeout(timeout)
        return ends and ends + 1


@contextmanager
def one_at_a_time(key: str) -> Iterator[bool]:
    """Whether the counter was free in time; whoever could not count lets nobody in."""
    cache = caches["default"]
    if isinstance(cache, RedisCache):
        yield from _on_redis(cache, key)
        return
    # On SQLite every transaction has the database to itself from its beginning.
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(key)])
        yield True


def _on_redis(cache: RedisCache, key: str) -> Iterator[bool]:
    server = cache._cache.get_client(key, write=True)
    lock = server.lock(
        cache.make_key(f"{key}:lock"), timeout=LOCK_ENDS, sleep=PAUSE, blocking_timeout=PATIENCE
    )
    held = lock.acquire()
    try:
        yield held
    finally:
        if held:
            try:
                lock.release()
            except LockNotOwnedError:
                pass


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)


def count_logins_exactly() -> None:
    """allauth's own lock gives up after a second and refuses whoever waited."""
    ratelimit.cache_lock = one_at_a_time
