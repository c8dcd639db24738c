"""What staff look at. Rows that the rules of the product write are read-only here: the actions write them.

Somebody else's draft is not listed, whoever looks.
"""

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.utils.html import format_html, format_html_join

from species.actions import photos, taxa
from species.models import (
    Consent,
    ImportBatch,
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Place,
    Purpose,
    Taxon,
    Trip,
)
from species.plates import rendition_url

THUMBNAILS = 4


def thumbnail(photo: Photo) -> str:
    width, height = photo.rendition_size(320)
    return format_html(
        '<img class="thumb" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        rendition_url(photo, 320),
        width,
        height,
    )


def thumbnails(rows) -> str:
    return format_html_join("", "{}", ((thumbnail(photo),) for photo in list(rows)[:THUMBNAILS]))


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, whatever the role."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KeptAdmin(admin.ModelAdmin):
    """May be corrected, not made or deleted here: other rows stand on it."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Taxon)
class TaxonAdmin(admin.ModelAdmin):
    list_display = ["scientific_name", "english", "label", "rank", "parent", "second_parent", "synonym_of",
                    "sensitive", "provisional"]  # fmt: skip
    list_filter = ["rank", "sensitive", "provisional"]
    list_select_related = ["parent", "second_parent", "synonym_of"]
    search_fields = ["scientific_name", "label", "common_names"]
    autocomplete_fields = ["parent", "second_parent", "synonym_of"]
    readonly_fields = ["id", "created"]

    @admin.display(description="English name")
    def english(self, taxon):
        return taxon.common_names.get("en", "")

    def save_model(self, request, obj, form, change):
        """A taxon that became sensitive hides where anybody has named it; by a job, so that no lock is long."""
        super().save_model(request, obj, form, change)
        if {"sensitive", "parent", "second_parent", "synonym_of"} & set(form.changed_data):
            taxa.settle_later(taxa=[obj], by=request.user)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.action(description="Erase for good")
def erase_photos(modeladmin, request, queryset):
    for photo in queryset:
        try:
            photos.erase(photo=photo, by=request.user)
        except (ValidationError, PermissionDenied) as refusal:
            text = " ".join(getattr(refusal, "messages", [str(refusal)]))
            modeladmin.message_user(request, f"{photo}: {text}", level="warning")


@admin.action(description="Show to nobody")
def hide_photos(modeladmin, request, queryset):
    for photo in queryset:
        photos.say(photo=photo, purpose=Purpose.SHOW, granted=False, by=request.user)


class ConsentInline(admin.TabularInline):
    model = Consent
    fields = readonly_fields = ["purpose", "granted", "by", "created", "superseded_at"]
    ordering = ["purpose", "created"]
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "photo")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class ShownFilter(admin.SimpleListFilter):
    title = "shown to everybody"
    parameter_name = "shown"

    def lookups(self, request, model_admin):
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        shown = Exists(Photo.objects.shown().filter(pk=OuterRef("pk")))
        return queryset.filter(shown if self.value() == "yes" else ~shown)


@admin.register(Photo)
class PhotoAdmin(KeptAdmin):
    list_display = ["thumb", "__str__", "owner", "licence", "credit", "media_type", "created"]
    list_display_links = ["thumb", "__str__"]
    list_filter = [ShownFilter, "licence", "media_type", "observation__state", "created"]
    list_select_related = ["owner"]
    search_fields = ["id", "sha256", "credit", "owner__display_name"]
    date_hierarchy = "created"
    fields = ["thumb", "observation", "owner", "position", "licence", "credit", "width", "height",
              "media_type", "file_size", "sha256", "phash", "water", "batch", "created"]  # fmt: skip
    readonly_fields = [name for name in fields if name not in ("credit", "position")]
    inlines = [ConsentInline]
    list_per_page = 50
    actions = [hide_photos, erase_photos]

    def get_queryset(self, request):
        return Photo.objects.visible_to(request.user)

    @admin.display(description="Photo")
    def thumb(self, photo):
        return thumbnail(photo)

    def get_actions(self, request):
        """Only an admin may; a reviewer looks."""
        return super().get_actions(request) if request.user.is_admin else {}


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

    list_display = ["thumbs", "__str__", "observer", "state", "local_date", "privacy", "public_place"]
    list_display_links = ["thumbs", "__str__"]
    list_filter = ["state", "privacy", "place_source", "created"]
    list_select_related = ["observer"]
    search_fields = ["id", "observer__display_name", "note"]
    date_hierarchy = "created"
    fields = ["thumbs", "observer", "state", "observed_at", "utc_offset", "local_date", "privacy",
              "public_place", "place", "trip", "batch", "note", "created", "published_at"]  # fmt: skip
    readonly_fields = [name for name in fields if name != "note"]
    inlines = [OccurrenceInline]
    list_per_page = 50

    def get_queryset(self, request):
        return Observation.objects.visible_to(request.user).prefetch_related("photos")

    @admin.display(description="Photos")
    def thumbs(self, observation):
        return thumbnails(observation.photos.all())

    @admin.display(description="Public place")
    def public_place(self, observation):
        if not observation.has_public_place:
            return "hidden" if observation.latitude is not None else "none"
        return f"{observation.public_latitude:.2f}, {observation.public_longitude:.2f}"


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


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "photo", "purpose", "granted", "by", "created", "superseded_at"]
    list_filter = ["purpose", "granted", "superseded_at", "created"]
    list_select_related = ["photo", "by"]
    search_fields = ["photo__id", "by__display_name"]
    list_per_page = 50

    def get_queryset(self, request):
        return super().get_queryset(request).filter(photo__in=Photo.objects.visible_to(request.user))

    @admin.display(description="Photo")
    def thumb(self, consent):
        return thumbnail(consent.photo)


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "source", "operator", "licence", "credit", "consents", "created"]
    list_filter = ["source", "licence", "created"]
    list_select_related = ["source", "operator"]


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ["occurrence", "kind", "value", "unit", "method", "by", "created"]
    list_filter = ["kind", "method", "created"]
    list_select_related = ["occurrence", "by"]

    def get_queryset(self, request):
        visible = Occurrence.objects.visible_to(request.user)
        return super().get_queryset(request).filter(occurrence__in=visible)


@admin.register(Place)
class PlaceAdmin(admin.ModelAdmin):
    list_display = ["name", "country_code", "created"]
    list_filter = ["country_code"]
    search_fields = ["name"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Trip)
class TripAdmin(KeptAdmin):
    list_display = ["__str__", "kind", "person", "place", "started_at", "ended_at", "effort"]
    list_filter = ["kind", "started_at"]
    list_select_related = ["person", "place"]
    search_fields = ["name", "person__display_name"]
    readonly_fields = ["id", "person", "created"]
    autocomplete_fields = ["place"]
