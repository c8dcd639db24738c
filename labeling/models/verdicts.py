"""Why an occurrence has the status it has."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.consensus import Explanation
from species.models import Occurrence, Status, Taxon


class Verdict(models.Model):
    """Why an occurrence has the status it has, and from which versions that was computed."""

    occurrence = models.OneToOneField(Occurrence, models.CASCADE, primary_key=True, related_name="verdict")
    status = models.CharField(max_length=12, choices=Status.choices)
    taxon = models.ForeignKey(Taxon, models.PROTECT, null=True, blank=True, related_name="+")
    explanation = models.JSONField(default=dict)
    tree_version = models.CharField(max_length=64)
    reliability_version = models.CharField(max_length=40)
    difficulty = models.FloatField(
        null=True,
        blank=True,
        help_text="How much harder it is to name than others, as measured with the reliability of people: 1 is plain, "
        "more is harder. Empty: not measured.",
    )
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["computed_at", "occurrence_id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(taxon__isnull=False),
                name="verdict_verified_has_a_taxon",
            ),
        ]
        indexes = [
            models.Index(fields=["computed_at", "occurrence"]),
            models.Index(fields=["tree_version"]),
            models.Index(fields=["reliability_version"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.taxon or 'no name'}"

    def explained(self) -> Explanation:
        """How it came about. Raises Unreadable for a form that this program does not know."""
        return Explanation.from_json(self.explanation)
