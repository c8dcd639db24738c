"""What models say of photos."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.boxes import Region
from species.models import Photo, Taxon


class Suggestion(models.Model):
    """What a model says of a photo or of one region of it. Never an identification, never a vote.

    `answers` is a list of {"label", "taxon", "probability"}, a class of the model each, calibrated and unrounded,
    most probable first: `label` as the model calls the class, `taxon` the id of what it learned (null where
    nobody knows). `taxon` of the row is what it says after rolling up the tree; null means none of these. An
    `uncertainty` of 1 says that the photo is unlike all that the model was taught: its probabilities mean nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="suggestions")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="suggestions")
    source = models.CharField(max_length=120, help_text="Model name and version, e.g. resnet34-v7.")
    dataset_hash = models.CharField(max_length=64, blank=True)
    answers = models.JSONField()
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    uncertainty = models.FloatField(help_text="1 minus the first answer's probability.")
    tree_version = models.CharField(
        max_length=64, blank=True, help_text="Of the tree it was read on; empty: to be read."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "source"], condition=Q(region=None), name="suggestion_once_per_photo"
            ),
            models.UniqueConstraint(
                fields=["photo", "source", "region"],
                condition=Q(region__isnull=False),
                name="suggestion_once_per_region",
            ),
            models.CheckConstraint(
                condition=Q(uncertainty__gte=0, uncertainty__lte=1), name="suggestion_uncertainty_0_to_1"
            ),
        ]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["source", "uncertainty"]),
            models.Index(fields=["tree_version"]),
        ]

    def __str__(self) -> str:
        return f"{self.source} on {str(self.photo_id)[:8]}"

    @property
    def is_strange(self) -> bool:
        return self.uncertainty == 1 and self.taxon_id is None


DIGEST = 16  # hexadecimal digits: told apart from every other photo, and small enough for a cookie


def digest(sha256: str) -> str:
    """How a photo is known to `ShownSuggestion`, whether or not it is in the library."""
    return sha256[:DIGEST]


class ShownSuggestion(models.Model):
    """A person was shown what `source` says of a photo. Kept by content: one may ask first and add it later."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    photo_digest = models.CharField(max_length=DIGEST, help_text="The first digits of the photo's sha256.")
    source = models.CharField(max_length=120, help_text="Model name and version, e.g. resnet34-v7.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "photo_digest", "source"], name="suggestion_shown_once_per_person"
            ),
        ]
        indexes = [models.Index(fields=["created", "id"])]

    def __str__(self) -> str:
        return f"{self.source} to {self.person}"
