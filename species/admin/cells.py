"""Counters of what anybody may see in each hexagon of the map."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import CellTally


@admin.register(CellTally)
class CellTallyAdmin(ReadOnlyAdmin):
    """What the map counts by: their sums, not single rows."""

    list_display = ["cell", "taxon", "whole", "status", "count"]
    list_filter = ["whole"]
    list_select_related = ["taxon"]
    search_fields = ["taxon"]
    ordering = ["-id"]
