"""Merges, splits and swaps of names."""

from django.contrib import admin
from django.utils.html import format_html

from species.admin.rows import ReadOnlyAdmin
from species.models import ChangedTaxon, TaxonChange


class ChangedTaxonInline(admin.TabularInline):
    model = ChangedTaxon
    fields = readonly_fields = ["side", "taxon", "areas"]
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("taxon")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(ChangedTaxon)
class ChangedTaxonAdmin(ReadOnlyAdmin):
    """What a name was changed into, and out of what."""

    list_display = ["taxon", "side", "change", "areas"]
    list_filter = ["side"]
    list_select_related = ["taxon"]
    search_fields = ["taxon", "change"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("change__taxa__taxon")


@admin.register(TaxonChange)
class TaxonChangeAdmin(ReadOnlyAdmin):
    """To look at; they are proposed, applied and undone on their own pages."""

    list_display = ["__str__", "kind", "state", "by", "created", "page"]
    list_filter = ["kind", "state", "created"]
    list_select_related = ["by"]
    search_fields = ["=id", "by"]
    fields = readonly_fields = ["page", "kind", "state", "reason", "source", "by", "created", "applied_by", "begun_at",
                                "applied_at", "undone_by", "undone_at", "meeting", "job"]  # fmt: skip
    inlines = [ChangedTaxonInline]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("taxa__taxon")

    @admin.display(description="Page")
    def page(self, change):
        return format_html('<a href="{}">Look at it</a>', change.get_absolute_url())
