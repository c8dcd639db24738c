"""Votes and rulings that a split said anew."""

from django.contrib import admin
from django.db.models import Q

from labeling.models import Reapplied
from species.admin.rows import ReadOnlyAdmin, sighting_visible_to


@admin.register(Reapplied)
class ReappliedAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = [
        "id",
        "change",
        "identification",
        "identification_now",
        "ruling",
        "ruling_now",
        "given_back_at",
    ]
    list_filter = ["created"]
    list_select_related = ["identification__person", "identification__taxon", "identification_now__person",
                           "identification_now__taxon", "ruling__reviewer", "ruling_now__reviewer"]  # fmt: skip
    search_fields = ["change"]

    def get_queryset(self, request):
        seen = Q(identification=None) | Q(
            sighting_visible_to(request.user, occurrences="identification__occurrence")
        )
        return super().get_queryset(request).filter(seen).prefetch_related("change__taxa__taxon")
