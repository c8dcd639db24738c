"""What people were asked about and gave no name."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.models import Occurrence

SKIPPED_FOR = timedelta(days=3)  # then one is asked again
OF_THE_PHOTO = ("blurred", "turned", "part")  # reasons that are the same for everybody


class PassQuerySet(models.QuerySet["Pass"]):
    def standing(self) -> Self:
        """Those that were not taken back; what was skipped long enough ago is forgotten."""
        fresh = Q(created__gt=timezone.now() - SKIPPED_FOR)
        return self.filter(Q(withdrawn_at=None) & (~Q(kind=Pass.Kind.SKIP) | fresh))

    def because_of_the_photo(self) -> Self:
        """Whatever the person knows, it cannot be seen there."""
        return self.filter(Q(kind=Pass.Kind.BAD_PHOTO) | Q(reason__in=OF_THE_PHOTO))


class Pass(models.Model):
    """One person went on without naming an occurrence: not now, because they can't tell, or nobody could.

    None is a vote. That *they* can't tell says nothing of what can be told, and of a photo from which nobody can
    tell more than a group one says so with that name (`Identification.cannot_improve`).
    """

    class Kind(models.TextChoices):
        SKIP = "skip", "Not now"
        CANNOT_TELL = "cannot_tell", "Can’t tell"
        BAD_PHOTO = "bad_photo", "Bad photo"
        SEVERAL = "several", "More than one"

    class Reason(models.TextChoices):
        BLURRED = "blurred", "Blurred or dark"
        TURNED = "turned", "Turned away"
        PART = "part", "Only part of it"
        BEYOND = "beyond", "Beyond me"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(
        max_length=8, choices=Reason.choices, blank=True, help_text="Why they can’t tell."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PassQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "passes"
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="pass_withdrawn"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "person"], condition=Q(withdrawn_at=None), name="pass_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(reason="")
                | Q(kind="cannot_tell", reason__in=["blurred", "turned", "part", "beyond"]),
                name="pass_reason_why_one_cannot_tell",
            ),
        ]

    def __str__(self) -> str:
        why = f", {self.get_reason_display().lower()}" if self.reason else ""
        return f"{self.person}: {self.get_kind_display()}{why}"
