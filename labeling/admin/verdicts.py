"""Verdicts, read-only: they follow from what people say."""

from django.contrib import admin

from labeling.actions import verdicts
from labeling.admin.rows import OfOccurrenceAdmin
from labeling.models import Verdict


@admin.register(Verdict)
class VerdictAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "occurrence", "status", "taxon", "reliability_version", "computed_at"]
    list_display_links = ["thumbs", "occurrence"]
    list_filter = ["computed_at"]
    list_select_related = ["occurrence", "taxon"]
    search_fields = ["occurrence", "taxon"]
    ordering = ["-computed_at", "-occurrence_id"]
    actions = ["settle_again"]

    @admin.action(description="Settle again", permissions=["view"])
    def settle_again(self, request, queryset):
        chosen = list(queryset.order_by("computed_at", "pk").values_list("pk", flat=True))
        self.message_user(request, f"Settled again: {verdicts.recompute(occurrences=chosen)}.")
