"""The order in which what is said of occurrences became visible."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce, Greatest

Row = TypeVar("Row", bound=Model)


def in_order(rows: QuerySet[Row]) -> QuerySet[Row]:
    """With `listed_at`: when a row was made, or its occurrence became visible, whichever was later."""
    listed: QuerySet[Row] = rows.annotate(
        listed_at=Greatest("created", Coalesce("occurrence__listed_at", "created"))
    )
    return listed
