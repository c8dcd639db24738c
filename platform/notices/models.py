"""What the site has to tell a person: one row per person and matter."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=80)
    text = models.CharField(max_length=500, help_text="A sentence, shown as it is.")
    url = models.CharField(max_length=500, blank=True, help_text="An address on this site, or nothing.")
    about = models.CharField(
        max_length=200, blank=True, help_text="What it is news of: one notification per person and matter."
    )
    created = models.DateTimeField(default=timezone.now, editable=False, help_text="When it was last said.")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="notification_says_something"),
            models.UniqueConstraint(
                fields=["user", "about"], condition=~Q(about=""), name="notification_once_per_matter"
            ),
        ]
        indexes = [
            models.Index(fields=["created", "id"], name="notification_by_time"),
            models.Index(fields=["user", "created", "id"], name="notification_of_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.text


class Letter(models.Model):
    """What somebody, with an account or without, writes to those who run the site."""

    class Kind(models.TextChoices):
        RIGHTS = "rights", "A photo or text here is mine, or shows me"
        PRIVACY = "privacy", "Something here says too much about somebody"
        HARM = "harm", "Something here does harm or is against the law"
        OTHER = "other", "Something else"

    LONGEST = 4000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    about = models.CharField(max_length=500, blank=True, help_text="The address of a page, as it was typed.")
    text = models.TextField(max_length=LONGEST)
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True, help_text="Where to answer; not confirmed.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"], name="letter_by_time")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="letter_says_something"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="letter_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.created:%Y-%m-%d}"
