"""What was answered in which set, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfOccurrenceAdmin
from labeling.models import SetAnswer


@admin.register(SetAnswer)
class SetAnswerAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "occurrence", "person", "query", "campaign", "created"]
    list_display_links = ["thumbs", "occurrence"]
    list_filter = ["created"]
    list_select_related = ["occurrence", "person", "campaign"]
    search_fields = ["id", "occurrence", "person"]
