"""Who is told of what by a request to their own program, and how that went."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User

# Attempts that a delivery remembers.
REMEMBERED = 20


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def listening(self) -> Self:
        return self.filter(active=True, user__is_active=True)

    def to_be_asked(self, now: datetime) -> Self:
        """Those for which something is due and which do not rest; who was not asked for the longest time first."""
        due = Delivery.objects.due(now).filter(endpoint=OuterRef("pk")).order_by()
        awake = Q(rests_until=None) | Q(rests_until__lte=now)
        return self.listening().filter(awake, Exists(due)).order_by(F("tried_at").asc(nulls_first=True), "id")


class Endpoint(models.Model):
    """An address of somebody's program."""

    MOST = 10  # of one person
    NAME_LENGTH = 120

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    url = models.CharField("address", max_length=2000)
    description = models.CharField(max_length=NAME_LENGTH, blank=True)
    events = models.JSONField(default=list, help_text="Names of webhooks.events.EVENTS.")
    only_mine = models.BooleanField(default=False, help_text="Hears only of what is its owner’s.")
    # Kept readable, because it signs; who reads it can only pretend to be this site to that one program.
    secret = models.CharField(max_length=100)
    former_secret = models.CharField(max_length=100, blank=True)
    former_until = models.DateTimeField(null=True, blank=True, help_text="Until then, both sign.")
    active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True, help_text="A sentence for its owner.")
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed since one arrived.")
    failing_since = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True, help_text="When something was last sent there.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, disabled_at=None) | Q(active=False, disabled_at__isnull=False),
                name="endpoint_says_since_when_it_is_off",
            ),
        ]
        indexes = [
            models.Index(fields=["created", "id"], name="endpoint_by_time"),
            models.Index(fields=["user", "created", "id"], name="endpoint_of_user"),
            models.Index(fields=["user"], condition=Q(active=True), name="endpoint_active"),
        ]

    def __str__(self) -> str:
        return self.description or self.url

    def keys(self, now: datetime) -> list[str]:
        """What signs at this moment, the newest first."""
        former = self.former_secret and self.former_until is not None and self.former_until > now
        return [self.secret, self.former_secret] if former else [self.secret]


class Message(models.Model):
    """Something that happened, as everybody may know it: what happened, when, and ids and addresses of what it is
    about. Without anybody to tell it there is none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=40)
    payload = models.JSONField(help_text="As it is sent: type, timestamp, data.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"], name="webhook_message_by_time")]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Outcome(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


OUTCOMES = {
    Outcome.WAITING: Q(next_at__isnull=False),
    Outcome.DELIVERED: Q(delivered_at__isnull=False),
    Outcome.FAILED: Q(failed_at__isnull=False),
}


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        """Whose time has come and that nobody is sending."""
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(free, next_at__lte=now).order_by("next_at", "id")

    def that(self, outcome: str) -> Self:
        return self.filter(OUTCOMES[Outcome(outcome)])


class Delivery(models.Model):
    """A message on its way to an endpoint, until it has arrived or was tried often enough."""

    # Longer than an attempt and the writing down of how it went: who holds one that long is dead.
    LEASE = timedelta(seconds=60)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No constraint: whoever verifies a fish must not be refused because at this moment somebody deletes an endpoint
    # that was about to hear of it. What is left without one is found by nobody, and goes with its message.
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_constraint=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    attempts = models.PositiveIntegerField(default=0, help_text="Since it was sent, or sent again by hand.")
    next_at = models.DateTimeField(null=True, blank=True, help_text="When it is tried next; empty: no more.")
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Somebody is sending it.")
    fence = models.PositiveIntegerField(default=0, help_text="Goes up with every attempt.")
    delivered_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveIntegerField(null=True, blank=True, help_text="What was answered.")
    last_error = models.CharField(max_length=200, blank=True, help_text="A sentence.")
    log = models.JSONField(default=list, blank=True, help_text="The last attempts: at, status, error.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message"], name="delivery_once_per_endpoint"),
            models.CheckConstraint(
                condition=Q(next_at__isnull=False, delivered_at=None, failed_at=None)
                | Q(next_at=None, delivered_at__isnull=False, failed_at=None)
                | Q(next_at=None, delivered_at=None, failed_at__isnull=False),
                name="delivery_has_one_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["created", "id"], name="delivery_by_time"),
            models.Index(fields=["endpoint", "created", "id"], name="delivery_of_endpoint"),
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="delivery_due"),
            models.Index(
                fields=["endpoint", "next_at", "id"],
                condition=Q(next_at__isnull=False),
                name="delivery_due_of_endpoint",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message.type} to {self.endpoint}"

    @property
    def outcome(self) -> Outcome:
        if self.next_at is not None:
            return Outcome.WAITING
        return Outcome.DELIVERED if self.delivered_at else Outcome.FAILED
