"""Imports of collections, and which of them are taken back."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone


class ImportBatch(models.Model):
    """One run of an import: whose identifications came with it, who ran it, and what was promised for its photos."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    licence = models.CharField(max_length=64)
    credit = models.CharField(max_length=300, blank=True)
    consents = models.JSONField(default=list, help_text="Purposes, in the operator's name.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "import batches"

    def __str__(self) -> str:
        return f"Import of {self.created:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("import_batch", args=[self.pk])


class BatchWithdrawal(models.Model):
    """Nobody is shown or given what came with a batch, until it is restored. Rows stay, as its history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="withdrawals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=2000)
    created = models.DateTimeField(default=timezone.now, editable=False)
    restored_at = models.DateTimeField(null=True, blank=True)
    restored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"], name="batch_withdrawal_in_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(restored_at=None), name="batch_withdrawn_once"
            ),
            models.CheckConstraint(
                condition=Q(restored_at=None, restored_by=None)
                | Q(restored_at__gte=F("created"), restored_by__isnull=False),
                name="batch_restored_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="batch_withdrawn_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"Withdrawn {self.created:%Y-%m-%d %H:%M}"
