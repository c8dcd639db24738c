"""What people say about occurrences, what follows from it, and what models guess."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from labeling.consensus import Explanation
from species.models import Occurrence, Photo, Status, Taxon


def within_the_image() -> Q:
    """A rectangle within the upright image, in fractions of its width and height."""
    return Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0) & Q(
        x__lte=1 - F("width") + 1e-6, y__lte=1 - F("height") + 1e-6
    )


class Region(models.Model):
    """The agreed rectangle of an occurrence on a photo; fractions 0-1 of the upright image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="regions")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "photo"], name="region_once_per_photo"),
            models.CheckConstraint(condition=within_the_image(), name="region_within_the_image"),
        ]

    def __str__(self) -> str:
        return f"Region {str(self.pk)[:8]}"


class Suggestion(models.Model):
    """A model's opinion of a photo or of one region of it. Never an identification, never a vote.

    `answers` is a list of {"label", "probability"}, calibrated and unrounded, most probable first.
    `taxon` is what it says after rolling up the tree; null means none of these.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="suggestions")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="suggestions")
    source = models.CharField(max_length=120, help_text="Model name and version, e.g. resnet34-v7.")
    dataset_hash = models.CharField(max_length=64, blank=True)
    answers = models.JSONField()
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    uncertainty = models.FloatField(help_text="1 minus the first answer's probability.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "source"], condition=Q(region=None), name="suggestion_once_per_photo"
            ),
            models.UniqueConstraint(
                fields=["photo", "source", "region"],
                condition=Q(region__isnull=False),
                name="suggestion_once_per_region",
            ),
            models.CheckConstraint(
                condition=Q(uncertainty__gte=0, uncertainty__lte=1), name="suggestion_uncertainty_0_to_1"
            ),
        ]
        indexes = [models.Index(fields=["source", "uncertainty"])]

    def __str__(self) -> str:
        return f"{self.source} on {str(self.photo_id)[:8]}"


class Identification(models.Model):
    """One person's opinion of one occurrence's taxon. Never edited: withdrawn, and said anew."""

    class Confidence(models.TextChoices):
        SURE = "sure", "Sure"
        LIKELY = "likely", "Likely"
        GUESS = "guess", "A guess"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="identifications")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="+")
    confidence = models.CharField(max_length=8, choices=Confidence.choices, default=Confidence.LIKELY)
    disagrees_with = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    cannot_improve = models.BooleanField(
        default=False, help_text="Says that nobody can name it more finely from these photos."
    )
    note = models.TextField(blank=True)
    suggestion_on_screen = models.ForeignKey(
        Suggestion, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model_on_screen = models.CharField(
        max_length=120, blank=True, help_text="Source of the suggestion on screen; outlives it."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "person"],
                condition=Q(withdrawn_at=None),
                name="identification_one_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.taxon}"


class Box(models.Model):
    """One person's rectangle for one occurrence on one photo; fractions 0-1 of the upright image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="boxes")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        verbose_name_plural = "boxes"
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "photo", "person"],
                condition=Q(withdrawn_at=None),
                name="box_one_stands",
            ),
            models.CheckConstraint(condition=within_the_image(), name="box_within_the_image"),
        ]

    def __str__(self) -> str:
        return f"Box {str(self.pk)[:8]}"


class Ruling(models.Model):
    """A reviewer's decision: on one occurrence, or (`source`) trust in everything one source account says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, null=True, blank=True, related_name="rulings")
    source = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    taxon = models.ForeignKey(
        Taxon, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: can't be settled."
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(occurrence__isnull=False, source=None)
                | Q(occurrence=None, source__isnull=False, taxon=None),
                name="ruling_on_one_or_on_a_source",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ruling_has_a_reason"),
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(withdrawn_at=None), name="ruling_one_stands"
            ),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(withdrawn_at=None, source__isnull=False),
                name="ruling_one_trust_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"Ruling by {self.reviewer}"


class Reliability(models.Model):
    """How often a person is right in a clade, as measured in one `version` of the table. No row: 0.8."""

    version = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    clade = models.ForeignKey(Taxon, models.CASCADE, related_name="+")
    value = models.FloatField()

    class Meta:
        ordering = ["version", "id"]
        verbose_name_plural = "reliabilities"
        constraints = [
            models.UniqueConstraint(fields=["version", "person", "clade"], name="reliability_once"),
            models.CheckConstraint(condition=Q(value__gt=0, value__lt=1), name="reliability_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.clade}: {self.value:g}"


class Verdict(models.Model):
    """Why an occurrence has the status it has, and from which versions that was computed."""

    occurrence = models.OneToOneField(Occurrence, models.CASCADE, primary_key=True, related_name="verdict")
    status = models.CharField(max_length=12, choices=Status.choices)
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    explanation = models.JSONField(default=dict)
    tree_version = models.CharField(max_length=64)
    reliability_version = models.CharField(max_length=40)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["computed_at", "occurrence_id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(taxon__isnull=False),
                name="verdict_verified_has_a_taxon",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.taxon or 'no name'}"

    def explained(self) -> Explanation:
        """How it came about. Raises Unreadable for a form that this program does not know."""
        return Explanation.from_json(self.explanation)


class Flag(models.Model):
    """Somebody says that something is wrong with a photo."""

    class Kind(models.TextChoices):
        NOT_SUBJECT = "not_subject", "It doesn't show what this site is about"
        RIGHTS = "rights", "It is somebody else's photo"
        PERSON = "person", "It shows a person"
        WRONG_PLACE = "wrong_place", "The place or time is wrong"
        OTHER = "other", "Something else"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "by", "kind"], condition=Q(resolved_at=None), name="flag_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="flag_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
