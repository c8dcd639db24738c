"""Changes of the tree that take along what people said: merges, splits and swaps."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from species.models.taxa import Taxon


class TaxonChange(models.Model):
    """One merge, split or swap: proposed, applied by a job, and undone by another.

    `links` holds, for every taxon whose synonymy it changed, what it was a synonym of before and after: the whole of
    what an undo needs to know of the tree.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "Merge"
        SPLIT = "split", "Split"
        SWAP = "swap", "Swap"

    class State(models.TextChoices):
        DRAFT = "draft", "Proposed"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    reason = models.TextField()
    source = models.CharField(max_length=300, blank=True, help_text="Where this is published.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    begun_at = models.DateTimeField(null=True, blank=True, help_text="The tree changed; votes follow.")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    links = models.JSONField(default=dict, blank=True)
    meeting = models.ForeignKey(
        Taxon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="As what a split counts a vote that no place tells apart.",
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["created", "id"])]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="taxon_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="draft", begun_at=None, applied_by=None)
                | (~Q(state="draft") & Q(begun_at__isnull=False, applied_by__isnull=False)),
                name="taxon_change_begun_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["undoing", "undone"]) | Q(undone_by__isnull=False),
                name="taxon_change_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {_named(self.old)} into {_named(self.new)}"

    def get_absolute_url(self) -> str:
        return reverse("taxon_change", args=[self.pk])

    @property
    def old(self) -> list[Taxon]:
        return [each.taxon for each in self.taxa.all() if each.side == ChangedTaxon.Side.OLD]

    @property
    def new(self) -> list[Taxon]:
        return [each.taxon for each in self.taxa.all() if each.side == ChangedTaxon.Side.NEW]

    @property
    def running(self) -> bool:
        return self.state in (self.State.APPLYING, self.State.UNDOING)


def _named(taxa: list[Taxon]) -> str:
    return " and ".join(each.scientific_name for each in taxa)


class ChangedTaxon(models.Model):
    """A taxon on one side of a change. `areas`: of a split, where a vote for the old name counts for this one."""

    class Side(models.TextChoices):
        OLD = "old", "From"
        NEW = "new", "Into"

    change = models.ForeignKey(TaxonChange, models.CASCADE, related_name="taxa")
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="+")
    side = models.CharField(max_length=3, choices=Side.choices)
    position = models.PositiveSmallIntegerField(default=0)
    areas = models.JSONField(
        default=list, blank=True, help_text="H3 cells and boxes (west,south,east,north); see places.areas."
    )

    class Meta:
        ordering = ["change", "side", "position"]
        constraints = [
            models.UniqueConstraint(fields=["change", "side", "taxon"], name="changed_taxon_once_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.taxon}"
