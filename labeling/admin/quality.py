"""How well people agree, day by day, as measured."""

from django.contrib import admin

from labeling.models import QualityReport
from species.admin.rows import ReadOnlyAdmin


@admin.register(QualityReport)
class QualityReportAdmin(ReadOnlyAdmin):
    list_display = ["day", "created"]
    list_filter = ["created"]
    ordering = ["-day"]
