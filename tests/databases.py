"""The suite's databases: migrated once, and copied for each process of the run and for each site that it starts."""

import fcntl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id) -> Path:
    """One folder for all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def migrated(
    shared_folder, worker_id, django_test_environment, django_db_blocker, django_db_use_migrations
) -> Iterator[str]:
    """Name of a database with every table and no row of a test, to which nobody is connected. Copy it.

    Migrating is ten seconds of work and copying a tenth of one. Whoever comes first migrates; the last to leave
    takes it away.
    """
    creation, users = connection.creation, shared_folder / "databases"
    original = connection.settings_dict["NAME"]
    name = str(creation._get_test_db_name())
    with django_db_blocker.unblock(), one_at_a_time(shared_folder / "databases.lock"):
        users.mkdir(exist_ok=True)
        if not any(users.iterdir()):
            connection.settings_dict["TEST"]["MIGRATE"] = django_db_use_migrations
            creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            # SQLite's last connection copies the write-ahead log into the file; PostgreSQL copies no
            # database that somebody uses.
            connection.close()
        connection.settings_dict["NAME"] = name
        (users / worker_id).touch()
    yield name
    with django_db_blocker.unblock(), one_at_a_time(shared_folder / "databases.lock"):
        (users / worker_id).unlink()
        if not any(users.iterdir()):
            destroy(original)


@pytest.fixture(scope="session")
def django_db_setup(migrated, worker_id, django_db_blocker) -> Iterator[None]:
    """This process has a copy of its own; in the place of pytest-django's, which migrates for each."""
    creation = connection.creation
    with django_db_blocker.unblock():
        creation.clone_test_db(suffix=worker_id, verbosity=0, autoclobber=True)
        connection.settings_dict["NAME"] = creation.get_test_db_clone_settings(worker_id)["NAME"]
    if connection.vendor == "postgresql":
        connection.ops.sql_flush = emptied
    yield
    with django_db_blocker.unblock():
        destroy(migrated)


def emptied(style: object, tables: list[str], **options: bool) -> list[str]:
    """SQL that takes away the few rows of a test. TRUNCATE, which is Django's, makes a new file for each table and
    index and waits for the disk: seconds after each test that commits.
    """
    rows = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]
    # No key is looked after meanwhile, and no trigger fires: TRUNCATE fires none either.
    asked = ["SET session_replication_role = replica", *rows, "SET session_replication_role = DEFAULT"]
    return ["; ".join(asked)] if tables else []


def destroy(then: str) -> None:
    """Drop the database that the connection leads to, and lead it to `then`."""
    try:
        connection.creation.destroy_test_db(then, verbosity=0)
    except Exception as error:
        warnings.warn(f"{connection.settings_dict['NAME']} stays: {error!r}", stacklevel=1)
