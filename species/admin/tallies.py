"""What pages count, as it is kept."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Tally


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    list_display = ["kind", "taxon", "status", "value", "count"]
    list_filter = ["kind", "status"]
    list_select_related = ["taxon"]
    ordering = ["-id"]
