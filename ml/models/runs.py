"""Training runs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.models import Job
from research.models import Dataset


class TrainingRun(models.Model):
    """One run of the training program on one frozen dataset."""

    class Kind(models.TextChoices):
        MODEL = "model", "Trains a model"
        KFOLD = "kfold", "Measures by grouped k-fold"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.MODEL)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="+")
    options = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    metrics = models.JSONField(default=dict, blank=True)
    history = models.JSONField(default=list, blank=True, help_text="One entry per epoch.")
    predictions = models.CharField(
        max_length=200, blank=True, help_text="Storage name of its answers on the test, photo by photo."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return f"Run {str(self.pk)[:8]}"
