"""Models' suggestions, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfPhotoAdmin
from labeling.models import ShownSuggestion, Suggestion
from species.admin.rows import ReadOnlyAdmin


@admin.register(Suggestion)
class SuggestionAdmin(OfPhotoAdmin):
    list_display = ["thumb", "source", "taxon", "uncertainty", "created"]
    list_display_links = ["thumb", "source"]
    list_filter = [("taxon", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["photo", "taxon"]
    search_fields = ["id", "photo", "taxon", "=source"]


@admin.register(ShownSuggestion)
class ShownSuggestionAdmin(ReadOnlyAdmin):
    """Who was shown which model's word on a photo: what they then say counts as said with it on screen."""

    list_display = ["source", "photo_digest", "person", "created"]
    list_filter = ["created"]
    list_select_related = ["person"]
    search_fields = ["person", "=source"]
