"""How often people are right, as measured."""

from django.contrib import admin

from labeling.models import Reliability
from species.admin.rows import ReadOnlyAdmin


@admin.register(Reliability)
class ReliabilityAdmin(ReadOnlyAdmin):
    """Measured, and then left alone: a verdict names the version it was computed from."""

    list_display = ["version", "person", "clade", "value"]
    list_filter = ["version"]
    list_select_related = ["person", "clade"]
    search_fields = ["person", "clade"]
    ordering = ["-id"]
