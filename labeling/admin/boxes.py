"""Boxes and regions, read-only."""

from django.contrib import admin

from labeling.actions import boxes
from labeling.admin.rows import OfPhotoAdmin, StandsFilter, each
from labeling.models import Box, Region


@admin.register(Box)
class BoxAdmin(OfPhotoAdmin):
    list_display = [
        "thumb",
        "occurrence",
        "person",
        "x",
        "y",
        "width",
        "height",
        "ruling",
        "created",
        "withdrawn_at",
    ]
    list_display_links = ["thumb", "occurrence"]
    list_filter = [StandsFilter, "created"]
    list_select_related = ["photo", "occurrence", "person"]
    search_fields = ["id", "occurrence", "photo", "person"]
    actions = ["take_back"]

    @admin.action(description="Take back (your own)", permissions=["view"])
    def take_back(self, request, queryset):
        each(self, request, queryset, lambda row: boxes.withdraw(box=row, by=request.user), "Taken back")


@admin.register(Region)
class RegionAdmin(OfPhotoAdmin):
    list_display = [
        *("thumb", "occurrence", "x", "y", "width", "height"),
        *("people", "spread", "ruled", "created"),
    ]
    list_select_related = ["photo", "occurrence"]
    list_filter = ["created"]
    search_fields = ["id", "occurrence", "photo"]
