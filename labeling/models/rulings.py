"""Reviewers' decisions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.listing import changed
from species.models import Occurrence, Taxon


class Ruling(models.Model):
    """A reviewer's decision: on one occurrence, or (`source`) trust in everything one source account says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, null=True, blank=True, related_name="rulings")
    source = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    taxon = models.ForeignKey(
        Taxon, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: can't be settled."
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
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
        indexes = [
            models.Index(fields=["listed_at", "id"]),
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="ruling_withdrawn"
            ),
            models.Index(changed(), "id", name="ruling_by_change"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(occurrence__isnull=False, source=None)
                | Q(occurrence=None, source__isnull=False, taxon=None),
                name="ruling_on_one_or_on_a_source",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ruling_has_a_reason"),
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(withdrawn_at=None), name="ruling_one_stands"
            ),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(withdrawn_at=None, source__isnull=False),
                name="ruling_one_trust_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"Ruling by {self.reviewer}"
