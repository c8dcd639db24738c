"""Rectangles around organisms: each person's boxes, and the agreed regions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from labeling.models.listing import changed
from species.models import Occurrence, Photo


def within_the_image() -> Q:
    """A rectangle within the upright image, in fractions of its width and height."""
    return Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0) & Q(
        x__lte=1 - F("width") + 1e-6, y__lte=1 - F("height") + 1e-6
    )


class Region(models.Model):
    """The agreed rectangle of an occurrence on a photo; fractions 0-1 of the upright image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="regions")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    people = models.PositiveSmallIntegerField(default=0, help_text="Whose boxes it is the middle of.")
    spread = models.FloatField(
        default=0.0, help_text="How far the edges of these lie from its own, in fractions of its size."
    )
    ruled = models.BooleanField(default=False, help_text="It is a reviewer's box.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "photo"], name="region_once_per_photo"),
            models.CheckConstraint(condition=within_the_image(), name="region_within_the_image"),
        ]

    def __str__(self) -> str:
        return f"Region {str(self.pk)[:8]}"


class Box(models.Model):
    """One person's rectangle for one occurrence on one photo; fractions 0-1 of the upright image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="boxes")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    ruling = models.BooleanField(
        default=False, help_text="Drawn by a reviewer of somebody else's photo: it goes before others'."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Its place in lists: when it became visible."
    )
    shown = models.BooleanField(
        default=False, editable=False, help_text="Anybody may see its sighting; see labeling.actions.listing."
    )

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "boxes"
        indexes = [
            models.Index(fields=["listed_at", "id"]),
            models.Index(fields=["person", "listed_at", "id"]),
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="box_withdrawn"
            ),
            models.Index(changed(), "id", name="box_by_change"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "photo", "person"],
                condition=Q(withdrawn_at=None),
                name="box_one_stands",
            ),
            models.CheckConstraint(condition=within_the_image(), name="box_within_the_image"),
        ]

    def __str__(self) -> str:
        return f"Box {str(self.pk)[:8]}"
