"""People's word that every organism on a photo has a box."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from labeling.models.boxes import Box
from species.models import OccurrencePhoto, Photo


class AllBoxedQuerySet(models.QuerySet["AllBoxed"]):
    def with_holds(self) -> Self:
        """`holds`: not taken back, no organism was added to the photo since, and each on it has somebody's box.

        Asked and never stored: so no organism that comes later is taken for one that was looked at.
        """
        seen = OccurrencePhoto.objects.filter(photo=OuterRef("photo"))
        box = Box.objects.filter(
            occurrence=OuterRef("occurrence"), photo=OuterRef("photo"), withdrawn_at=None
        )
        later = seen.filter(occurrence__created__gt=OuterRef("created"))
        return self.annotate(holds=Q(withdrawn_at=None) & ~Exists(later) & ~Exists(seen.filter(~Exists(box))))

    def holding(self) -> Self:
        return self.with_holds().filter(Q(holds=True))


class AllBoxed(models.Model):
    """One person says that every organism on a photo has a box. What datasets may take for complete."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AllBoxedQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        verbose_name = verbose_name_plural = "all boxed"
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(
                fields=["created", "id"], condition=Q(withdrawn_at__isnull=False), name="all_boxed_withdrawn"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "person"], condition=Q(withdrawn_at=None), name="all_boxed_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return f"All boxed, says {self.person}"
