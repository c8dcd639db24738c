"""Photos, consents and imports."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError

from species.actions import photos
from species.admin.rows import KeptAdmin, ReadOnlyAdmin, photo_visible_to, thumbnail
from species.models import (
    Consent,
    Photo,
    Purpose,
)


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
        return queryset.filter(shown=self.value() == "yes")


@admin.register(Photo)
class PhotoAdmin(KeptAdmin):
    list_display = ["thumb", "__str__", "owner", "licence", "credit", "media_type", "created"]
    list_display_links = ["thumb", "__str__"]
    list_filter = [ShownFilter, "created"]
    list_select_related = ["owner"]
    search_fields = ["id", "observation", "owner", "=sha256"]
    fields = ["thumb", "observation", "owner", "position", "licence", "credit", "width", "height",
              "media_type", "file_size", "sha256", "phash", "water", "batch", "created"]  # fmt: skip
    readonly_fields = [name for name in fields if name not in ("credit", "position")]
    inlines = [ConsentInline]
    actions = [hide_photos, erase_photos]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(photo_visible_to(request.user, "pk"))

    @admin.display(description="Photo")
    def thumb(self, photo):
        return thumbnail(photo)

    def get_actions(self, request):
        """Only an admin may; a reviewer looks."""
        return super().get_actions(request) if request.user.is_admin else {}


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["thumb", "photo", "purpose", "granted", "by", "created", "superseded_at"]
    list_filter = ["purpose", "granted", "created"]
    list_select_related = ["photo", "by"]
    search_fields = ["photo", "by"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(photo_visible_to(request.user, "photo"))

    @admin.display(description="Photo")
    def thumb(self, consent):
        return thumbnail(consent.photo)
