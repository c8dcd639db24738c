"""How often people are right."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from species.models import Taxon


class Reliability(models.Model):
    """How often a person is right in a clade, as measured in one `version` of the table. No row: 0.8."""

    version = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    clade = models.ForeignKey(Taxon, models.CASCADE, related_name="+")
    value = models.FloatField()

    class Meta:
        ordering = ["version", "id"]
        verbose_name_plural = "reliabilities"
        constraints = [
            models.UniqueConstraint(fields=["version", "person", "clade"], name="reliability_once"),
            models.CheckConstraint(condition=Q(value__gt=0, value__lt=1), name="reliability_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.clade}: {self.value:g}"
