"""Django's SQLite, with a line to wait in.

Who finds the database taken asks again, says SQLite, after ever longer pauses of up to 100 ms, and whoever
comes later asks sooner: under eight writers some wait for seconds while others pass them by. Here the threads
of a process wait for each other, and only the first in line asks the database, every one or two milliseconds.
"""

import sqlite3
import threading
import time

from django.db.backends.sqlite3 import base

# Milliseconds within which SQLite itself asks again, after pauses of 1 and 2 ms.
SHORT = 5
WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "REPLACE")
BUSY = "database is locked"

_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name=None):
        cursor = self.connection.cursor(factory=Cursor)
        cursor.patience = self.settings_dict["OPTIONS"].get("timeout", 5)
        return cursor


class Cursor(base.SQLiteCursorWrapper):
    """`patience` is the seconds that whoever wants to write waits for their turn."""

    patience: float

    def execute(self, query, params=None):
        """Raises OperationalError, "database is locked", when no turn comes in time."""
        if self.connection.in_transaction or not query.startswith(WRITES):
            return super().execute(query, params)
        deadline = time.monotonic() + self.patience
        if not _turn.acquire(timeout=self.patience):
            raise sqlite3.OperationalError(BUSY)
        try:
            self.connection.execute(f"PRAGMA busy_timeout = {SHORT}")
            while True:
                try:
                    return super().execute(query, params)
                except sqlite3.OperationalError as error:
                    if str(error) != BUSY or time.monotonic() > deadline:
                        raise
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")
            _turn.release()
