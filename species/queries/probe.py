"""A condition that a database asks of one row at a time, in whatever order these are read."""

from typing import Any

from django.db.models import BooleanField, QuerySet, Subquery, Value


class Probe(Subquery):
    """Whether there is a row, asked of each row as it is read.

    Not `Exists`: databases turn that into a join, which they begin from the other table, and read and sort a million
    rows for a page of fifty.
    """

    output_field = BooleanField()
    template = "COALESCE((%(subquery)s), FALSE)"  # no row is NULL, and the opposite of that would be NULL too

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values(found=Value(True))[:1])
