"""Photos of which a part has arrived."""

from django.contrib import admin
from django.db.models import Q

from species.admin.rows import ReadOnlyAdmin, photo_visible_to, thumbnail
from species.models import Upload


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Begun by a program, gone a day later whatever became of it."""

    list_display = ["thumb", "id", "state", "offset", "length", "created", "expires"]
    list_display_links = ["id"]
    list_filter = ["state"]
    list_select_related = ["photo"]
    search_fields = ["=id"]
    ordering = ["-created", "-id"]
    # What is said of the photo, and its name, are of somebody's draft.
    fields = ["id", "state", "offset", "length", "created", "expires", "refused", "refusal"]

    def lookup_allowed(self, lookup, value, request=None):
        # Whoever may ask for rows by a digest learns it, a digit at a time.
        return lookup.split("__")[0] != "digest" and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request):
        seen = photo_visible_to(request.user, "photo")
        return super().get_queryset(request).filter(Q(photo=None) | Q(seen))

    @admin.display(description="Photo")
    def thumb(self, upload):
        return thumbnail(upload.photo) if upload.photo else ""
