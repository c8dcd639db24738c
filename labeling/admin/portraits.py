"""The pictures by which taxa are recognized where names are chosen, read-only: a job chooses them."""

from django.contrib import admin

from labeling.admin.rows import OfPhotoAdmin
from labeling.models import Portrait


@admin.register(Portrait)
class PortraitAdmin(OfPhotoAdmin):
    list_display = ["thumb", "taxon", "occurrence", "box", "looked_at"]
    list_display_links = ["thumb", "taxon"]
    list_filter = ["looked_at"]
    list_select_related = ["photo", "occurrence", "taxon"]
    search_fields = ["taxon", "occurrence", "photo"]
    ordering = ["-pk"]
