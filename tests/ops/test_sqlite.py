import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows, not all of them"),
]


def in_threads(work, count: int) -> list[threading.Thread]:
    def run():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


@contextmanager
def somebody_writing():
    begun, end = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            begun.set()
            end.wait(30)

    [thread] = in_threads(write, 1)
    begun.wait(10)
    try:
        yield end
    finally:
        end.set()
        thread.join()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)


def test_everybody_who_waits_gets_a_turn(bob):
    written = []

    def write():
        with transaction.atomic():
            row = User.objects.get(pk=bob.pk)
            row.display_name += "!"
            row.save()
            written.append(row.display_name)

    with somebody_writing() as end:
        threads = in_threads(write, 6)
        assert written == []
        end.set()
        for thread in threads:
            thread.join()
    bob.refresh_from_db()
    assert bob.display_name == "Bob" + 6 * "!", "none was overwritten by another who read the same"


def test_without_a_turn_in_time_it_says_so(bob, impatient):
    with somebody_writing():
        with pytest.raises(OperationalError, match="database is locked"), transaction.atomic():
            pass
        with pytest.raises(OperationalError, match="database is locked"):
            User.objects.update(display_name="Somebody")
    with transaction.atomic():
        User.objects.update(display_name="Bob the second")
    bob.refresh_from_db()
    assert bob.display_name == "Bob the second"


def test_whoever_only_reads_does_not_wait(bob, impatient):
    with somebody_writing():
        assert User.objects.get(pk=bob.pk) == bob


def test_what_is_no_waiting_for_a_turn_has_the_patience_of_the_settings(bob):
    User.objects.update(display_name="Bob")
    with connection.cursor() as cursor:
        [timeout] = cursor.execute("PRAGMA busy_timeout").fetchone()
    assert timeout == 1000 * connection.settings_dict["OPTIONS"]["timeout"]
