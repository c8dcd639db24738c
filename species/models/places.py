"""Named places."""

import uuid

from django.db import models
from django.db.models import Q
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
