"""Where people point on photos, and at what."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.listing import changed
from species.models import MARK_LENGTH, Occurrence, Photo, Taxon


class FieldMark(models.Model):
    """One person points on a photo at what tells an organism; fractions 0-1 of the upright image.

    `mark`: a field mark of `taxon`, in its words at that time, or words of one's own, which are of no taxon. It is no
    vote.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="+")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    mark = models.CharField(max_length=MARK_LENGTH)
    x = models.FloatField()
    y = models.FloatField()
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
            models.Index(fields=["created", "id"]),
            models.Index(fields=["taxon", "mark", "created"], name="field_mark_by_taxon"),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="field_mark_withdrawn"
            ),
            models.Index(changed(), "id", name="field_mark_by_change"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "photo", "person", "mark"],
                condition=Q(withdrawn_at=None),
                name="field_mark_one_stands",
            ),
            models.CheckConstraint(
                condition=Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1), name="field_mark_within_the_image"
            ),
            models.CheckConstraint(condition=~Q(mark=""), name="field_mark_says_something"),
        ]

    def __str__(self) -> str:
        return self.mark
