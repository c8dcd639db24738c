"""What people went on from without a name, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfOccurrenceAdmin, StandsFilter
from labeling.models import Pass


@admin.register(Pass)
class PassAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "kind", "reason", "person", "created", "withdrawn_at"]
    list_display_links = ["thumbs", "kind"]
    list_filter = [StandsFilter, "kind", "reason", "created"]
    list_select_related = ["person", "occurrence"]
    search_fields = ["id", "occurrence", "person"]
