"""What was handed out to be named, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfOccurrenceAdmin
from labeling.models import Lease


@admin.register(Lease)
class LeaseAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "person", "is_gold", "created", "until"]
    list_display_links = ["thumbs", "person"]
    list_filter = ["is_gold", "created"]
    list_select_related = ["occurrence", "person"]
    search_fields = ["id", "occurrence", "person"]
