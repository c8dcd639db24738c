"""Which reviewer was asked to look at what, read-only: a job asks, and the review page is where they decide."""

from django.contrib import admin

from labeling.admin.review import ClosedFilter
from labeling.admin.rows import OfOccurrenceAdmin
from labeling.models import Routing


@admin.register(Routing)
class RoutingAdmin(OfOccurrenceAdmin):
    list_display = ["thumbs", "cause", "reviewer", "reason", "created", "until", "closed_at", "outcome"]
    list_display_links = ["thumbs", "cause"]
    list_filter = [ClosedFilter, "cause", "outcome", "created"]
    list_select_related = ["occurrence", "reviewer"]
    search_fields = ["id", "occurrence", "reviewer"]
