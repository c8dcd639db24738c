"""What reviewers are asked to look at, what they found right, and what they did, so that it can be undone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Occurrence, Status, Taxon


class ReviewCase(models.Model):
    """A reason to look at one occurrence, found by a job (`labeling.actions.review_cases`).

    `taxon`: what was agreed then; once something else is, the reason is another one. `details`: what the reason is made
    of, as `labeling.queries.review_cases` writes it.
    """

    class Queue(models.TextChoices):
        FIRST = "first", "Newcomers’ firsts"
        RANGE = "range", "Out of range or season"
        REPOST = "repost", "Near-duplicates and re-posts"
        ANCHORED = "anchored", "Named after the model’s guess only"
        SUSPECT = "suspect", "The model says otherwise"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    queue = models.CharField(max_length=8, choices=Queue.choices)
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    weight = models.FloatField(default=0.0, help_text="The greater, the sooner it is looked at.")
    details = models.JSONField(default=dict, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    checked_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the reason is gone by itself.",
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["queue", "-weight", "id"], condition=Q(closed_at=None), name="reviewcase_in_order"
            ),
            models.Index(
                fields=["checked_at", "id"], condition=Q(closed_at=None), name="reviewcase_to_check"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "queue"], condition=Q(closed_at=None), name="reviewcase_one_is_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None) | Q(closed_at__isnull=False), name="reviewcase_closed_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_queue_display()}: {str(self.occurrence_id)[:8]}"


class FoundRight(models.Model):
    """A reviewer looked at what is agreed of an occurrence and says that it is right. No ruling and no vote: it holds
    for this verdict alone, and only spares others the same look.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices)
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "found right"
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(withdrawn_at=None), name="foundright_one_stands"
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(taxon__isnull=False),
                name="foundright_verified_has_a_taxon",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.taxon or self.get_status_display()} is right"


class ReviewAct(models.Model):
    """One press of a reviewer on one occurrence or several; undone as one.

    `done`: a list of {"of": occurrence's id, "row": its key in the queue, and what came of it, each by its id:
    "ruling", "identification", "right", "flag", "reports", "cases" and "routed" that it closed, "former" whose place it
    took}.
    `refused`: a list of {"row", "why"}, those "unconfirmed" that are done once they are asked for again.
    """

    class Kind(models.TextChoices):
        RULE = "rule", "Ruled"
        AGREE = "agree", "Agreed"
        RIGHT = "right", "Found right"
        RESOLVE = "resolve", "Dealt with"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    queue = models.CharField(max_length=12)
    reason = models.TextField(blank=True, help_text="Of rulings.")
    done = models.JSONField(default=list)
    refused = models.JSONField(default=list, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["by", "-created", "-id"], name="reviewact_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.get_kind_display()} {len(self.done)}"


class ReviewSearch(models.Model):
    """How far a kind of search for reasons has come: everything up to this place in its order is looked at."""

    name = models.CharField(max_length=12, primary_key=True)
    moment = models.DateTimeField()
    last = models.UUIDField()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "review searches"

    def __str__(self) -> str:
        return f"{self.name} up to {self.moment:%Y-%m-%d %H:%M}"
