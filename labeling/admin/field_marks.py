"""Where people point, read-only."""

from django.contrib import admin

from labeling.actions import field_marks
from labeling.admin.rows import OfPhotoAdmin, StandsFilter, each
from labeling.models import FieldMark


@admin.register(FieldMark)
class FieldMarkAdmin(OfPhotoAdmin):
    list_display = ["thumb", "mark", "taxon", "occurrence", "person", "x", "y", "created", "withdrawn_at"]
    list_display_links = ["thumb", "mark"]
    list_filter = [StandsFilter, "created"]
    list_select_related = ["photo", "occurrence", "person", "taxon"]
    search_fields = ["id", "occurrence", "photo", "person"]
    actions = ["take_back"]

    @admin.action(description="Take back (your own)", permissions=["view"])
    def take_back(self, request, queryset):
        each(
            self,
            request,
            queryset,
            lambda row: field_marks.withdraw(field_mark=row, by=request.user),
            "Taken back",
        )
