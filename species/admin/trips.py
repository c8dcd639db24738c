"""Trips, as far as others see them: private ones, and those under way, are nobody else's, whatever their role."""

from django.contrib import admin
from django.db.models import OuterRef

from species.admin.rows import ReadOnlyAdmin
from species.models import Trip, TripEdit, TripPerson
from species.queries.probe import Probe


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "person", "nothing_caught", "effort", "created"]
    list_filter = ["kind", "nothing_caught"]
    list_select_related = ["person"]
    search_fields = ["id", "person"]
    # Where and when it was is told as far as its sightings allow, which no column says.
    fields = [
        "id",
        "kind",
        "person",
        "privacy",
        "effort",
        "gear",
        "people_count",
        "nothing_caught",
        "created",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)


class OfTrips(ReadOnlyAdmin):
    """Rows of trips that one sees."""

    def get_queryset(self, request):
        seen = Probe(Trip.objects.filter(pk=OuterRef("trip_id")).visible_to(request.user))
        return super().get_queryset(request).filter(seen)


@admin.register(TripPerson)
class TripPersonAdmin(OfTrips):
    list_display = ["person", "trip", "agreed_at", "created"]
    list_filter = ["agreed_at"]
    list_select_related = ["person", "trip"]
    search_fields = ["id", "person", "trip"]
    exclude = ["declined_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(agreed_at__isnull=False)


@admin.register(TripEdit)
class TripEditAdmin(OfTrips):
    list_display = ["trip", "by", "created"]
    list_filter = ["created"]
    list_select_related = ["trip", "by"]
    search_fields = ["id", "by", "trip"]
    # What it says holds exact places.
    fields = ["id", "trip", "by", "created"]
