"""Trips: the effort behind sightings, and the effort that found nothing."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Privacy, TimePrecision, User, Viewer
from species import clocks
from species.models.places import Place
from species.models.taxa import Taxon


def trip_visible_to(person: Viewer, path: str = "") -> Q:
    """What its person shows of what is over, and everything of one's own; a private trip is nobody else's, whatever
    their role.
    """
    shown = Q(**{f"{path}shown": True})
    if person is None or not person.is_authenticated:
        return shown
    return shown | Q(**{f"{path}person": person, f"{path}discarded_at": None})


class TripQuerySet(models.QuerySet["Trip"]):
    def visible_to(self, person: Viewer) -> Self:
        return self.filter(trip_visible_to(person))

    def of(self, person: User) -> Self:
        return self.filter(person=person, discarded_at=None)


class Trip(models.Model):
    """One outing or one standing camera: the effort (dwc:samplingEffort) its sightings share.

    `nothing_caught` is a record of its own: somebody looked, and there was nothing. Coordinates are WGS84 degrees,
    exact and private; what others are told of place and time follows from them, the trip's own `privacy` and
    `time_precision`, and what is told of its sightings: `species.queries.trips.told`. Written by
    `species.actions.trips`.
    """

    class Kind(models.TextChoices):
        OUTING = "outing", "Outing"
        FIXED_CAMERA = "fixed_camera", "Fixed camera"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OUTING)
    name = models.CharField(max_length=160, blank=True)
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="trips")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    uncertainty_m = models.FloatField(null=True, blank=True)
    privacy = models.CharField(max_length=12, choices=Privacy.choices, default=Privacy.GENERALIZED)
    time_precision = models.CharField(
        max_length=5,
        choices=TimePrecision.choices,
        default=TimePrecision.EXACT,
        help_text="How much of the time others are told, where they are not told the place as it is.",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    utc_offset = models.SmallIntegerField(null=True, blank=True, help_text="Minutes; empty when unknown.")
    effort = models.CharField(max_length=160, blank=True, help_text="E.g. two rods, three hours.")
    gear = models.CharField(max_length=160, blank=True, help_text="E.g. fly rod, dry flies.")
    people_count = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many took part, with whose trip it is."
    )
    nothing_caught = models.BooleanField(default=False)
    targets = models.ManyToManyField(Taxon, blank=True, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    discarded_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    listed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Its place in lists: when others could first see it."
    )
    updated = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When something that its row shows last changed."
    )
    shown = models.BooleanField(default=False, editable=False, help_text="Anybody may see it.")

    objects = TripQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["person", "listed_at", "id"]),
            models.Index(fields=["listed_at", "id"], condition=Q(shown=True), name="trip_shown_in_order"),
            models.Index(fields=["updated", "id"]),
            models.Index(
                fields=["discarded_at"], condition=Q(discarded_at__isnull=False), name="trip_set_aside"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=F("started_at")),
                name="trip_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="trip_coordinates_in_range",
            ),
            models.CheckConstraint(
                condition=Q(utc_offset=None) | Q(utc_offset__range=(-14 * 60, 14 * 60)),
                name="trip_offset_in_range",
            ),
            models.CheckConstraint(
                # Who is out is not told where: not before it is over.
                condition=Q(shown=False)
                | Q(ended_at__isnull=False, discarded_at=None) & ~Q(privacy="private"),
                name="trip_shown_is_over_and_not_private",
            ),
            models.CheckConstraint(
                condition=Q(nothing_caught=False) | Q(started_at__isnull=False),
                name="trip_without_a_catch_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(people_count=None) | Q(people_count__gte=1), name="trip_has_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {str(self.pk)[:8]}"

    @property
    def local_times(self) -> tuple[datetime | None, datetime | None]:
        """Start and end on the wall: aware where the zone is known, else naive."""
        return self._local(self.started_at), self._local(self.ended_at)

    def _local(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = moment.astimezone(clocks.zone(self.utc_offset or 0))
        return local if self.utc_offset is not None else local.replace(tzinfo=None)


class TripPerson(models.Model):
    """Somebody who was named as having been along. Others are told of them once they agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trip = models.ForeignKey(Trip, models.CASCADE, related_name="people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    agreed_at = models.DateTimeField(null=True, blank=True, editable=False)
    declined_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Nobody asks them again."
    )

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["trip", "person"], name="trip_names_a_person_once"),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | Q(declined_at=None), name="trip_person_has_one_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.trip}"


class TripEdit(models.Model):
    """One act on a trip: what each changed field said before and after. Holds exact places: for its person alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trip = models.ForeignKey(Trip, models.CASCADE, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["trip", "created", "id"]),
            models.Index(fields=["created", "id"]),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.after)} by {self.by}"
