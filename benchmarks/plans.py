"""Which questions read a table that grows with the library from end to end, by their plans and not by the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db.models import QuerySet
from django.test import Client

from benchmarks.asking import Question, Times, once, read_in_whole
from benchmarks.questions import WORKER
from benchmarks.report import QUERIES
from species.models import Photo

# Seconds of one statement: what takes longer is told as stopped, and its plan as well.
TIMEOUT = 5.0


@dataclass
class Found:
    """`read`: (question, table, statement). `over`: (question, its number of queries). `failed`: (question, why)."""

    asked: list[str] = field(default_factory=list)
    read: list[tuple[str, str, str]] = field(default_factory=list)
    over: list[tuple[str, int]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def planted() -> Iterator[Question]:
    """What reads a table in whole on purpose: a look at plans that misses one of these says nothing of the others."""

    def ask(name: str, query: QuerySet) -> Question:
        return Question("planted", name, WORKER, query=partial(list, query))

    photos = Photo.objects.all()
    yield ask("a column without an index", photos.filter(credit="none"))
    yield ask("a part of a text", photos.filter(file_name__contains="none"))
    yield ask("a list in an order without an index", photos.order_by("-file_name", "-pk")[:20])
    yield Question("planted", "a count", WORKER, query=photos.count)


def look(questions: Sequence[Question], browsers: dict[str, Client]) -> Found:
    """Each question is asked once, and once more if it was over its number of queries: a process that has just
    begun looks up what it keeps from then on.
    """
    found, known = Found(), {}
    for question in questions:
        found.asked.append(question.key)
        times = once(question, browsers[question.role], TIMEOUT)
        if times.queries > QUERIES:
            times = once(question, browsers[question.role], TIMEOUT)
        if question.budget is not None and times.queries > QUERIES:
            found.over.append((question.key, times.queries))
        if why := _failed(question, times):
            found.failed.append((question.key, why))
        for statement in times.statements:
            same = (statement.sql, repr(statement.params))
            if same not in known:
                known[same] = read_in_whole(statement)
            found.read += [(question.key, table, statement.sql) for table in sorted(known[same])]
    return found


def _failed(question: Question, times: Times) -> str:
    if times.stopped:
        return "stopped"
    return f"answered {times.status} {times.error}".strip() if times.status != question.status else ""
