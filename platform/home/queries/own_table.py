"""One table of what is a person's own: whose rows, which columns, and what each of them means."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import User

READ = 1000  # rows at once


@dataclass(frozen=True)
class Column:
    """`lookup` is where its value stands, from a row of the table; `me`: whether that is the person who asks."""

    lookup: str
    meaning: str
    me: bool = False

    def said(self, value: Any, person: User) -> Any:
        if self.me:
            return None if value is None else value == person.pk
        return value


@dataclass(frozen=True)
class Table:
    """`name` is that of its files; `rows` are a person's own."""

    name: str
    what: str
    rows: Callable[[User], QuerySet[Any]]
    columns: dict[str, Column]

    def values(self, person: User) -> Iterator[list[Any]]:
        """Row by row, in a fixed order, a few in memory at a time."""
        columns = list(self.columns.values())
        rows = self.rows(person).order_by("pk").values_list(*(each.lookup for each in columns))
        for row in rows.iterator(READ):
            yield [each.said(value, person) for each, value in zip(columns, row, strict=True)]


WHEN = "when, in UTC"
BACK = "when it was taken back, in UTC; empty: it stands"


def by(model: type[Model], path: str) -> Callable[[User], QuerySet[Any]]:
    return lambda person: model._default_manager.filter(**{path: person})


def columns(**said: str) -> dict[str, Column]:
    """Columns that are called as they are in the database, or `name="lookup: meaning"`."""
    found = {}
    for name, text in said.items():
        lookup, colon, meaning = text.partition(": ")
        plain = colon and " " not in lookup
        found[name] = Column(lookup, meaning) if plain else Column(name, text)
    return found


def in_a_box() -> dict[str, str]:
    return {
        "x": "left edge, a fraction of the upright photo's width",
        "y": "upper edge, a fraction of its height",
        "width": "a fraction of its width",
        "height": "a fraction of its height",
    }
