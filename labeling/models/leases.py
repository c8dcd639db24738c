"""What was handed out to be named, and to whom."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from species.models import Occurrence


class Lease(models.Model):
    """An organism is one person's to name until a moment; whether they did stands with their names. Never again theirs.

    `fills`: it took the last of the places that other names would be of use in. `is_gold`: a reviewer has ruled on it,
    and what that says is told once it is named.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    fills = models.BooleanField(default=False)
    is_gold = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField()

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], name="lease_in_order"),
            models.Index(fields=["occurrence", "until"], name="lease_of_occurrence"),
            models.Index(fields=["person", "until"], name="lease_of_person"),
            models.Index(fields=["created", "id"], condition=Q(is_gold=True), name="lease_gold_in_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "person"], name="lease_once"),
            models.CheckConstraint(condition=Q(until__gt=F("created")), name="lease_ends_later"),
            models.CheckConstraint(
                condition=Q(is_gold=False) | Q(fills=False), name="lease_gold_fills_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{str(self.occurrence_id)[:8]} to {self.person}"
