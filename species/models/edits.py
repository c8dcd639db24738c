"""What was changed of sightings after they were published, and of names and places."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from species.models.observations import Observation
from species.models.places import Place
from species.models.taxa import Taxon
from species.models.taxon_changes import TaxonChange


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


class TaxonEdit(models.Model):
    """One act on a name: what every changed field said before and after; of a new name, `before` is empty.

    Written by the actions with the change itself, and never changed. Links to other taxa stand as their scientific
    names were. `batch` is shared by what one file brought; nobody is `by` where a command did it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    taxon = models.ForeignKey(Taxon, models.CASCADE, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.ForeignKey(TaxonChange, models.PROTECT, null=True, blank=True, related_name="+")
    batch = models.UUIDField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The file that said so.")
    before = models.JSONField()
    after = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["taxon", "created", "id"]),
            models.Index(fields=["created", "id"]),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.after)} by {self.by or self.source or 'a command'}"


class PlaceEdit(models.Model):
    """The same of a named place. Holds exact coordinates: for admins, and for nobody else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.ForeignKey(Place, models.CASCADE, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["place", "created", "id"]),
            models.Index(fields=["created", "id"]),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.after)} by {self.by or 'a command'}"
