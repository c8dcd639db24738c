"""Organisms, the photos they are on, and measurements."""

from django.contrib import admin

from species.admin.rows import KeptAdmin, ReadOnlyAdmin, thumbnail, thumbnails
from species.models import (
    Measurement,
    Occurrence,
    OccurrencePhoto,
    Photo,
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
    list_filter = ["status", "agreed_taxon__rank", "created"]
    list_select_related = ["agreed_taxon"]
    search_fields = ["id", "agreed_taxon__scientific_name", "agreed_taxon__label", "organism_id"]
    date_hierarchy = "created"
    fields = ["thumbs", "observation", "status", "agreed_taxon", "settled_at", "organism_id", "created"]
    readonly_fields = [name for name in fields if name != "organism_id"]
    inlines = [MeasurementInline]
    list_per_page = 50

    def get_queryset(self, request):
        return Occurrence.objects.visible_to(request.user).prefetch_related("photos")

    @admin.display(description="Photos")
    def thumbs(self, occurrence):
        return thumbnails(occurrence.photos.all())


@admin.register(OccurrencePhoto)
class OccurrencePhotoAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "occurrence", "photo"]
    list_filter = ["occurrence__status"]
    list_select_related = ["photo", "occurrence"]
    search_fields = ["occurrence__id", "photo__id"]
    list_per_page = 50

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .filter(
                photo__in=Photo.objects.visible_to(request.user),
                occurrence__in=Occurrence.objects.visible_to(request.user),
            )
        )

    @admin.display(description="Photo")
    def thumb(self, link):
        return thumbnail(link.photo)


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ["occurrence", "kind", "value", "unit", "method", "by", "created"]
    list_filter = ["kind", "method", "created"]
    list_select_related = ["occurrence", "by"]

    def get_queryset(self, request):
        visible = Occurrence.objects.visible_to(request.user)
        return super().get_queryset(request).filter(occurrence__in=visible)
