"""Who said of which photos that all is boxed, read-only."""

from django.contrib import admin

from labeling.admin.rows import OfPhotoAdmin, StandsFilter
from labeling.models import AllBoxed


@admin.register(AllBoxed)
class AllBoxedAdmin(OfPhotoAdmin):
    list_display = ["thumb", "photo", "person", "created", "withdrawn_at"]
    list_display_links = ["thumb", "photo"]
    list_filter = [StandsFilter, "created"]
    list_select_related = ["photo", "person"]
    search_fields = ["id", "photo", "person"]
