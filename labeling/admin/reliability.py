"""How often people are right, as measured."""

from django.contrib import admin

from labeling.models import Reliability, ReliabilityTable
from species.admin.rows import ReadOnlyAdmin


@admin.register(Reliability)
class ReliabilityAdmin(ReadOnlyAdmin):
    """Measured, and then left alone: a verdict names the version it was computed from."""

    list_display = ["version", "person", "clade", "value", "answers", "right"]
    list_filter = ["version"]
    list_select_related = ["person", "clade"]
    search_fields = ["person", "clade"]
    ordering = ["-id"]


@admin.register(ReliabilityTable)
class ReliabilityTableAdmin(ReadOnlyAdmin):
    list_display = ["version", "current", "votes", "created"]
    list_filter = ["current"]
    search_fields = ["version"]
    ordering = ["-created"]
