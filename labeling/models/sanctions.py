"""What is reported of people and sightings, what reviewers did about it, and what was rolled back of a person."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Withheld
from species.models import Observation

PERSON = settings.AUTH_USER_MODEL
LONGEST = 2000


class Report(models.Model):
    """Somebody says that a person, or a sighting, does harm here. Photos have flags, comments reports of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, blank=True, related_name="+")
    observation = models.ForeignKey(Observation, models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=LONGEST)
    created = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], name="labeling_report_created"),
            models.Index(fields=["created", "id"], condition=Q(resolved_at=None), name="report_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, observation__isnull=False)
                | Q(person__isnull=False, observation=None),
                name="report_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["person", "by"], condition=Q(resolved_at=None), name="report_of_a_person_once"
            ),
            models.UniqueConstraint(
                fields=["observation", "by"], condition=Q(resolved_at=None), name="report_of_a_sighting_once"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="report_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:80]


class Caution(models.Model):
    """A warning: a reason that its person is shown at their next visit, and says that they read. It stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=LONGEST)
    created = models.DateTimeField(default=timezone.now, editable=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        verbose_name = "warning"
        indexes = [
            models.Index(fields=["person", "created", "id"], name="caution_of_person"),
            models.Index(fields=["created", "id"], name="caution_in_order"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="caution_has_a_reason")]

    def __str__(self) -> str:
        return self.reason[:80]


class Suspension(models.Model):
    """Somebody may do nothing here for a while, or until it is lifted; they may appeal once."""

    class Votes(models.TextChoices):
        KEEP = "keep", "Keep counting"
        LEAVE_OUT = "leave_out", "Leave the verdicts"

    class Photos(models.TextChoices):
        KEEP = "keep", "Stay as they are"
        HIDE = "hide", "Are hidden"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=LONGEST)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody lifts it.")
    votes = models.CharField(max_length=9, choices=Votes.choices, default=Votes.KEEP)
    photos = models.CharField(max_length=4, choices=Photos.choices, default=Photos.KEEP)
    created = models.DateTimeField(default=timezone.now, editable=False)
    appeal = models.TextField(blank=True, max_length=LONGEST)
    appealed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, max_length=LONGEST)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: its time was over."
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], name="suspension_in_order"),
            models.Index(fields=["until"], condition=Q(lifted_at=None), name="suspension_to_end"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(lifted_at=None), name="suspension_one_stands"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="suspension_has_a_reason"),
            # Whoever suspended does not judge their own act.
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")), name="suspension_answered_by_another"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(appeal="") & ~Q(answer=""),
                name="suspension_answer_to_an_appeal",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:80]


class Rollback(models.Model):
    """What one person did from a moment on, set aside as one act by a job, and given back as one."""

    class State(models.TextChoices):
        APPLYING = "applying", "Being rolled back"
        APPLIED = "applied", "Rolled back"
        UNDOING = "undoing", "Being given back"
        UNDONE = "undone", "Given back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=LONGEST)
    since = models.DateTimeField(null=True, blank=True, help_text="Empty: all they ever did.")
    kinds = models.JSONField(help_text="Of labeling.actions.rollbacks.KINDS.")
    suspension = models.OneToOneField(
        Suspension, models.CASCADE, null=True, blank=True, related_name="rollback"
    )
    withheld = models.OneToOneField(Withheld, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.APPLYING)
    counts = models.JSONField(default=dict, blank=True, help_text="Kind to how many were set aside.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], name="rollback_in_order"),
            models.Index(fields=["person", "created", "id"], name="rollback_of_person"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="rollback_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_state_display()}"


class RolledBack(models.Model):
    """One row that a rollback set aside, and when: where the row says that moment, nobody has touched it since."""

    rollback = models.ForeignKey(Rollback, models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=15)
    row = models.UUIDField()
    at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "rolled back"
        indexes = [models.Index(fields=["rollback", "given_back_at", "id"], name="rolledback_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["rollback", "kind", "row"], name="rolledback_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.row)[:8]}"
