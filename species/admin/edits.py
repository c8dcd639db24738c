"""What was changed of published sightings, of names and of places."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin, sighting_visible_to
from species.models import Edit, PlaceEdit, TaxonEdit


@admin.register(Edit)
class EditAdmin(ReadOnlyAdmin):
    """Who changed what and when. What it said is on the sighting's own page, where places are told by their rules."""

    list_display = ["observation", "what", "by", "created"]
    list_filter = ["created"]
    list_select_related = ["observation", "by"]
    search_fields = ["id", "observation", "by"]
    fields = readonly_fields = ["observation", "what", "by", "created"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(sighting_visible_to(request.user, pk="observation"))

    @admin.display(description="Changed")
    def what(self, edit):
        return ", ".join(sorted(edit.after))


class WithBothSides(ReadOnlyAdmin):
    """Who changed what and when, with what it said before and after."""

    list_filter = ["created"]

    @admin.display(description="Changed")
    def what(self, edit):
        return ", ".join(sorted(edit.after))


@admin.register(TaxonEdit)
class TaxonEditAdmin(WithBothSides):
    list_display = ["taxon", "what", "by", "source", "created"]
    list_select_related = ["taxon", "by"]
    search_fields = ["=id", "taxon", "by"]
    fields = readonly_fields = ["taxon", "by", "source", "batch", "change", "before", "after", "created"]


@admin.register(PlaceEdit)
class PlaceEditAdmin(WithBothSides):
    """Holds places as exact as they were written, so it is for admins."""

    list_display = ["place", "what", "by", "created"]
    list_select_related = ["place", "by"]
    search_fields = ["=id", "place", "by"]
    fields = readonly_fields = ["place", "by", "before", "after", "created"]

    def has_view_permission(self, request, obj=None):
        return request.user.is_admin

    def has_module_permission(self, request):
        return request.user.is_admin
