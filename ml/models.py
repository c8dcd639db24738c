"""Training runs, the models they made, and which one is live."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
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


class Model(models.Model):
    """A deployable folder: `model.onnx`, `weights.safetensors`, `card.json`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(TrainingRun, models.PROTECT, related_name="model")
    architecture = models.CharField(max_length=80)
    version = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64, help_text="Of the folder's files, names and bytes.")
    classes = models.JSONField()
    card = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What its opinions are signed with."""
        return f"{self.architecture}-v{self.version}"

    @property
    def folder_name(self) -> str:
        """Storage name of its folder."""
        return f"models/{self.sha256}"


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
        help_text="Empty: the first model, promoted because nothing else was live.",
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
