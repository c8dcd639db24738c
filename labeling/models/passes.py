"""What people were asked about and gave no name."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Occurrence

SKIPPED_FOR = timedelta(days=3)  # then one is asked again


class PassQuerySet(models.QuerySet["Pass"]):
    def standing(self) -> Self:
        """Those that were not taken back; what was skipped long enough ago is forgotten."""
        fresh = Q(created__gt=timezone.now() - SKIPPED_FOR)
        return self.filter(Q(withdrawn_at=None) & (~Q(kind=Pass.Kind.SKIP) | fresh))


class Pass(models.Model):
    """One person went on without naming an occurrence: not now, or because they can't tell.

    Neither is a vote. That *they* can't tell says nothing of what can be told, which is what
    `Identification.cannot_improve` is for.
    """

    class Kind(models.TextChoices):
        SKIP = "skip", "Not now"
        CANNOT_TELL = "cannot_tell", "Can’t tell"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PassQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "passes"
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="pass_withdrawn"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "person"], condition=Q(withdrawn_at=None), name="pass_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"
