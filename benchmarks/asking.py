"""Asks a page or a query as somebody and says what it took: statements, their time, the slowest and its plan.

The time of a statement is that of running it and of fetching its rows: SQLite finds them only while they are fetched.
"""

from __future__ import annotations

import gc
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from benchmarks.workload import percentile

TIMEOUT = 30.0  # seconds of one statement
TWICE_UNTIL = 1.0  # what takes longer is asked once
AT_MOST = 3.0  # seconds for all the times that one question is asked
# Tables that grow with the library: nothing that one person asks may read one in whole.
BIG = (
    "species_observation", "species_photo", "species_occurrence", "species_occurrencephoto", "species_consent",
    "species_notewords", "labeling_identification", "labeling_suggestion", "labeling_verdict",
)  # fmt: skip


@dataclass
class Statement:
    sql: str
    params: Any
    seconds: float = 0.0
    stopped: bool = False


@dataclass(frozen=True)
class Question:
    """An address that somebody asks for, or a query of a job; `name` within its area says which.

    `first` names the first page of the list whose last page this is. `budget` is milliseconds of database time; None
    for a query that passes over the whole library, in batches.
    """

    area: str
    name: str
    role: str
    path: str = ""
    query: Callable[[], object] | None = None
    first: str = ""
    budget: float | None = 50.0
    status: int = 200

    @property
    def key(self) -> str:
        return f"{self.area}: {self.name} | {self.role}"


@dataclass
class Times:
    """Of one question, in milliseconds; `stopped`: a statement ran into the time limit."""

    database: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)
    slowest: float = 0.0
    queries: int = 0
    status: int = 200
    error: str = ""
    stopped: bool = False
    statements: list[Statement] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return percentile(self.database, 0.5)

    @property
    def p95(self) -> float:
        return percentile(self.database, 0.95)


class _Cursor(CursorWrapper):
    """Adds what a statement and the fetching of its rows take to `told`."""

    told: list[Statement]
    current: Statement
    begin: Callable[[], None]

    def execute(self, sql: Any, params: Any = None) -> Any:
        self.current = Statement(str(sql), params)
        self.told.append(self.current)
        self.begin()
        return self._timed(super().execute, sql, params)

    def executemany(self, sql: Any, param_list: Any) -> Any:
        self.current = Statement(str(sql), None)
        self.told.append(self.current)
        self.begin()
        return self._timed(super().executemany, sql, param_list)

    def fetchone(self) -> Any:
        return self._timed(super().__getattr__("fetchone"))

    def fetchmany(self, *size: Any) -> Any:
        return self._timed(super().__getattr__("fetchmany"), *size)

    def fetchall(self) -> Any:
        return self._timed(super().__getattr__("fetchall"))

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def _timed(self, act: Callable[..., Any], *given: Any) -> Any:
        started = time.perf_counter()
        try:
            return act(*given)
        except OperationalError as error:
            self.current.stopped = "timeout" in str(error) or "interrupted" in str(error)
            raise
        finally:
            self.current.seconds += time.perf_counter() - started


@contextmanager
def listening(seconds: float = TIMEOUT) -> Iterator[list[Statement]]:
    """The statements of this thread, as they come; one that takes longer than `seconds` is stopped."""
    told: list[Statement] = []
    deadline = [0.0]

    def begin() -> None:
        deadline[0] = time.monotonic() + seconds

    def cursor(raw: Any) -> _Cursor:
        made = _Cursor(raw, connection)
        made.told, made.begin = told, begin
        return made

    connection.ensure_connection()
    raw = connection.connection
    if isinstance(raw, sqlite3.Connection):
        begin()
        raw.set_progress_handler(lambda: time.monotonic() > deadline[0], 10_000)
    else:
        raw.execute(f"SET statement_timeout = {int(seconds * 1000)}")
    connection.make_cursor = cursor  # type: ignore[method-assign]
    try:
        yield told
    finally:
        del connection.make_cursor
        if isinstance(raw, sqlite3.Connection):
            raw.set_progress_handler(None, 0)
        else:
            raw.execute("SET statement_timeout = 0")


def ask(question: Question, clients: dict[str, Client], times: int) -> Times:
    """Once to warm up what a process keeps, then so many times as fit; what is slow only once."""
    first = once(question, clients[question.role])
    if first.stopped or first.total[0] > TWICE_UNTIL * 1000:
        return first
    found = Times(status=first.status, error=first.error)
    began = time.monotonic()
    for _ in range(times):
        one = once(question, clients[question.role])
        if not found.database or one.database[0] < min(found.database):
            found.statements, found.slowest, found.queries = one.statements, one.slowest, one.queries
        found.database += one.database
        found.total += one.total
        found.stopped |= one.stopped
        if one.stopped or time.monotonic() - began > AT_MOST:
            break
    return found


