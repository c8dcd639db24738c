import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from jobs import registry, worker

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch):
    """Every test registers the kinds it needs and leaves none behind."""
    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(registry, "_watches", [])


@pytest.fixture(autouse=True)
def short_connections(monkeypatch):
    """Threads that have ended leave no connection behind: it would keep the test database from going."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def stoppable():
    """`worker.stop` is meant for the end of a process; this one goes on."""
    yield
    worker._stopping.clear()


@pytest.fixture
def soon() -> Callable:
    """Waits for something another process does; fails the test when it does not happen in time."""

    def wait(happened: Callable[[], object], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait


@pytest.fixture
def start(transactional_db, tmp_path):
    """Starts a program on the test's own database, in a folder of its own; kills what is left at the end."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        database = f"sqlite:///{given['NAME']}"
    else:
        login = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
        database = f"postgres://{login}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": "filesystem://",
        "VAR": str(tmp_path / "var"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    processes = []

    def start_one(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, *arguments], env=environment, cwd=ROOT)
        processes.append(process)
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.wait()
