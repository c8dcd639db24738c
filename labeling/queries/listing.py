"""The order in which what is said of occurrences became visible."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest


def in_order(rows: QuerySet) -> QuerySet:
    """With `listed_at`: when a row was made, or its occurrence became visible, whichever was later."""
    return rows.annotate(listed_at=Greatest("created", Coalesce("occurrence__listed_at", "created")))
