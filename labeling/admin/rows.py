"""What the lists of this app share: filters, thumbnails, and an action over many rows.

Somebody else's draft is not listed, whoever looks.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError

from species.admin.rows import (
    ReadOnlyAdmin,
    photo_visible_to,
    sighting_visible_to,
    thumbnail,
    thumbnails,
)


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

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(self.visible_to(request.user))
        return rows.prefetch_related("occurrence__photos")

    def visible_to(self, person):
        return sighting_visible_to(person, occurrences="occurrence")

    @admin.display(description="Photos")
    def thumbs(self, row):
        return thumbnails(row.occurrence.photos.all()) if row.occurrence_id else ""


class OfPhotoAdmin(ReadOnlyAdmin):
    """Rows about one photo, with it beside them."""

    search_fields = ["id", "photo"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(photo_visible_to(request.user, "photo"))

    @admin.display(description="Photo")
    def thumb(self, row):
        return thumbnail(row.photo)
