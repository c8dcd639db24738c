"""Places in lists of what is said of occurrences."""

from django.db.models.functions import Coalesce, Greatest


def changed() -> Greatest:
    """When it was made, became visible or was taken back, whichever was last. An index of each model holds it."""
    # With NULL in it SQLite takes nothing for the greatest.
    return Greatest("listed_at", Coalesce("withdrawn_at", "listed_at"))
