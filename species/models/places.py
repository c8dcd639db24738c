"""Named places, and trips: the effort behind sightings."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Place(models.Model):
    """A named water or spot (dwc:locality); its coordinates are as private as the sightings in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=160)
    country_code = models.CharField(max_length=2, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    uncertainty_m = models.FloatField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(
                # Said to be there: a check of a range that comes out NULL lets half a place in.
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="place_coordinates_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Trip(models.Model):
    """One outing or one standing camera: the effort (dwc:samplingEffort) its sightings share."""

    class Kind(models.TextChoices):
        OUTING = "outing", "Outing"
        FIXED_CAMERA = "fixed_camera", "Fixed camera"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OUTING)
    name = models.CharField(max_length=160, blank=True)
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="trips")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    effort = models.CharField(max_length=160, blank=True, help_text="E.g. two rods, three hours.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=F("started_at")),
                name="trip_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.pk}"
