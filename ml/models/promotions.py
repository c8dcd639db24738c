"""Which model was live when, and why."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ml.models.models import Model


class Promotion(models.Model):
    """A model going live. The newest row that was not ended is the live one; rolling back ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(Model, models.PROTECT, related_name="promotions")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: it went live by itself, as the first model or through the gate.",
    )
    reason = models.TextField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="promotion_one_is_live"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="promotion_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.model} live since {self.created:%Y-%m-%d}"
