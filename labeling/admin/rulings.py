"""Rulings, read-only: actions write them."""

from django.contrib import admin
from django.db.models import Q

from labeling.actions import rulings
from labeling.admin.rows import OfOccurrenceAdmin, StandsFilter, each
from labeling.models import Ruling
from species.models import Occurrence


@admin.register(Ruling)
class RulingAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "what", "taxon", "reviewer", "reason", "created", "withdrawn_at"]
    list_display_links = ["thumbs", "what"]
    list_filter = [StandsFilter, ("source", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["source", "taxon", "reviewer", "occurrence"]
    search_fields = ["occurrence__id", "reviewer__display_name", "reason", "source__display_name"]
    actions = ["withdraw"]

    def get_queryset(self, request):
        visible = Occurrence.objects.visible_to(request.user)
        rows = Ruling.objects.filter(Q(source__isnull=False) | Q(occurrence__in=visible))
        return rows.prefetch_related("occurrence__photos")

    @admin.display(description="On")
    def what(self, ruling):
        return f"everything from {ruling.source}" if ruling.source_id else str(ruling.occurrence)

    @admin.action(description="Withdraw", permissions=["view"])
    def withdraw(self, request, queryset):
        def act(row):
            rulings.withdraw(ruling=row, by=request.user)

        each(self, request, queryset, act, "Withdrawn")
