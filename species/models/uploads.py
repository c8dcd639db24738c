"""Photos of which a part has arrived."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from species.models.photos import Photo


class Upload(models.Model):
    """A photo that is sent piece by piece, as tus 1.0 has it. Its id is that of the photo it becomes.

    `pieces` are names of files in the store, in order; the last piece is never among them, as it comes with the
    photo. The bytes are taken from what its owner may add in a day when it begins, whole.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", "More is to come"
        DONE = "done", "It is a photo"
        REFUSED = "refused", "It was not taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVING)
    length = models.BigIntegerField(help_text="Bytes of the whole.")
    offset = models.BigIntegerField(default=0, help_text="Bytes that have arrived.")
    file_name = models.CharField(max_length=200, blank=True)
    said = models.JSONField(default=dict, help_text="What is said of the photo.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 that the whole has to have.")
    pieces = models.JSONField(default=list)
    photo = models.ForeignKey(Photo, models.SET_NULL, null=True, related_name="+")
    refused = models.CharField(max_length=40, blank=True, help_text="Why it was not taken, for programs.")
    refusal = models.TextField(blank=True, help_text="Why it was not taken.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    expires = models.DateTimeField()

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["expires"], name="upload_expires")]
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("length"), length__gt=0), name="upload_within_length"
            ),
            models.CheckConstraint(
                condition=Q(state="refused") & ~Q(refused="") | ~Q(state="refused") & Q(refused=""),
                name="upload_refused_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name or self.pk}: {self.offset} of {self.length} bytes"
