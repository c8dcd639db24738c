"""What staff look at. What is frozen is written by the freeze alone, and taken back on the dataset's own page."""

from django.contrib import admin
from django.urls import reverse

from research.models import Dataset, DatasetPhoto
from species.admin.rows import ReadOnlyAdmin, thumbnail


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
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
class DatasetPhotoAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "photo", "dataset", "side"]
    list_display_links = ["photo"]
    list_filter = ["side", "dataset"]
    list_select_related = ["dataset", "photo"]
    search_fields = ["photo__id", "photo__sha256", "dataset__content_hash"]
    list_per_page = 50

    @admin.display(description="Photo")
    def thumb(self, row):
        return thumbnail(row.photo)
