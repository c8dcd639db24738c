"""SQLite's write-ahead log is cut off when nobody is in it, and nobody ever waits for that."""

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from jobs import registry
from ops import tasks


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "db.sqlite3"


def connect(path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(path, timeout=0, isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    # The log stays as it is written, as under a reader that does not end.
    made.execute("PRAGMA wal_autocheckpoint=0")
    return made


@pytest.fixture
def writer(path):
    made = connect(path)
    made.execute("CREATE TABLE t (x)")
    made.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 2000)
    yield made
    made.close()


def rows(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM t").fetchone()[0]


def test_a_large_log_is_cut_off_when_nobody_is_in_it(path, writer):
    assert tasks.wal_size(path) > 2_000_000
    assert tasks.shorten_wal(path)
    assert tasks.wal_size(path) == 0
    assert rows(writer) == 2000
    writer.execute("INSERT INTO t VALUES ('after')")
    assert rows(connect(path)) == 2001


def test_a_reader_holds_it_and_sees_what_it_saw(path, writer, caplog, monkeypatch):
    monkeypatch.setattr(tasks, "_told", float("-inf"))
    reader = connect(path)
    reader.execute("BEGIN")
    assert rows(reader) == 2000
    writer.execute("INSERT INTO t VALUES ('later')")
    before = tasks.wal_size(path)
    with caplog.at_level(logging.WARNING):
        assert not tasks.shorten_wal(path) and not tasks.shorten_wal(path)
    assert tasks.wal_size(path) == before and rows(reader) == 2000 and rows(writer) == 2001
    assert len(caplog.records) == 1 and "somebody reads or writes" in caplog.text, "said once in a while"
    reader.execute("COMMIT")
    assert tasks.shorten_wal(path) and tasks.wal_size(path) == 0
    assert rows(reader) == 2001


def test_somebody_who_writes_is_not_waited_for_and_does_not_wait(path, writer):
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO t VALUES ('under way')")
    assert not tasks.shorten_wal(path), "the log is copied, and not cut off under who writes"
    writer.execute("COMMIT")
    assert rows(writer) == 2001
    assert tasks.shorten_wal(path) and rows(writer) == 2001


def test_every_sweep_looks_and_only_a_large_one_is_touched(path, writer, monkeypatch):
    assert tasks.keep_wal_short in registry.watches()
    monkeypatch.setattr(tasks, "database", lambda: path)
    monkeypatch.setattr(tasks.connection, "vendor", "sqlite")
    done = threading.Event()
    monkeypatch.setattr(tasks, "shorten_wal", lambda path: done.set())
    tasks.keep_wal_short()
    assert not done.wait(0.2), f"{tasks.LARGE} bytes is large, and this is not"
    monkeypatch.setattr(tasks, "LARGE", 1_000_000)
    tasks.keep_wal_short()
    assert done.wait(10)


def test_what_is_no_database_is_left_alone(tmp_path):
    assert tasks.wal_size(tmp_path / "none") == 0
    assert not tasks.shorten_wal(tmp_path / "none")
    assert not (tmp_path / "none").exists()
