"""How often people are right."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Taxon


class ReliabilityTable(models.Model):
    """One version of the table, as measured at one time. Verdicts are reached with the `current` one."""

    version = models.CharField(max_length=40, unique=True)
    current = models.BooleanField(default=False)
    votes = models.PositiveIntegerField(default=0, help_text="How many identifications it was measured from.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=Q(current=True), name="reliability_one_is_current"
            ),
        ]

    def __str__(self) -> str:
        return self.version


class Reliability(models.Model):
    """How often a person is right in a clade, as measured in one `version` of the table. No row: 0.8.

    `answers`: how many of what they said there could be compared with what others say; `right`: how many of these agree
    with what somebody independent of them, or a reviewer, settled.
    """

    version = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    clade = models.ForeignKey(Taxon, models.CASCADE, related_name="+")
    value = models.FloatField()
    answers = models.PositiveIntegerField(default=0)
    right = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["version", "id"]
        verbose_name_plural = "reliabilities"
        constraints = [
            models.UniqueConstraint(fields=["version", "person", "clade"], name="reliability_once"),
            models.CheckConstraint(condition=Q(value__gt=0, value__lt=1), name="reliability_0_to_1"),
            models.CheckConstraint(
                condition=Q(right__lte=models.F("answers")), name="reliability_right_are_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.clade}: {self.value:g}"
