"""Models' suggestions, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfPhotoAdmin
from labeling.models import Suggestion


@admin.register(Suggestion)
class SuggestionAdmin(OfPhotoAdmin):
    list_display = ["thumb", "source", "taxon", "uncertainty", "created"]
    list_display_links = ["thumb", "source"]
    list_filter = ["source", ("taxon", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["photo", "taxon"]
    search_fields = ["photo__id", "source", "taxon__scientific_name", "taxon__label"]
