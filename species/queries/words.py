"""Which rows hold words that somebody typed, the same on either database: an index of three letters each, by `pg_trgm`
on PostgreSQL and FTS5 on SQLite. What is alike is said in `species.taxonomy.names`.
"""

from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from species.models import Words
from species.taxonomy import names

Found = TypeVar("Found", bound=Words)


def searched(text: str) -> bool:
    """Whether there is anything in it to search for."""
    return bool(names.pieces(text))


def holding(model: type[Found], text: str) -> QuerySet[Found]:
    """Rows that hold every word of `text`, none where it has no letter. For reading some rows one by one; PostgreSQL
    takes its index where it reads more.
    """
    every = Q()
    for spelt in names.pieces(text):
        each = Q()
        for piece in spelt:
            each |= Q(text__contains=piece)
        every &= each
    rows = model._default_manager.filter(every)
    return rows if every else rows.none()


def first_holding(model: type[Found], text: str, most: int) -> QuerySet[Found]:
    """`most` of these at the most, by the index."""
    found = names.pieces(text)
    if connection.vendor != "sqlite" or not found:
        return holding(model, text)[:most]
    index = index_of(model)
    # Nothing in a piece has to be escaped: it is letters, marks, digits and spaces.
    words = (" OR ".join(f'"{piece}"' for piece in spelt) for spelt in found)
    match = " AND ".join(f"({word})" for word in words)
    numbers = RawSQL(f"SELECT rowid FROM {index} WHERE {index} MATCH %s LIMIT %s", (match, most))
    return model._default_manager.filter(pk__in=numbers)


def index_of(model: type[Words]) -> str:
    """The table of SQLite's index."""
    return f"{model._meta.db_table}_index"
