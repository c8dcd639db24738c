"""Identifications, read-only: actions write them."""

from django.contrib import admin

from labeling.actions import identifications
from labeling.admin.rows import OfOccurrenceAdmin, StandsFilter, each
from labeling.models import Identification


@admin.register(Identification)
class IdentificationAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "taxon", "person", "confidence", "disagrees_with", "model_on_screen", "others_on_screen",
                    "created",
                    "withdrawn_at"]  # fmt: skip
    list_display_links = ["thumbs", "taxon"]
    list_filter = [StandsFilter, "confidence", "created"]
    list_select_related = ["person", "taxon", "disagrees_with", "occurrence"]
    search_fields = ["id", "occurrence", "person", "taxon"]
    actions = ["take_back"]

    @admin.action(description="Take back (your own)", permissions=["view"])
    def take_back(self, request, queryset):
        def act(row):
            identifications.withdraw(identification=row, by=request.user)

        each(self, request, queryset, act, "Taken back")
