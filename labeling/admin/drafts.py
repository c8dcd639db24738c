"""What people write into drafts: to each their own."""

from django.contrib import admin

from labeling.models import DraftWords
from species.admin.rows import ReadOnlyAdmin


@admin.register(DraftWords)
class DraftWordsAdmin(ReadOnlyAdmin):
    list_display = ["observation", "version"]
    list_filter = ["observation__created"]
    list_select_related = ["observation"]
    ordering = ["-pk"]
    counts_table = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(observation__observer=request.user)
