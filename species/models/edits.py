"""What was changed of sightings after they were published."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from species.models.observations import Observation


class Edit(models.Model):
    """One act on a published sighting. Written by `species.actions.edits` with the change itself, and never changed.

    `before` and `after` hold, for every field that the act changed, what it said; exact places and the ids of
    photos among it, so neither is shown as it stands: `species.queries.edits.history` says what of it anybody may read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    observation = models.ForeignKey(Observation, models.CASCADE, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["observation", "created", "id"]),
            models.Index(fields=["created", "id"]),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.after)} by {self.by}"
