"""What rows name of this floor, as it is by itself: for `expand=` (`species.api.expand`)."""

from labeling.api.occurrences import NamedOccurrenceSerializer, listed
from species.api.expand import Found, Rows, ids_of


def occurrences(view, rows: Rows) -> Found:
    """As their list has them: nothing of what is said of them."""
    found = listed(view.request.user).filter(pk__in=ids_of(rows, "occurrence")).order_by()
    context = {"request": view.request, "view": view}
    return {each["id"]: each for each in NamedOccurrenceSerializer(found, many=True, context=context).data}
