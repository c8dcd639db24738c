"""The same thing in the words of the system and of SQLite."""

import errno
import sqlite3
from contextlib import closing

import pytest
from django.db import DatabaseError

from jobs.full_disk import is_full_disk


@pytest.fixture
def from_the_system() -> OSError:
    with pytest.raises(OSError) as caught, open("/dev/full", "w") as file:
        file.write("x")
    return caught.value


@pytest.fixture
def from_sqlite(tmp_path) -> sqlite3.Error:
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("create table photo (data blob)")
        connection.execute("pragma max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("insert into photo values (zeroblob(100000))")
    return caught.value


@pytest.mark.parametrize("source", ["from_the_system", "from_sqlite"])
def test_it_is_known_however_deep_it_lies(request, source, tmp_path):
    error = request.getfixturevalue(source)
    assert is_full_disk(error, tmp_path)
    try:
        try:
            raise error
        except Exception as inner:
            raise DatabaseError("as Django says it") from inner
    except DatabaseError as outer:
        assert is_full_disk(outer, tmp_path)


def test_other_troubles_are_other_troubles(tmp_path):
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("select * from nothing")
    for error in (caught.value, OSError(errno.EACCES, "no"), RuntimeError("disk is full"), None):
        assert not is_full_disk(error, tmp_path)
