"""What staff look at. What is frozen is written by the freeze alone, and taken back on the dataset's own page."""

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from look.admin import CALLED
from research.models import CategoryNumber, Dataset, DatasetPerson, DatasetPhoto
from research.splits.items import SIDES
from species.admin.rows import ReadOnlyAdmin, thumbnail
from species.models import Taxon


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "photos", "short_hash", "created_by", "created", "frozen_at"]
    list_filter = ["state", "created"]
    list_select_related = ["created_by"]
    search_fields = ["id", "title", "note", "content_hash", "created_by"]
    sortable_by = ["version", "state", "created", "frozen_at"]

    def called(self, text):
        named = Dataset.objects.filter(Q(title__icontains=text) | Q(content_hash__startswith=text))
        return named.order_by("-created").values_list("pk", flat=True)[:CALLED]

    @admin.display(description="photos")
    def photos(self, dataset):
        return dataset.summary.get("photos", "")

    @admin.display(description="hash")
    def short_hash(self, dataset):
        return dataset.content_hash[:12]

    def view_on_site(self, dataset):
        return reverse("dataset", args=[dataset.pk])


class SideFilter(admin.SimpleListFilter):
    title = "side"
    parameter_name = "side"

    def lookups(self, request, model_admin):
        return [(side, side.capitalize()) for side in SIDES]

    def queryset(self, request, queryset):
        return queryset.filter(side=self.value()) if self.value() else queryset


@admin.register(DatasetPhoto)
class DatasetPhotoAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "photo", "dataset", "side"]
    list_display_links = ["photo"]
    list_filter = [SideFilter]
    list_select_related = ["dataset", "photo"]
    search_fields = ["photo", "dataset"]
    ordering = ["-id"]

    @admin.display(description="Photo")
    def thumb(self, row):
        return thumbnail(row.photo)


class TrainableFilter(admin.SimpleListFilter):
    title = "whether models may learn from them"
    parameter_name = "trainable"

    def lookups(self, request, model_admin):
        return [("yes", "From some at least"), ("no", "From none")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        return queryset.filter(trainable__gt=0) if self.value() == "yes" else queryset.filter(trainable=0)


@admin.register(DatasetPerson)
class DatasetPersonAdmin(ReadOnlyAdmin):
    """Whose photos are in it, counted at the freeze."""

    list_display = ["person", "dataset", "photos", "trainable"]
    list_filter = [TrainableFilter]
    list_select_related = ["dataset", "person"]
    search_fields = ["dataset", "person"]
    ordering = ["-id"]


class GivenFilter(admin.SimpleListFilter):
    title = "whether the name is still here"
    parameter_name = "here"

    def lookups(self, request, model_admin):
        return [("yes", "Still here"), ("no", "Gone")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        taxa = Taxon.objects.values("id")
        return queryset.filter(taxon__in=taxa) if self.value() == "yes" else queryset.exclude(taxon__in=taxa)


@admin.register(CategoryNumber)
class CategoryNumberAdmin(ReadOnlyAdmin):
    """Numbers given to classes, for good."""

    list_display = ["number", "taxon", "name"]
    list_filter = [GivenFilter]
    search_fields = ["taxon"]
    ordering = ["number"]

    def get_queryset(self, request):
        name = Taxon.objects.filter(pk=OuterRef("taxon")).values("scientific_name")
        return super().get_queryset(request).annotate(name=Subquery(name))

    @admin.display(description="name")
    def name(self, row):
        return row.name or ""
