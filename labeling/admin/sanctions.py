"""What is reported of people, and what reviewers did about it. Written on the reviewers' pages alone."""

from django.contrib import admin

from labeling.admin.rows import OpenFilter
from labeling.models import Caution, Report, Rollback, RolledBack, Suspension
from species.admin.rows import ReadOnlyAdmin


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["id", "person", "observation", "by", "created", "resolved_at"]
    list_filter = [OpenFilter, "created"]
    list_select_related = ["person", "observation", "by"]
    search_fields = ["person", "by"]
    ordering = ["-created", "-id"]


@admin.register(Caution)
class CautionAdmin(ReadOnlyAdmin):
    list_display = ["id", "person", "by", "created", "acknowledged_at"]
    list_filter = ["created"]
    list_select_related = ["person", "by"]
    search_fields = ["person", "by"]
    ordering = ["-created", "-id"]


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ["id", "person", "by", "votes", "photos", "created", "until", "lifted_at"]
    list_filter = ["votes", "photos", "created"]
    list_select_related = ["person", "by"]
    search_fields = ["person", "by"]
    ordering = ["-created", "-id"]


@admin.register(Rollback)
class RollbackAdmin(ReadOnlyAdmin):
    list_display = ["id", "person", "by", "since", "state", "created", "undone_at"]
    list_filter = ["state"]
    list_select_related = ["person", "by"]
    search_fields = ["person", "by"]
    ordering = ["-created", "-id"]


@admin.register(RolledBack)
class RolledBackAdmin(ReadOnlyAdmin):
    list_display = ["id", "rollback", "kind", "row", "at", "given_back_at"]
    list_filter = ["given_back_at"]
    list_select_related = ["rollback__person"]
    ordering = ["-id"]
