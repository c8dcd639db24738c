"""What people say about sightings besides names, and what is reported of that."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone

from species.models import Observation


def changed() -> Greatest:
    """When it became visible or changed, whichever was last. An index holds it."""
    return Greatest("listed_at", "updated")


class Comment(models.Model):
    """Somebody's words about a sighting, in plain text. No vote: what it is is said by an identification."""

    LONGEST = 2000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    observation = models.ForeignKey(Observation, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(blank=True, max_length=LONGEST, help_text="Empty once it is taken back.")
    names_taxon = models.BooleanField(
        default=False, help_text="It holds the name of a taxon: who reads it has seen what others say."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_because = models.TextField(blank=True)
    updated = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When any of this changed."
    )
    listed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Its place in lists: when it became visible."
    )
    shown = models.BooleanField(
        default=False, editable=False, help_text="Anybody may see its sighting; see labeling.actions.listing."
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["listed_at", "id"]),
            models.Index(fields=["person", "listed_at", "id"]),
            models.Index(fields=["created", "id"]),
            models.Index(fields=["observation", "created", "id"]),
            models.Index(changed(), "id", name="comment_by_change"),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="comment_withdrawn"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) & ~Q(text="") | Q(withdrawn_at__isnull=False, text=""),
                name="comment_says_something_while_it_stands",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_because="")
                | Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_because=""),
                name="comment_hidden_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.text[:80] or 'taken back'}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None and self.hidden_at is None


class CommentReport(models.Model):
    """Somebody says that a comment should not stand, and a reviewer looks at it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, max_length=Comment.LONGEST)
    created = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["created", "id"], condition=Q(resolved_at=None), name="commentreport_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "by"], condition=Q(resolved_at=None), name="commentreport_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="commentreport_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reason or f"A comment of {self.created:%Y-%m-%d}"
