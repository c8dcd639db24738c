"""Conditions on listed rows that are quick to ask whether they fit three rows or half of all."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

FEW = 10_000


class Way(NamedTuple):
    """One way in which occurrences are found: `rows`, their ids by indexes, of which there are about as many as of
    `counted`, all of them in no order; and `each`, the same asked of one row.
    """

    rows: Sequence[QuerySet[Any, Any]]
    counted: Sequence[QuerySet[Any, Any]]
    each: Q


def found(ways: Sequence[Way]) -> Q:
    """In any of these ways, in none if there is none. One query.

    Few are gathered, which costs what they are many; else what is shown is walked through in its order until a page is
    full, which costs what they are few. A database cannot tell from an OR; from ids it can.
    """
    some = few(ways) if ways else []
    return reduce(or_, (way.each for way in ways)) if some is None else Q(pk__in=some)


def few(ways: Sequence[Way]) -> list[UUID] | None:
    """Their ids, unless there are many. One statement, which looks for ids only where they are few; in SQL, since
    SQLite takes no LIMIT inside a UNION.
    """
    counts = [each for way in ways for rows in way.counted if (each := _first(rows.values("pk")))]
    ids = [each for way in ways for rows in way.rows if (each := _first(rows))]
    if not counts or not ids:
        return []
    total = " + ".join(f"(SELECT COUNT(*) FROM ({sql}) AS texts)" for sql, _ in counts)
    some = " UNION ALL ".join(
        f"SELECT NULL, found.* FROM ({sql}) AS found WHERE (SELECT total FROM counted) < {FEW}"
        for sql, _ in ids
    )
    asked = f"WITH counted AS (SELECT {total} AS total) SELECT total, NULL FROM counted UNION ALL {some}"
    with connection.cursor() as cursor:
        cursor.execute(asked, [each for _, params in (*counts, *ids) for each in params])
        rows = cursor.fetchall()
    if next(total for total, _ in rows if total is not None) >= FEW:
        return None
    # SQLite has ids as texts.
    return list({UUID(str(id)) for total, id in rows if total is None})


def counts(*asked: QuerySet[Any, Any]) -> list[int]:
    """How many each of these finds; one that is to count no more than so many is cut. One query."""
    parts = [_counted(rows) for rows in asked]
    sql = ", ".join(each for each, _ in parts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", [each for _, params in parts for each in params])
        return [int(count) for count in cursor.fetchone()]


def _counted(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    asked = _sql(rows)
    return (f"(SELECT COUNT(*) FROM ({asked[0]}) AS counted)", asked[1]) if asked else ("0", ())


def _first(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]] | None:
    """At most `FEW` of them, in SQL."""
    return _sql(rows[:FEW])


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]] | None:
    """None where Django knows without asking that there are none."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return None
