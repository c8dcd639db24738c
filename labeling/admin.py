"""What staff look at and act on. What people said and what follows from it is read-only: actions write it.

Somebody else's draft is not listed, whoever looks.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from labeling.actions import boxes, flags, identifications, rulings, verdicts
from labeling.models import Box, Flag, Identification, Region, Reliability, Ruling, Suggestion, Verdict
from species.admin import ReadOnlyAdmin, thumbnail, thumbnails
from species.models import Occurrence, Photo


def each(modeladmin, request, rows, act, done: str) -> None:
    """Do `act` to every row; say how many, and in the rules' own words why not where not."""
    count = 0
    for row in rows:
        try:
            act(row)
            count += 1
        except (PermissionDenied, ValidationError) as refusal:
            text = " ".join(getattr(refusal, "messages", [str(refusal)]))
            modeladmin.message_user(request, f"{row}: {text}", level=messages.WARNING)
    if count:
        modeladmin.message_user(request, f"{done}: {count}.")


class StandsFilter(admin.SimpleListFilter):
    title = "whether it stands"
    parameter_name = "stands"
    column = "withdrawn_at"

    def lookups(self, request, model_admin):
        return [("yes", "Stands"), ("no", "Taken back")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        return queryset.filter(**{f"{self.column}__isnull": self.value() == "yes"})


class OpenFilter(StandsFilter):
    title = "whether it is open"
    parameter_name = "open"
    column = "resolved_at"

    def lookups(self, request, model_admin):
        return [("yes", "Open"), ("no", "Dealt with")]


class OfOccurrenceAdmin(ReadOnlyAdmin):
    """Rows about one occurrence, with its photos beside them."""

    list_per_page = 50
    date_hierarchy = "created"
    search_fields = ["occurrence__id"]

    def get_queryset(self, request):
        rows = (
            super().get_queryset(request).filter(occurrence__in=Occurrence.objects.visible_to(request.user))
        )
        return rows.prefetch_related("occurrence__photos")

    @admin.display(description="Photos")
    def thumbs(self, row):
        return thumbnails(row.occurrence.photos.all()) if row.occurrence_id else ""


class OfPhotoAdmin(ReadOnlyAdmin):
    """Rows about one photo, with it beside them."""

    list_per_page = 50
    date_hierarchy = "created"
    search_fields = ["photo__id"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(photo__in=Photo.objects.visible_to(request.user))

    @admin.display(description="Photo")
    def thumb(self, row):
        return thumbnail(row.photo)


@admin.register(Identification)
class IdentificationAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "taxon", "person", "confidence", "disagrees_with", "model_on_screen", "created",
                    "withdrawn_at"]  # fmt: skip
    list_display_links = ["thumbs", "taxon"]
    list_filter = [StandsFilter, "confidence", "cannot_improve", "person__is_source", "created"]
    list_select_related = ["person", "taxon", "disagrees_with", "occurrence"]
    search_fields = ["occurrence__id", "person__display_name", "taxon__scientific_name", "taxon__label"]
    actions = ["take_back"]

    @admin.action(description="Take back (your own)", permissions=["view"])
    def take_back(self, request, queryset):
        def act(row):
            identifications.withdraw(identification=row, by=request.user)

        each(self, request, queryset, act, "Taken back")


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


@admin.register(Verdict)
class VerdictAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "occurrence", "status", "taxon", "reliability_version", "computed_at"]
    list_display_links = ["thumbs", "occurrence"]
    list_filter = ["status", "reliability_version", "computed_at"]
    list_select_related = ["occurrence", "taxon"]
    date_hierarchy = "computed_at"
    search_fields = ["occurrence__id", "taxon__scientific_name", "taxon__label"]
    actions = ["settle_again"]

    @admin.action(description="Settle again", permissions=["view"])
    def settle_again(self, request, queryset):
        chosen = list(queryset.order_by("computed_at", "pk").values_list("pk", flat=True))
        self.message_user(request, f"Settled again: {verdicts.recompute(occurrences=chosen)}.")


@admin.register(Box)
class BoxAdmin(OfPhotoAdmin):
    list_display = ["thumb", "occurrence", "person", "x", "y", "width", "height", "created", "withdrawn_at"]
    list_display_links = ["thumb", "occurrence"]
    list_filter = [StandsFilter, "created"]
    list_select_related = ["photo", "occurrence", "person"]
    search_fields = ["occurrence__id", "photo__id", "person__display_name"]
    actions = ["take_back"]

    @admin.action(description="Take back (your own)", permissions=["view"])
    def take_back(self, request, queryset):
        each(self, request, queryset, lambda row: boxes.withdraw(box=row, by=request.user), "Taken back")


@admin.register(Region)
class RegionAdmin(OfPhotoAdmin):
    list_display = ["thumb", "occurrence", "x", "y", "width", "height", "created"]
    list_select_related = ["photo", "occurrence"]
    list_filter = ["created"]


@admin.register(Suggestion)
class SuggestionAdmin(OfPhotoAdmin):
    list_display = ["thumb", "source", "taxon", "uncertainty", "created"]
    list_display_links = ["thumb", "source"]
    list_filter = ["source", ("taxon", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["photo", "taxon"]
    search_fields = ["photo__id", "source", "taxon__scientific_name", "taxon__label"]


@admin.register(Flag)
class FlagAdmin(OfPhotoAdmin):
    list_display = ["thumb", "kind", "reason", "by", "created", "resolved_at", "resolved_by"]
    list_display_links = ["thumb", "kind"]
    list_filter = [OpenFilter, "kind", "created"]
    list_select_related = ["photo", "by", "resolved_by"]
    search_fields = ["photo__id", "by__display_name", "reason"]
    actions = ["resolve"]

    @admin.action(description="Dealt with", permissions=["view"])
    def resolve(self, request, queryset):
        each(self, request, queryset, lambda row: flags.resolve(flag=row, by=request.user), "Dealt with")


@admin.register(Reliability)
class ReliabilityAdmin(ReadOnlyAdmin):
    """Measured, and then left alone: a verdict names the version it was computed from."""

    list_display = ["version", "person", "clade", "value"]
    list_filter = ["version"]
    list_select_related = ["person", "clade"]
    search_fields = ["person__display_name", "clade__scientific_name"]
