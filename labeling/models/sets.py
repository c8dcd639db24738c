"""What was answered in which set."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from labeling.models.campaigns import Campaign
from species.models import Occurrence


class SetAnswer(models.Model):
    """That somebody answered about an organism while they worked on a set.

    What they answered, and whether that stands, is in their identification, pass or flag.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    query = models.CharField(max_length=2000, help_text="What the set was asked for, as in its address.")
    key = models.CharField(max_length=32, help_text="A digest of `query`.")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "key", "occurrence"], name="set_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.query}"
