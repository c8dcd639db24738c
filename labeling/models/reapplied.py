"""What a split of a taxon said anew of people's words, so that none is lost and each can be given back."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.identifications import Identification
from labeling.models.rulings import Ruling
from species.models import TaxonChange


class Reapplied(models.Model):
    """One identification or ruling that a change took back, and what stands in its place.

    A ruling for a name that no place tells apart has nothing in its place: people are asked again.
    """

    change = models.ForeignKey(TaxonChange, models.PROTECT, related_name="+")
    identification = models.ForeignKey(
        Identification, models.PROTECT, null=True, blank=True, related_name="+", help_text="As it was said."
    )
    identification_now = models.OneToOneField(
        Identification, models.PROTECT, null=True, blank=True, related_name="reapplied"
    )
    ruling = models.ForeignKey(Ruling, models.PROTECT, null=True, blank=True, related_name="+")
    ruling_now = models.OneToOneField(Ruling, models.PROTECT, null=True, blank=True, related_name="reapplied")
    created = models.DateTimeField(default=timezone.now, editable=False)
    given_back_at = models.DateTimeField(
        null=True, blank=True, help_text="Looked at by an undo: given back, unless something else stands."
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "vote said anew"
        verbose_name_plural = "votes said anew"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    identification__isnull=False,
                    identification_now__isnull=False,
                    ruling=None,
                    ruling_now=None,
                )
                | Q(identification=None, identification_now=None, ruling__isnull=False),
                name="reapplied_is_of_one_word",
            ),
        ]
        indexes = [models.Index(fields=["change", "given_back_at", "id"])]

    def __str__(self) -> str:
        return f"{self.identification or self.ruling}, anew"
