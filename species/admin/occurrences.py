"""Organisms, the photos they are on, and measurements."""

from django.contrib import admin

from species.admin.rows import (
    KeptAdmin,
    ReadOnlyAdmin,
    photo_visible_to,
    sighting_visible_to,
    thumbnail,
    thumbnails,
)
from species.models import (
    Measurement,
    Occurrence,
    OccurrencePhoto,
)


class MeasurementInline(admin.TabularInline):
    model = Measurement
    fields = readonly_fields = ["kind", "value", "unit", "method", "by", "created"]
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Occurrence)
class OccurrenceAdmin(KeptAdmin):
    """The verdict columns follow from what people say; a reviewer rules on the sighting's page."""

    list_display = ["thumbs", "__str__", "status", "agreed_taxon", "organism_id", "settled_at", "created"]
    list_display_links = ["thumbs", "__str__"]
    list_filter = ["status", "created"]
    list_select_related = ["agreed_taxon"]
    search_fields = ["id", "observation", "agreed_taxon"]
    fields = ["thumbs", "observation", "status", "agreed_taxon", "settled_at", "organism_id", "created"]
    readonly_fields = [name for name in fields if name != "organism_id"]
    inlines = [MeasurementInline]

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(sighting_visible_to(request.user, pk="observation"))
        return rows.prefetch_related("photos")

    @admin.display(description="Photos")
    def thumbs(self, occurrence):
        return thumbnails(occurrence.photos.all())


@admin.register(OccurrencePhoto)
class OccurrencePhotoAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "occurrence", "photo"]
    list_filter = ["occurrence__created"]
    list_select_related = ["photo", "occurrence"]
    search_fields = ["occurrence", "photo"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .filter(
                photo_visible_to(request.user, "photo"),
                sighting_visible_to(request.user, occurrences="occurrence"),
            )
        )

    @admin.display(description="Photo")
    def thumb(self, link):
        return thumbnail(link.photo)


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ["occurrence", "kind", "value", "unit", "method", "by", "created"]
    list_filter = ["kind", "created"]
    list_select_related = ["occurrence", "by"]
    search_fields = ["id", "occurrence", "by"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.filter(sighting_visible_to(request.user, occurrences="occurrence"))
