"""Which reviewer was asked to look at what the crowd leaves open."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Occurrence

WEEK = timedelta(days=7)


def in_a_week() -> datetime:
    return timezone.now() + WEEK


class Routing(models.Model):
    """One open organism is one reviewer's to look at, for a week; then another's."""

    class Cause(models.TextChoices):
        DISPUTED = "disputed", "People disagree about it"
        STALLED = "stalled", "Several have named it, and nobody any more for two weeks"
        LATE = "late", "It has waited for more than three times the median"

    class Outcome(models.TextChoices):
        SETTLED = "settled", "Settled"
        PASSED_ON = "passed_on", "Passed on"
        GONE = "gone", "Not shown any more"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    reason = models.TextField(help_text="Why this reviewer, in a sentence.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(default=in_a_week, help_text="Then another is asked.")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], name="routing_in_order"),
            models.Index(
                fields=["reviewer", "created", "id"], condition=Q(closed_at=None), name="routing_of_reviewer"
            ),
            models.Index(fields=["until", "id"], condition=Q(closed_at=None), name="routing_to_end"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(closed_at=None), name="routing_one_is_open"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="routing_has_a_reason"),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="routing_closed_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_cause_display()}"
