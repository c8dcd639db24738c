"""What people point out about photos."""

from django.contrib import admin

from labeling.actions import flags
from labeling.admin.rows import OfPhotoAdmin, OpenFilter, each
from labeling.models import Flag


@admin.register(Flag)
class FlagAdmin(OfPhotoAdmin):
    list_display = ["thumb", "kind", "reason", "by", "created", "resolved_at", "resolved_by"]
    list_display_links = ["thumb", "kind"]
    list_filter = [OpenFilter, "kind", "created"]
    list_select_related = ["photo", "by", "resolved_by"]
    search_fields = ["id", "photo", "by"]
    actions = ["resolve"]

    @admin.action(description="Dealt with", permissions=["view"])
    def resolve(self, request, queryset):
        each(self, request, queryset, lambda row: flags.resolve(flag=row, by=request.user), "Dealt with")
