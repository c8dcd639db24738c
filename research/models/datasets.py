"""Frozen, citable datasets."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from jobs.models import Job
from species.models import Photo


class Dataset(models.Model):
    """A frozen, content-hashed manifest of verified occurrences and photos with a leak-proof split.

    The manifest is a file (`manifest_name` in the store); every export is written from it alone.
    """

    class State(models.TextChoices):
        FREEZING = "freezing", "Being frozen"
        FROZEN = "frozen", "Frozen"
        FAILED = "failed", "Failed"
        RETIRED = "retired", "Retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    version = models.PositiveIntegerField(help_text="Counts up within the site: v1, v2, …")
    state = models.CharField(max_length=10, choices=State.choices, default=State.FREEZING)
    note = models.TextField(blank=True)
    query = models.CharField(
        max_length=2000,
        blank=True,
        help_text="What it was asked to hold, as in addresses (labeling.filters.VerifiedFilter); empty: everything.",
    )
    salt = models.CharField(max_length=40, help_text="Enters the hash that puts a photo on its side.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict, blank=True, help_text="Counts per class and side; leak report.")
    retired_reason = models.TextField(blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version"], name="dataset_version_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["frozen", "retired"])
                | (~Q(content_hash="") & Q(frozen_at__isnull=False)),
                name="dataset_frozen_has_a_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def manifest_name(self) -> str:
        """Storage name of the manifest, once it is frozen."""
        return self.manifest_name_of(self.content_hash)

    def manifest_name_of(self, digest: str) -> str:
        """By content: a freeze that lost its lease must not replace what another attempt has published."""
        return f"datasets/{self.pk}/{digest[:16]}-manifest.json"


class DatasetPhoto(models.Model):
    """Which photos a dataset holds, so that a withdrawal can list the datasets it comes too late for."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="dataset_photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "photo"], name="dataset_photo_once"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.dataset_id}"
