"""How much was sent, and by whom."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Allowance


@admin.register(Allowance)
class AllowanceAdmin(ReadOnlyAdmin):
    list_display = ["who", "since", "used"]
    list_filter = ["since"]
    ordering = ["-since", "-id"]
    search_fields = ["=who"]
