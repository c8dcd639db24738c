"""What people write about sightings, and what is reported of it."""

from django.contrib import admin
from django.db.models import Exists, OuterRef

from labeling.actions import comments
from labeling.admin.rows import OpenFilter, StandsFilter, each
from labeling.models import Comment, CommentReport
from species.admin.rows import ReadOnlyAdmin, sighting_visible_to, thumbnails


class ReportedFilter(admin.SimpleListFilter):
    title = "whether it is reported"
    parameter_name = "reported"

    def lookups(self, request, model_admin):
        return [("yes", "Reported, and nobody looked yet")]

    def queryset(self, request, queryset):
        if self.value() != "yes":
            return queryset
        return queryset.filter(Exists(CommentReport.objects.filter(comment=OuterRef("pk"), resolved_at=None)))


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """Hidden on its sighting's page, where a reason can be given."""

    list_display = [
        "thumbs",
        "text",
        "person",
        "created",
        "edited_at",
        "withdrawn_at",
        "hidden_by",
        "hidden_because",
    ]
    list_display_links = ["thumbs", "text"]
    list_filter = [ReportedFilter, StandsFilter, ("hidden_at", admin.EmptyFieldListFilter), "created"]
    list_select_related = ["person", "hidden_by", "observation"]
    search_fields = ["id", "observation", "person"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(sighting_visible_to(request.user, pk="observation"))
        return rows.prefetch_related("observation__photos")

    @admin.display(description="Photos")
    def thumbs(self, row):
        return thumbnails(row.observation.photos.all())


@admin.register(CommentReport)
class CommentReportAdmin(ReadOnlyAdmin):
    list_display = ["thumbs", "comment", "reason", "by", "created", "resolved_at", "resolved_by"]
    list_display_links = ["thumbs", "comment"]
    list_filter = [OpenFilter, "created"]
    list_select_related = ["comment__person", "comment__observation", "by", "resolved_by"]
    search_fields = ["id", "by"]
    actions = ["resolve"]

    def get_queryset(self, request):
        visible = sighting_visible_to(request.user, pk="comment__observation")
        return super().get_queryset(request).filter(visible).prefetch_related("comment__observation__photos")

    @admin.display(description="Photos")
    def thumbs(self, row):
        return thumbnails(row.comment.observation.photos.all())

    @admin.action(description="It may stand", permissions=["view"])
    def resolve(self, request, queryset):
        each(self, request, queryset, lambda row: comments.resolve(report=row, by=request.user), "Dealt with")
