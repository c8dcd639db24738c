"""One row per piece of background work. The row is the truth; a message in the broker only says "look"."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from jobs import holders


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED = (State.WAITING, State.RUNNING)
FINISHED = (State.DONE, State.FAILED, State.CANCELLED)


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, now: datetime | None = None, queue: str | Iterable[str] | None = None) -> JobQuerySet:
        """Waiting jobs whose time has come and whose predecessor, if any, is done; oldest first.

        `Exists`, not a join: a claim puts these conditions on the row itself, and PostgreSQL re-checks
        those, but not a joined subselect, when two claims meet on one row.
        """
        predecessor_done = Exists(Job.objects.filter(pk=OuterRef("after_id"), state=State.DONE))
        due = self.filter(Q(after=None) | predecessor_done, state=State.WAITING)
        due = due.filter(run_after__lte=now or timezone.now())
        if queue is not None:
            due = due.filter(queue__in=[queue] if isinstance(queue, str) else list(queue))
        return due.order_by("created", "id")

    def claimable(self, kinds: Iterable[str]) -> JobQuerySet:
        """Those of the kinds this process can run."""
        return self.filter(kind__in=list(kinds))

    def held(self, job: Job) -> JobQuerySet:
        """The row, as long as it is still this attempt's: every write of a worker goes through here."""
        return self.filter(pk=job.pk, fence=job.fence, state=State.RUNNING)

    def expired(self, now: datetime | None = None) -> JobQuerySet:
        return self.filter(state=State.RUNNING, lease_until__lt=now or timezone.now())

    def orphaned(self) -> JobQuerySet:
        """Running ones whose holder was a process of this machine and is gone."""
        if not holders.here():
            return self.none()
        mine = self.filter(state=State.RUNNING, holder__startswith=holders.here())
        gone = [pk for pk, holder in mine.values_list("pk", "holder") if holders.is_dead(holder)]
        return self.filter(pk__in=gone)

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=UNFINISHED)

    def successors(self, job: Job) -> JobQuerySet:
        return self.filter(after=job, state=State.WAITING)

    def of(self, owner: User) -> JobQuerySet:
        return self.filter(owner=owner)


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    key = models.CharField(
        max_length=200, null=True, blank=True, help_text="At most one unfinished job has a given key."
    )
    arguments = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    queue = models.CharField(max_length=40, default="celery")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    after = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True, help_text="One sentence for the person who waits.")
    error = models.TextField(blank=True, help_text="The end of the last traceback, for admins.")

    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=5)
    run_after = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=200, blank=True, help_text="The process that has the lease.")
    fence = models.PositiveBigIntegerField(default=0, help_text="Goes up with every claim.")
    lost = models.PositiveIntegerField(default=0, help_text="Attempts whose worker died; they do not count.")
    cancel_requested = models.BooleanField(default=False)
    again = models.BooleanField(default=False, help_text="Something came in meanwhile: run once more.")

    created = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, help_text="Of the last attempt.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(progress_total=None) | Q(progress_done__lte=F("progress_total")),
                name="job_progress_within_total",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_until__isnull=False, started_at__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease_until=None, holder="")),
                name="job_lease_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FINISHED, finished_at__isnull=False)
                | Q(state__in=UNFINISHED, finished_at=None),
                name="job_finished_at_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING) | Q(cancel_requested=False, again=False),
                name="job_flags_while_running",
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=F("max_attempts"), max_attempts__gte=1),
                name="job_attempts_within_max",
            ),
            models.CheckConstraint(condition=Q(after=None) | ~Q(after=F("id")), name="job_not_after_itself"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=UNFINISHED), name="job_one_unfinished_per_key"
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "created"], condition=Q(state="waiting"), name="job_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_leases"),
            models.Index(fields=["owner", "created", "id"], name="job_of_owner"),
            models.Index(fields=["created", "id"], name="job_by_time"),
            models.Index(fields=["created", "id"], condition=Q(state="failed"), name="job_failed"),
            models.Index(fields=["kind", "created", "id"], name="job_of_kind"),
        ]

    def __str__(self) -> str:
        return self.title or self.kind.replace("_", " ").capitalize()

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def can_cancel(self) -> bool:
        return self.state in UNFINISHED and not self.cancel_requested

    @property
    def can_retry(self) -> bool:
        return self.state in (State.FAILED, State.CANCELLED)

    @property
    def percent(self) -> int | None:
        """Whole per cent, 100 only when it is done; None when nobody measures it."""
        if self.state == State.DONE:
            return 100
        if not self.progress_total:
            return None
        return min(99, self.progress_done * 100 // self.progress_total)

    @property
    def took(self) -> timedelta | None:
        """How long the last attempt ran, up to now if it still does."""
        if self.started_at is None:
            return None
        return max((self.finished_at or timezone.now()) - self.started_at, timedelta())

    @property
    def left(self) -> timedelta | None:
        """What remains at the pace so far; None until there is a pace to go by."""
        if self.state != State.RUNNING or not self.progress_total or not self.progress_done:
            return None
        took = self.took
        if took is None or took < timedelta(seconds=5):
            return None
        return took * ((self.progress_total - self.progress_done) / self.progress_done)
