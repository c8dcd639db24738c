"""The lists of what is said of occurrences: the order in which it became visible, and what of it is new."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce, Greatest

Row = TypeVar("Row", bound=Model)


def in_order(rows: QuerySet[Row]) -> QuerySet[Row]:
    """With `listed_at`: when a row was made, or its occurrence became visible, whichever was later."""
    listed: QuerySet[Row] = rows.select_related("occurrence").annotate(
        listed_at=Greatest("created", Coalesce("occurrence__listed_at", "created"))
    )
    return listed


def changed_since(rows: QuerySet[Row], moment: datetime) -> QuerySet[Row]:
    """What was made, taken back or became visible at or after `moment`.

    Each is found by itself: no index serves an OR over two tables, and a list may be long.
    """
    every = rows.model._default_manager.order_by().values("pk")
    made = every.filter(created__gte=moment)
    taken_back = every.filter(withdrawn_at__gte=moment)
    shown = every.filter(occurrence__listed_at__gte=moment)
    return rows.filter(pk__in=made.union(taken_back, shown))
