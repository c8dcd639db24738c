"""What reviewers are asked to look at and did, read-only: the review page is where it is done and undone."""

from django.contrib import admin

from labeling.admin.rows import OfOccurrenceAdmin, StandsFilter
from labeling.models import FoundRight, ReviewAct, ReviewCase, ReviewSearch
from species.admin.rows import ReadOnlyAdmin


class ClosedFilter(StandsFilter):
    title = "whether it is open"
    parameter_name = "open"
    column = "closed_at"

    def lookups(self, request, model_admin):
        return [("yes", "Open"), ("no", "Closed")]


class UndoneFilter(StandsFilter):
    column = "undone_at"


@admin.register(ReviewCase)
class ReviewCaseAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "queue", "taxon", "weight", "created", "closed_at", "closed_by"]
    list_display_links = ["thumbs", "queue"]
    list_filter = [ClosedFilter, "queue", "created"]
    list_select_related = ["occurrence", "taxon", "closed_by"]
    search_fields = ["id", "occurrence"]


@admin.register(FoundRight)
class FoundRightAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "taxon", "status", "by", "created", "withdrawn_at"]
    list_display_links = ["thumbs", "taxon"]
    list_filter = [StandsFilter, "created"]
    list_select_related = ["occurrence", "taxon", "by"]
    search_fields = ["id", "occurrence", "by"]


@admin.register(ReviewAct)
class ReviewActAdmin(ReadOnlyAdmin):
    list_display = ["kind", "queue", "by", "reason", "created", "undone_at"]
    list_filter = [UndoneFilter, "kind", "created"]
    list_select_related = ["by"]
    search_fields = ["id", "by"]


@admin.register(ReviewSearch)
class ReviewSearchAdmin(ReadOnlyAdmin):
    list_display = ["name", "moment"]
    list_filter = ["moment"]
    ordering = ["-pk"]
