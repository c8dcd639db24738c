"""Models that runs made."""

import uuid

from django.db import models
from django.utils import timezone

from ml.models.runs import TrainingRun


class Model(models.Model):
    """A deployable folder: `model.onnx`, `weights.safetensors`, `card.json`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(TrainingRun, models.PROTECT, related_name="model")
    architecture = models.CharField(max_length=80)
    version = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64, help_text="Of the folder's files, names and bytes.")
    classes = models.JSONField()
    taxa = models.JSONField(
        default=dict,
        blank=True,
        help_text="Class to the id of the taxon it stands for; a label is only its name.",
    )
    card = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What its suggestions are signed with."""
        return f"{self.architecture}-v{self.version}"

    @property
    def folder_name(self) -> str:
        """Storage name of its folder."""
        return f"models/{self.sha256}"
