import re
from datetime import UTC

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

ORDER, OLDEST, NEWEST = "order", "oldest", "newest"
BROKEN = "This is no cursor of ours. Follow the address in “next” as it is."


class CreatedPagination(CursorPagination):
    """Stable while rows are added: a page neither repeats nor skips one.

    Rows stand as they were made; as they became visible where a view says so (`ordering`, a moment first).
    """

    ordering = ("created", "id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def get_page_size(self, request):
        """A size that cannot be is refused, not replaced by another."""
        said = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not re.fullmatch("[1-9][0-9]{0,2}", said) or int(said) > self.max_page_size:
            sentence = f"Write a number of rows, from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [sentence]})
        return int(said)

    def get_ordering(self, request, queryset, view):
        """What the view says, oldest first; `order=newest` turns it round."""
        ordering = getattr(view, "ordering", self.ordering)
        order = request.query_params.get(ORDER, getattr(view, "order", OLDEST))
        if order not in (OLDEST, NEWEST):
            raise ValidationError({ORDER: [f"Write {OLDEST} or {NEWEST}."]})
        return tuple(f"-{field}" for field in ordering) if order == NEWEST else tuple(ordering)

    def get_schema_operation_parameters(self, view):
        order = {
            "name": ORDER,
            "in": "query",
            "required": False,
            "description": f"{OLDEST} first, as they became visible, or {NEWEST} first.",
            "schema": {"type": "string", "enum": [OLDEST, NEWEST]},
        }
        return [*super().get_schema_operation_parameters(view), order]

    def decode_cursor(self, request):
        """A cursor that somebody made up is refused here; what it holds would else reach the database."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise ValidationError({self.cursor_query_param: [BROKEN]}) from error
        if cursor is not None and cursor.position is not None and not _is_moment(cursor.position):
            raise ValidationError({self.cursor_query_param: [BROKEN]})
        return cursor


def _is_moment(text: str) -> bool:
    try:
        moment = parse_datetime(text)
        # The first and the last day of the calendar are not on it in every zone.
        return moment is not None and moment.tzinfo is not None and bool(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return False
