"""Sightings."""

from django.contrib import admin

from species.actions import observations
from species.admin.rows import KeptAdmin, sighting_visible_to, thumbnails
from species.models import (
    Observation,
    Occurrence,
)


class OccurrenceInline(admin.TabularInline):
    model = Occurrence
    fields = readonly_fields = ["id", "status", "agreed_taxon", "organism_id", "settled_at"]
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("agreed_taxon")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Observation)
class ObservationAdmin(KeptAdmin):
    """Exact coordinates are for the sighting's own page; staff lists show the public place."""

    list_display = ["thumbs", "__str__", "observer", "state", "local_date", "privacy", "public_place",
                    "created"]  # fmt: skip
    list_display_links = ["thumbs", "__str__"]
    list_filter = ["state", "privacy", "created"]
    list_select_related = ["observer"]
    search_fields = ["id", "observer"]
    fields = ["thumbs", "observer", "state", "observed", "local_date", "time_source", "time_precision", "privacy",
              "surroundings", "public_place", "place", "trip", "batch", "note", "created", "published_at"]  # fmt: skip
    readonly_fields = [name for name in fields if name != "note"]
    inlines = [OccurrenceInline]

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(sighting_visible_to(request.user, pk="pk"))
        return rows.prefetch_related("photos")

    def save_model(self, request, row, form, change):
        """As on the sighting's page, so that it is in the history."""
        observations.describe(observation=row, by=request.user, note=row.note)

    @admin.display(description="Observed at")
    def observed(self, row):
        """The hour there, with its zone where that is known."""
        return "" if row.local_time is None else row.local_time.isoformat(" ", "seconds")

    @admin.display(description="Photos")
    def thumbs(self, observation):
        return thumbnails(observation.photos.all())

    @admin.display(description="Public place")
    def public_place(self, observation):
        if not observation.has_public_place:
            return "hidden" if observation.latitude is not None else "none"
        return f"{observation.public_latitude:.2f}, {observation.public_longitude:.2f}"
