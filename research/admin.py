from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from research.models import Dataset, DatasetPhoto
from species.plates import rendition_url


class ReadOnly(admin.ModelAdmin):
    """To look at: what is frozen is written by the freeze alone, and taken back on the dataset's own page."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Dataset)
class DatasetAdmin(ReadOnly):
    list_display = ["__str__", "state", "photos", "short_hash", "created_by", "created", "frozen_at"]
    list_filter = ["state", "created"]
    list_select_related = ["created_by"]
    search_fields = ["title", "note", "content_hash", "created_by__display_name"]
    date_hierarchy = "created"

    @admin.display(description="photos")
    def photos(self, dataset):
        return dataset.summary.get("photos", "")

    @admin.display(description="hash")
    def short_hash(self, dataset):
        return dataset.content_hash[:12]

    def view_on_site(self, dataset):
        return reverse("dataset", args=[dataset.pk])


@admin.register(DatasetPhoto)
class DatasetPhotoAdmin(ReadOnly):
    list_display = ["thumbnail", "photo", "dataset", "side"]
    list_display_links = ["photo"]
    list_filter = ["side", "dataset"]
    list_select_related = ["dataset", "photo"]
    search_fields = ["photo__id", "photo__sha256", "dataset__content_hash"]

    @admin.display(description="")
    def thumbnail(self, row):
        width, height = row.photo.rendition_size(320)
        return format_html(
            '<img src="{}" width="{}" height="{}" alt="" loading="lazy">',
            rendition_url(row.photo, 320),
            width // 4,
            height // 4,
        )
