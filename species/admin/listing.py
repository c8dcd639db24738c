"""Up to when rows are listed."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Listing


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    list_display = ["last"]
    list_filter = ["last"]
    ordering = ["-id"]
