"""Who was shown what others say, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfOccurrenceAdmin
from labeling.models import ShownThread


@admin.register(ShownThread)
class ShownThreadAdmin(OfOccurrenceAdmin):
    """Who was shown what others say of an organism: what they then say of it counts as said with that in sight."""

    list_display = ["thumbs", "occurrence", "person", "created"]
    list_display_links = ["thumbs", "occurrence"]
    list_filter = ["created"]
    list_select_related = ["occurrence", "person"]
    search_fields = ["person", "occurrence"]
