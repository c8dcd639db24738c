"""Photos of which a part has arrived."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Upload


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Begun by a program, gone a day later whatever became of it."""

    list_display = ["id", "state", "offset", "length", "created", "expires"]
    list_filter = ["state"]
    search_fields = ["=id"]
    ordering = ["-created", "-id"]
