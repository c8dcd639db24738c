"""What people say of occurrences."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.listing import changed
from labeling.models.suggestions import Suggestion
from species.models import Occurrence, Taxon


class Identification(models.Model):
    """One person's identification of one occurrence's taxon. Never edited: withdrawn, and said anew."""

    class Confidence(models.TextChoices):
        SURE = "sure", "Sure"
        LIKELY = "likely", "Likely"
        GUESS = "guess", "A guess"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="identifications")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="+")
    confidence = models.CharField(max_length=8, choices=Confidence.choices, default=Confidence.LIKELY)
    disagrees_with = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    cannot_improve = models.BooleanField(
        default=False, help_text="Says that nobody can name it more finely from these photos."
    )
    note = models.TextField(blank=True)
    suggestion_on_screen = models.ForeignKey(
        Suggestion, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model_on_screen = models.CharField(
        max_length=120, blank=True, help_text="Source of the suggestion on screen; outlives it."
    )
    others_on_screen = models.BooleanField(
        null=True,
        blank=True,
        help_text="What others say of it was in sight. Empty: nobody knows, it was said before that was kept, or "
        "came with an import.",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(fields=["occurrence", "taxon"]),
            models.Index(changed(), "id", name="identification_by_change"),
            models.Index(
                fields=["listed_at", "id"],
                condition=Q(withdrawn_at__isnull=False),
                name="identification_taken_back",
            ),
            models.Index(
                fields=["created", "person"],
                condition=Q(shown=True, withdrawn_at=None),
                name="identification_said_in_order",
            ),
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"],
                condition=Q(withdrawn_at__isnull=False),
                name="identification_withdrawn",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "person"],
                condition=Q(withdrawn_at=None),
                name="identification_one_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.taxon}"
