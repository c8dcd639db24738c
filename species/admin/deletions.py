"""What everybody could see once and is not shown any more, as copies are told of it."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import Deletion


@admin.register(Deletion)
class DeletionAdmin(ReadOnlyAdmin):
    """Written when something is hidden or deleted, gone when it is shown again."""

    list_display = ["id", "kind", "gone"]
    list_filter = ["kind"]
    search_fields = ["=id"]
    ordering = ["-gone", "-id"]
