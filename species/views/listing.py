"""A page of a list, as the API pages it: by a place in the order, so that the last is as quick as the first."""

from typing import TypeVar
from urllib.parse import urlsplit

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.settings import api_settings

Row = TypeVar("Row", bound=Model)


class Newest:
    """The order of a page where nobody asks for another."""

    ordering = ("listed_at", "id")
    changed = ("observation__updated", "id")
    order = "newest"


def page(request, rows: QuerySet[Row], size: int) -> tuple[list[Row], str]:
    """Rows from `cursor` on, and the query of the address of the next ones, empty on the last page.

    Raises rest_framework's ValidationError for a cursor, order or size that cannot be.
    """
    pages = api_settings.DEFAULT_PAGINATION_CLASS()
    pages.page_size = size
    shown = pages.paginate_queryset(rows, Request(request), view=Newest)
    return shown, urlsplit(pages.get_next_link() or "").query
