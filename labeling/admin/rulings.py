"""Rulings, read-only: actions write them."""

from django.contrib import admin
from django.db.models import Q

from labeling.actions import rulings
from labeling.admin.rows import OfOccurrenceAdmin, StandsFilter, each
from labeling.models import Ruling


@admin.register(Ruling)
class RulingAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "what", "taxon", "reviewer", "reason", "created", "withdrawn_at"]
    list_display_links = ["thumbs", "what"]
    list_filter = [StandsFilter, ("source", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["source", "taxon", "reviewer", "occurrence"]
    search_fields = ["id", "occurrence", "reviewer", "source", "taxon"]
    actions = ["withdraw"]

    def visible_to(self, person):
        return Q(source__isnull=False) | Q(super().visible_to(person))

    @admin.display(description="On")
    def what(self, ruling):
        return f"everything from {ruling.source}" if ruling.source_id else str(ruling.occurrence)

    @admin.action(description="Withdraw", permissions=["view"])
    def withdraw(self, request, queryset):
        def act(row):
            rulings.withdraw(ruling=row, by=request.user)

        each(self, request, queryset, act, "Withdrawn")
