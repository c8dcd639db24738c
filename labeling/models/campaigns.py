"""Sets that many people are asked to work on."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Campaign(models.Model):
    """A set that many people are asked to work on: what lists are asked for (`query`, as in their addresses), why,
    and how many answers are wanted.
    """

    MOST = 10_000  # answers: they are counted whenever somebody looks

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True, help_text="Its word in addresses: ?campaign=…")
    name = models.CharField(max_length=120)
    words = models.TextField(max_length=1000, help_text="What it is for, in a sentence or two.")
    query = models.CharField(
        max_length=1000, help_text="As in Explore’s address after the question mark, e.g. place=Enns&month=10"
    )
    goal = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST)], help_text="How many answers are wanted."
    )
    last_day = models.DateField(null=True, blank=True, help_text="It is offered until this day is over.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(goal__gte=1, goal__lte=10_000), name="campaign_goal_is_counted"
            )
        ]

    def __str__(self) -> str:
        return self.name
