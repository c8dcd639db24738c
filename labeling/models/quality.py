"""How well the crowd agrees, measured once a day."""

from django.db import models
from django.utils import timezone


class QualityReport(models.Model):
    """The figures of one day, as `labeling.actions.quality` measured them: over everybody, never of one person."""

    day = models.DateField(primary_key=True)
    figures = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
