"""Counters of what anybody may see."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Tally


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    """What pages count by: their sums, not single rows."""

    list_display = ["kind", "value", "taxon", "status", "count"]
    list_filter = ["kind"]
    list_select_related = ["taxon"]
    search_fields = ["taxon"]
    ordering = ["-id"]
