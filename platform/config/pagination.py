from rest_framework.pagination import CursorPagination


class CreatedPagination(CursorPagination):
    """Stable while rows are added: a page neither repeats nor skips one."""

    ordering = ("created", "id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
