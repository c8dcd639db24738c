"""How many organisms are shown of each taxon: counters for pages, which count no table."""

from typing import Any, ClassVar

from django.db import models

from species.models.occurrences import Status
from species.models.taxa import Taxon


class TallyQuerySet(models.QuerySet["Tally"]):
    def total(self, *by: str) -> "models.QuerySet[Tally, tuple[Any, ...]]":
        """Rows of the values of `by` and their count, those of nothing left out."""
        sums = self.order_by().values_list(*by).annotate(total=models.Sum("count"))
        return sums.exclude(total=0)


class Tally(models.Model):
    """So many more (or fewer) organisms that anybody may see, of one agreed taxon and status.

    What is counted is the sum over rows: whoever changes something adds a row and waits for nobody, and
    `species.actions.tallies.gather` makes one row of many. `value` is empty for `ALL`, the year and month as
    "2015-05" ("" where no day is known) for `MONTH` and, of all taxa together, for `MONTHS`, or the observer's id.
    """

    KEY: ClassVar = ("kind", "taxon", "status", "value")
    COUNTS: ClassVar = ("count",)

    class Kind(models.TextChoices):
        ALL = "all", "All"
        MONTH = "month", "By month"
        MONTHS = "months", "By month, all taxa"
        OBSERVER = "observer", "By observer"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    taxon = models.ForeignKey(Taxon, models.CASCADE, null=True, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices)
    value = models.CharField(max_length=36, blank=True)
    count = models.IntegerField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [
            models.Index(
                fields=["kind", "taxon", "status", "value"], include=["count"], name="tally_of_a_taxon"
            ),
            models.Index(
                fields=["kind", "value", "status", "taxon"], include=["count"], name="tally_of_a_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count:+d} {self.kind} {self.value}"