def once(question: Question, client: Client, seconds: float = TIMEOUT) -> Times:
    """What it took, its statements among it, none of them for longer than `seconds`."""
    found = Times()
    # Python looks through all that it holds now and then, and whatever is being fetched just then waits for it.
    gc.disable()
    with listening(seconds) as told:
        started = time.perf_counter()
        if question.query is None:
            answer = client.get(question.path)
            found.status = answer.status_code
            found.error = repr(answer.exc_info[1]) if getattr(answer, "exc_info", None) else ""
        else:
            with suppress(OperationalError):
                question.query()
        found.total = [(time.perf_counter() - started) * 1000]
    gc.enable()
    found.statements = list(told)
    found.stopped = any(each.stopped for each in told)
    found.queries = len(told)
    found.database = [sum(each.seconds for each in told) * 1000]
    found.slowest = max((each.seconds * 1000 for each in told), default=0.0)
    return found


def plan(statement: Statement, *, run: bool = True) -> str:
    """How the database goes about it; with `run` it is run, and PostgreSQL says what each step took."""
    if not statement.sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return "(no SELECT)"
    word = "EXPLAIN QUERY PLAN"
    if connection.vendor == "postgresql":
        word = "EXPLAIN (ANALYZE, BUFFERS)" if run else "EXPLAIN"
    try:
        with listening(), connection.cursor() as cursor:
            cursor.execute(f"{word} {statement.sql}", statement.params)
            rows = cursor.fetchall()
    except OperationalError:
        return plan(statement, run=False)
    if connection.vendor == "postgresql":
        return "\n".join(row[0] for row in rows)
    depth = {0: 0}
    lines = []
    for id, parent, _, text in rows:
        depth[id] = depth.get(parent, 0) + 1
        lines.append("  " * depth[id] + text)
    return "\n".join(lines)


def read_in_whole(statement: Statement, tables: tuple[str, ...] = BIG) -> set[str]:
    """Those of the tables that a statement reads from end to end, by its plan."""
    if not statement.sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return set()
    if connection.vendor == "postgresql":
        steps = _steps(statement)
        if "One-Time Filter" in str(steps):
            # What comes of a condition that is asked first is read where it holds: only running it tells.
            steps = _steps(statement, "ANALYZE, TIMING OFF, ")
        return set(_whole(steps, partial=_partial())).intersection(tables)
    if " LIMIT " in statement.sql and statement.sql.startswith("SELECT COUNT(*) FROM (SELECT "):
        return set()  # a count of some, in any order
    # In one statement an alias may stand for several tables, each in a query of its own.
    aliases: dict[str, set[str]] = {}
    for table, alias in re.findall(r'"(\w+)" (?:AS )?"?([A-Z]+\d+)"?', statement.sql):
        aliases.setdefault(alias, set()).add(table)
    return {table for each in _scanned(statement) for table in aliases.get(each, {each})}.intersection(tables)


def _steps(statement: Statement, how: str = "") -> dict[str, Any]:
    """PostgreSQL's plan."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({how}FORMAT JSON) {statement.sql}", statement.params)
        told = cursor.fetchone()[0]
    steps: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return steps


def _scanned(statement: Statement) -> Iterator[str]:
    """What SQLite reads from end to end. A list walks along its order and stops at its LIMIT: that is no more than it
    shows, unless all of it is sorted first. How many rows it passes that do not fit, only PostgreSQL expects.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params)
        steps = cursor.fetchall()
    sorts = {parent for _, parent, _, text in steps if text == "USE TEMP B-TREE FOR ORDER BY"}
    ordered = " LIMIT " in statement.sql and " ORDER BY " in statement.sql
    for _, parent, _, text in steps:
        if (scan := re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", text)) is None or scan[2] in _partial():
            continue
        if not ordered or parent in sorts:
            yield _indexed().get(scan[2], scan[1])


def _whole(step: dict[str, Any], *, partial: frozenset[str], ends: bool = False) -> Iterator[str]:
    """Tables read from end to end: row by row, or along an index that holds all of them, without an end.

    `ends`: whoever asks for the rows of this step is expected to stop before half of them.
    """
    if step.get("Actual Loops") == 0:
        return
    kind, below = step["Node Type"], step.get("Plans", ())
    outer = [each for each in below if each["Parent Relationship"] == "Outer"]
    if kind == "Limit":
        ends = step["Plan Rows"] < outer[0]["Plan Rows"] / 2
    elif kind in ("Sort", "Hash") or (kind == "Aggregate" and step["Strategy"] != "Sorted"):
        ends = False
    index = kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in step
    if not ends and (kind == "Seq Scan" or (index and step["Index Name"] not in partial)):
        yield step["Relation Name"]
    for each in below:
        yield from _whole(each, partial=partial, ends=ends and each in outer)


@cache
def _indexed() -> dict[str, str]:
    """SQLite's indexes, each with its table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'")
        return dict(cursor.fetchall())


@cache
def _partial() -> frozenset[str]:
    """Indexes that hold less than half of their table."""
    counted = (
        "SELECT c.relname, c.reltuples, t.reltuples FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "JOIN pg_class t ON t.oid = i.indrelid"
    )
    if connection.vendor == "sqlite":
        # The first of the numbers is that of its rows.
        counted = (
            "SELECT i.idx, CAST(i.stat AS integer), MAX(CAST(t.stat AS integer)) FROM sqlite_stat1 i "
            "JOIN sqlite_stat1 t ON t.tbl = i.tbl WHERE i.idx IS NOT NULL GROUP BY i.idx, i.stat"
        )
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return frozenset(name for name, rows, of in cursor.fetchall() if rows < of / 2)
