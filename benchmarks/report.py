"""What the answers of a large library are held against, and the tables of that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.asking import Question, Times, plan
from benchmarks.workload import percentile

SMALL = 10_000
NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
QUERIES = 15
LAST_PAGE, GROWTH = 3.0, 2.0  # times as long as the first page, and as at SMALL
# Milliseconds below which twice as long is noise.
FLOOR = 5.0
RUN_AGAIN = 5.0  # seconds up to which a statement is run once more for its plan

Answers = Sequence[tuple[Question, Times]]


@dataclass(frozen=True)
class Line:
    """One question with its figures; `small` is its time at SMALL in ms, `over` what it is over, in words."""

    question: Question
    times: Times
    small: float | None
    over: tuple[str, ...]


def judge(answers: Answers, small: Mapping[str, float]) -> list[Line]:
    """`small`: the times of an earlier run at SMALL, by question."""
    p50 = {question.key: times.p50 for question, times in answers}
    return [
        Line(question, times, small.get(question.key), tuple(_over(question, times, p50, small)))
        for question, times in answers
    ]


def _over(
    question: Question, times: Times, p50: Mapping[str, float], small: Mapping[str, float]
) -> Iterable[str]:
    if times.stopped:
        yield "stopped"
    elif times.status != question.status:
        yield f"answered {times.status} {times.error}".strip()
    if question.budget is None:
        return
    if times.p95 > question.budget:
        yield f"> {question.budget:g} ms"
    if times.queries > QUERIES:
        yield f"> {QUERIES} queries"
    first = p50.get(f"{question.area}: {question.first} | {question.role}")
    if first is not None and times.p50 > LAST_PAGE * max(first, FLOOR):
        yield f"> {LAST_PAGE:g} × first page"
    before = small.get(question.key)
    if before is not None and times.p50 > GROWTH * max(before, FLOOR):
        yield f"> {GROWTH:g} × at {SMALL:,}"


def whole(lines: Sequence[Line]) -> str:
    """A row for each question, as Markdown; times in ms, `p50` and `p95` of the database."""
    rows = [
        f"| asked | as | q | p50 | p95 | total | slowest | at {SMALL:,} | over |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        question, times = line.question, line.times
        small = "" if line.small is None else f"{line.small:.1f}"
        rows.append(
            f"| {question.area}: {question.name} | {question.role} | {times.queries} | {times.p50:.1f} | "
            f"{times.p95:.1f} | {percentile(times.total, 0.5):.0f} | {times.slowest:.1f} | {small} | "
            f"{', '.join(line.over)} |"
        )
    return "\n".join(rows)


def summary(lines: Sequence[Line]) -> str:
    """A row for each area, then whatever is over a budget."""
    areas: dict[str, list[Line]] = {}
    for line in lines:
        areas.setdefault(line.question.area, []).append(line)
    rows = [
        "| area | asked | over a budget | most queries | slowest p95, ms | which |",
        "|---|---|---|---|---|---|",
    ]
    for area, some in areas.items():
        held = [line for line in some if line.question.budget is not None] or some
        worst = max(held, key=lambda line: line.times.p95)
        rows.append(
            f"| {area} | {len(some)} | {sum(bool(line.over) for line in some)} | "
            f"{max(line.times.queries for line in held)} | {worst.times.p95:.0f} | "
            f"{worst.question.name}, {worst.question.role} |"
        )
    over = [line for line in lines if line.over]
    rows += [
        "",
        f"- {'FAILS' if over else 'holds'}: {len(over)} of {len(lines)} questions are over a budget.",
    ]
    rows += [
        f"- {line.question.area}: {line.question.name}, {line.question.role}: {', '.join(line.over)} "
        f"({line.times.queries} queries, {line.times.p95:.0f} ms)"
        for line in over
    ]
    return "\n".join(rows)


def plans(lines: Sequence[Line]) -> str:
    """The plan of each statement that alone is over its question's budget, or else of its slowest one."""
    told: list[str] = []
    for line in lines:
        if not line.over or not line.times.statements:
            continue
        budget = line.question.budget or 0
        slow = sorted(line.times.statements, key=lambda each: -each.seconds)
        some = [each for each in slow if each.seconds * 1000 > budget][:3] or slow[:1]
        told.append(f"=== {line.question.key}: {', '.join(line.over)}")
        for statement in some:
            how = plan(statement, run=statement.seconds < RUN_AGAIN)
            told += [f"--- {statement.seconds * 1000:.1f} ms", statement.sql, "", how, ""]
    return "\n".join(told)


def write(path: Path, answers: Answers) -> None:
    """The figures, for a later run to compare with."""
    figures = {
        question.key: {
            "queries": times.queries,
            "p50": round(times.p50, 2),
            "p95": round(times.p95, 2),
            "total": round(percentile(times.total, 0.5), 1),
            "slowest": round(times.slowest, 2),
            "stopped": times.stopped,
            "status": times.status,
        }
        for question, times in answers
    }
    path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def read(path: Path) -> dict[str, float]:
    """The p50 of each question in a file of figures; nothing where there is none."""
    if not path.is_file():
        return {}
    figures = json.loads(path.read_text(encoding="utf-8"))
    return {key: each["p50"] for key, each in figures.items() if not each["stopped"]}
