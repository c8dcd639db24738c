"""Who was shown what others say of an organism."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from species.models import Occurrence


class ShownThread(models.Model):
    """A person was shown what others say of an organism: their names for it, its verdict, a comment with a name,
    or what they point at.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Unchecked: what a browser carries may be of an organism that is being deleted, which is no reason to fail.
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+", db_constraint=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "occurrence"], name="thread_shown_once_per_person"),
        ]
        indexes = [models.Index(fields=["created", "id"])]

    def __str__(self) -> str:
        return f"{self.occurrence} to {self.person}"
