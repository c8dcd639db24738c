"""Organisms, with what people say of them, what was ruled, and the verdict that follows."""

from django.contrib import admin
from django.utils.html import format_html

from labeling.models import Identification, Ruling, Verdict
from species.admin.occurrences import OccurrenceAdmin
from species.models import Occurrence


class LookedAt(admin.TabularInline):
    """To look at: actions write these."""

    extra = 0
    can_delete = False
    related: tuple[str, ...] = ()

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*self.related)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class IdentificationInline(LookedAt):
    model = Identification
    related = ("person", "taxon", "disagrees_with")
    fields = readonly_fields = [
        "person",
        "taxon",
        "confidence",
        "disagrees_with",
        "note",
        "created",
        "withdrawn_at",
    ]
    ordering = ["created", "id"]


class RulingInline(LookedAt):
    model = Ruling
    related = ("reviewer", "taxon")
    fields = readonly_fields = ["reviewer", "taxon", "reason", "created", "withdrawn_at"]
    ordering = ["created", "id"]


class VerdictInline(LookedAt):
    model = Verdict
    related = ("taxon",)
    fields = readonly_fields = ["status", "taxon", "reliability_version", "computed_at"]


admin.site.unregister(Occurrence)


@admin.register(Occurrence)
class NamedOccurrenceAdmin(OccurrenceAdmin):
    """As below this floor, with everything that was said."""

    fields = ["page", *OccurrenceAdmin.fields]
    readonly_fields = ["page", *OccurrenceAdmin.readonly_fields]
    inlines = [VerdictInline, RulingInline, IdentificationInline, *OccurrenceAdmin.inlines]

    @admin.display(description="Page")
    def page(self, occurrence):
        address = f"{occurrence.observation.get_absolute_url()}#o-{occurrence.pk}"
        return format_html('<a href="{}">Its sighting</a>', address)
