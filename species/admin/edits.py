"""What was changed of published sightings."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin, sighting_visible_to
from species.models import Edit


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
