"""Writes millions of rows as fast as the database takes them: COPY on PostgreSQL, executemany on SQLite.

Keys and indexes are taken away meanwhile and made again afterwards, which checks every foreign key and every unique
one; CHECK constraints stand all the time. A filling that was broken off leaves a database to throw away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection, models, transaction

GIVEN_BY_DATABASE = (models.AutoField, models.GeneratedField)
Model = type[models.Model]
# A column's value as both databases read it: an id as 32 digits, a time as `str` has it in UTC, JSON as text.
Row = Mapping[str, Any]


class Table:
    """Where the rows of a model go. What its rows do not name has the field's default."""

    def __init__(self, model: Model, named: Iterable[str]) -> None:
        named = set(named)
        fields = [
            field
            for field in model._meta.concrete_fields
            if not isinstance(field, models.AutoField | models.GeneratedField)
        ]
        unknown = named - {field.attname for field in fields}
        if unknown:
            raise TypeError(f"{model.__name__} has no column {', '.join(sorted(unknown))}.")
        self.named = named
        self._given = [field for field in fields if field.attname in named]
        left = [field for field in fields if field.attname not in named]
        self._rest = tuple(_default(field) for field in left)
        self._values = itemgetter(*(field.attname for field in self._given))
        self.table = model._meta.db_table
        self.columns = [field.column for field in (*self._given, *left)]

    def tuples(self, rows: Sequence[Row]) -> Iterable[tuple[Any, ...]]:
        rest, values = self._rest, self._values
        if any(len(row) != len(self.named) for row in rows):
            raise TypeError(f"Rows of one table name the same columns: {self.table}.")
        return (values(row) + rest for row in rows)


def _default(field: models.Field) -> Any:
    if field.has_default() and callable(field.default) and not isinstance(field, models.JSONField):
        # A random or a present value: two fillings would not have the same rows.
        raise TypeError(f"Say the {field.attname} of every {field.model.__name__}.")
    value = field.get_default()
    return json.dumps(value) if isinstance(field, models.JSONField) and value is not None else value


class Bulk:
    """Writes rows of models; `with` takes keys and indexes of `models` away and makes them again."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._tables = [model._meta.db_table for model in models]
        self._known: dict[Model, Table] = {}
        self._again: list[str] = []
        self.rows = 0

    def __enter__(self) -> Bulk:
        self._again = _strip(self._tables)
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            return
        with connection.cursor() as cursor:
            for statement in self._again:
                cursor.execute(statement)
            if connection.vendor == "sqlite":
                broken = cursor.execute("PRAGMA foreign_key_check").fetchmany(5)
                if broken:
                    raise ValueError(f"Rows refer to what is not there: {broken}")
                cursor.execute("PRAGMA foreign_keys = ON")
                cursor.execute("PRAGMA synchronous = FULL")

    def write(self, rows: Mapping[Model, Sequence[Row]]) -> None:
        """All of these, in one transaction."""
        with transaction.atomic(), connection.cursor() as cursor:
            for model, some in rows.items():
                if some:
                    self._write(cursor, self._table(model, some[0]), some)
                    self.rows += len(some)

    def _table(self, model: Model, row: Row) -> Table:
        table = self._known.get(model)
        if table is None or table.named != row.keys():
            table = self._known[model] = Table(model, row)
        return table

    def _write(self, cursor: Any, table: Table, rows: Sequence[Row]) -> None:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table.table}" ({columns}) FROM STDIN') as copy:
                for each in table.tuples(rows):
                    copy.write_row(each)
            return
        marks = ", ".join(["%s"] * len(table.columns))
        insert = f'INSERT INTO "{table.table}" ({columns}) VALUES ({marks})'
        cursor.executemany(insert, table.tuples(rows))


def _strip(tables: list[str]) -> list[str]:
    """Take keys and indexes away; the statements that make them again, in order."""
    if connection.vendor == "sqlite":
        return _strip_sqlite(tables)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT c.conrelid::regclass::text, quote_ident(c.conname), c.contype, pg_get_constraintdef(c.oid) "
            "FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class o ON o.oid = c.confrelid "
            "WHERE c.contype IN ('f', 'p', 'u') AND (t.relname = ANY(%s) OR o.relname = ANY(%s)) "
            "ORDER BY c.contype = 'f' DESC, 1, 2",
            [tables, tables],
        )
        keys = cursor.fetchall()
        for table, name, _, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(
            "SELECT quote_ident(indexname), indexdef FROM pg_indexes "
            "WHERE schemaname = current_schema AND tablename = ANY(%s) ORDER BY 1",
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    add = [(kind, f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}") for table, name, kind, rule in keys]
    own = [statement for kind, statement in add if kind != "f"]
    foreign = [statement for kind, statement in add if kind == "f"]
    return [*own, *(rule for _, rule in indexes), *foreign]


def _strip_sqlite(tables: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA cache_size = -500000")  # kB
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            tables,
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    return [rule for _, rule in indexes]


def analyze() -> None:
    """What a site that has lived for a while has: statistics, and on PostgreSQL the map of what everybody sees."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
