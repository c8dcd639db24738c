"""What people point out about photos."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Photo


class Flag(models.Model):
    """Somebody says that something is wrong with a photo."""

    class Kind(models.TextChoices):
        NOT_SUBJECT = "not_subject", "It doesn't show what this site is about"
        RIGHTS = "rights", "It is somebody else's photo"
        PERSON = "person", "It shows a person"
        WRONG_PLACE = "wrong_place", "The place or time is wrong"
        OTHER = "other", "Something else"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the site noticed it by itself.",
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["created", "id"], condition=Q(resolved_at=None), name="flag_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "by", "kind"], condition=Q(resolved_at=None), name="flag_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="flag_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
