"""Organisms in sightings, and what was measured of them."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Privacy, Viewer
from species.models.observations import (
    Observation,
    PlaceRule,
    State,
    observation_visible_to,
)
from species.models.photos import Photo
from species.models.taxa import Taxon


class Status(models.TextChoices):
    NEEDS_ID = "needs_id", "Needs ID"
    VERIFIED = "verified", "Verified"
    DISPUTED = "disputed", "Disputed"
    UNRESOLVABLE = "unresolvable", "Can't be settled"


NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def published(self) -> Self:
        return self.filter(observation__state=State.PUBLISHED)

    def listed_for(self, person: Viewer) -> Self:
        """Published organisms of which `person` may see a photo."""
        if person is None or not person.is_authenticated:
            return self.filter(shown=True)
        if person.is_reviewer:
            return self.filter(listed=True)
        return self.filter(Q(shown=True) | Q(listed=True, observation__observer=person))

    def verified(self) -> Self:
        return self.filter(status=Status.VERIFIED)

    def exported_as(self, taxa: Iterable[UUID] | models.QuerySet[Taxon]) -> Self:
        """Given to researchers as one of `taxa` (ids)."""
        return self.filter(exported_taxon__in=taxa)

    def waiting(self) -> Self:
        """For people to name them."""
        return self.filter(waits=True)

    def of(self, taxa: Iterable[UUID] | models.QuerySet[Taxon]) -> Self:
        """Agreed to be one of `taxa` (ids; a taxon with everything under it comes from `queries.taxa`)."""
        return self.filter(agreed_taxon__in=taxa)

    def visible_to(self, person: Viewer) -> Self:
        return self.filter(observation_visible_to(person, "observation__"))


class Occurrence(models.Model):
    """One organism in a sighting (dwc:Occurrence).

    `agreed_taxon`, `exported_taxon` and `status` are the verdict; `species.actions.occurrences.settle` is their only
    door, and that of what follows from it: the floor under the place, and who agrees, which grants on taxa ask.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    observation = models.ForeignKey(Observation, models.PROTECT, related_name="occurrences")
    photos: "models.ManyToManyField[Photo, OccurrencePhoto]" = models.ManyToManyField(
        Photo, through="OccurrencePhoto", related_name="occurrences"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who saw that there is another one; nobody: it came with the sighting.",
    )
    organism_id = models.CharField(max_length=120, blank=True, help_text="The same for the same individual.")
    establishment_means = models.CharField(
        max_length=20,
        blank=True,
        help_text="Wild or stocked, say: as its observer knows; of site.yaml's words.",
    )
    agreed_taxon = models.ForeignKey(
        Taxon, models.PROTECT, null=True, blank=True, related_name="agreed_occurrences"
    )
    exported_taxon = models.ForeignKey(
        Taxon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What researchers are given: said by two who are independent of each other, or ruled.",
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEEDS_ID)
    settled_at = models.DateTimeField(null=True, blank=True)
    place_floor = models.CharField(
        max_length=12, choices=Privacy.choices, default=Privacy.OPEN, help_text="The most that is public."
    )
    place_floor_rule = models.CharField(max_length=12, choices=PlaceRule.choices, blank=True)
    names_cleared_at = models.DateTimeField(
        null=True, blank=True, help_text="Names withdrawn before this protect nothing any more."
    )
    agreement = models.JSONField(
        null=True, blank=True, help_text="Who agrees with the agreed taxon, who does not, who ruled. Private."
    )
    agreed_share = models.FloatField(
        null=True,
        blank=True,
        editable=False,
        help_text="The part of these that agrees, 0 to 1; empty: nobody has said what it is.",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    listed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Its place in lists: when it last became visible."
    )

    listed = models.BooleanField(
        default=False, editable=False, help_text="Published, with a photo; perhaps for reviewers alone."
    )
    shown = models.BooleanField(
        default=False,
        editable=False,
        help_text="Anybody may see one of its photos; settled, like `listed`, by species.actions.visibility.",
    )

    unclear = models.BooleanField(
        default=False,
        editable=False,
        help_text="So many say that nobody could name it from its photos; settled by labeling.actions.queue.",
    )
    waits = models.GeneratedField(
        expression=Q(listed=True, status__in=[Status.NEEDS_ID, Status.DISPUTED], unclear=False),  # type: ignore[arg-type]  # or a Q
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="For a person to name it.",
    )
    doubt = models.FloatField(
        default=1.0, editable=False, help_text="How uncertain models are of its photos; 1: none was asked."
    )
    last_said = models.DateTimeField(
        default=NEVER, editable=False, help_text="When somebody last named it, of what stands; 1970: nobody."
    )
    counted = models.JSONField(
        null=True,
        editable=False,
        help_text="What it counts as in species.actions.tallies; empty: not everybody may see it.",
    )

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["status", "created", "id"]),
            models.Index(fields=["agreed_taxon", "status"]),
            models.Index(fields=["agreed_share"], name="occurrence_by_agreement"),
            models.Index(fields=["listed_at", "id"]),
            models.Index(
                fields=["listed_at", "id"], condition=Q(listed=True), name="occurrence_listed_in_order"
            ),
            models.Index(
                fields=["status", "listed_at", "id"], condition=Q(listed=True), name="occurrence_by_status"
            ),
            # Conditions are columns alone: SQLite finds no use for an index whose condition names a value.
            models.Index(
                fields=["agreed_taxon", "status", "listed_at", "id"],
                condition=Q(shown=True),
                name="occurrence_shown_by_taxon",
            ),
            models.Index(
                fields=["status", "settled_at", "id"],
                condition=Q(shown=True),
                name="occurrence_settled_in_order",
            ),
            models.Index(
                fields=["-doubt", "last_said", "created", "id"],
                condition=Q(waits=True),
                name="occurrence_queue",
            ),
            # Of those that few may be: disputed, and named by nobody.
            models.Index(
                fields=["status", "-doubt", "last_said", "created", "id"],
                condition=Q(waits=True),
                name="occurrence_queue_by_status",
            ),
            models.Index(
                fields=["last_said", "-doubt", "created", "id"],
                condition=Q(waits=True),
                name="occurrence_queue_unnamed",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="occurrence_status_known"),
            models.CheckConstraint(
                condition=Q(shown=False) | Q(listed=True), name="occurrence_shown_is_listed"
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(agreed_taxon__isnull=False),
                name="occurrence_verified_has_a_taxon",
            ),
            models.CheckConstraint(
                condition=Q(exported_taxon=None) | Q(status="verified"),
                name="occurrence_exported_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(place_floor="open", place_floor_rule="")
                | (~Q(place_floor="open") & ~Q(place_floor_rule="")),
                name="occurrence_floor_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Occurrence {str(self.pk)[:8]}"


class OccurrencePhoto(models.Model):
    """On which photos of its sighting an organism is seen."""

    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="occurrence_photos")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="occurrence_photos")

    class Meta:
        ordering = ["photo__position", "photo_id"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "photo"], name="occurrence_photo_once"),
        ]

    def __str__(self) -> str:
        return f"{self.occurrence_id} on {self.photo_id}"


class Measurement(models.Model):
    """Something measured of one organism (dwc:MeasurementOrFact)."""

    class Kind(models.TextChoices):
        TOTAL_LENGTH = "total_length", "Length"
        WEIGHT = "weight", "Weight"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="measurements")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    value = models.FloatField()
    unit = models.CharField(max_length=8, help_text="mm or g")
    method = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["kind", "value"]),
            models.Index(fields=["created", "id"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(value__gt=0), name="measurement_positive"),
            models.CheckConstraint(
                condition=Q(kind="total_length", unit="mm") | Q(kind="weight", unit="g"),
                name="measurement_unit_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value:g} {self.unit}"
