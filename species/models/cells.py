"""How many organisms are shown in each hexagon of the map, of each taxon, status and month."""

from typing import ClassVar

from django.db import models

from species.models.occurrences import Status
from species.models.taxa import Taxon


class CellTally(models.Model):
    """So many more (or fewer) organisms that anybody may see in a cell, in all and of each month of any year.

    Like `Tally`, what is counted is the sum over rows. `cell` is an H3 cell around the public place, of each of
    `places.cells.RESOLUTIONS`; "" where no place is public. `whole` rows count all taxa together.
    """

    KEY: ClassVar = ("cell", "taxon", "whole", "status")
    COUNTS: ClassVar = ("count", *(f"m{month:02d}" for month in range(1, 13)))

    id = models.BigAutoField(primary_key=True)
    tile = models.PositiveIntegerField(help_text="The square of the map that its middle lies in.")
    cell = models.CharField(max_length=15, blank=True)
    taxon = models.ForeignKey(Taxon, models.CASCADE, null=True, related_name="+", db_index=False)
    whole = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=Status.choices)
    count = models.IntegerField(default=0)
    m01 = models.IntegerField(default=0)
    m02 = models.IntegerField(default=0)
    m03 = models.IntegerField(default=0)
    m04 = models.IntegerField(default=0)
    m05 = models.IntegerField(default=0)
    m06 = models.IntegerField(default=0)
    m07 = models.IntegerField(default=0)
    m08 = models.IntegerField(default=0)
    m09 = models.IntegerField(default=0)
    m10 = models.IntegerField(default=0)
    m11 = models.IntegerField(default=0)
    m12 = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "cell tallies"
        indexes = [
            # All counts with it: else PostgreSQL reads the table in whole for a taxon with some fifty under it.
            models.Index(
                fields=["taxon", "whole", "tile", "status", "cell"],
                include=["count", *(f"m{month:02d}" for month in range(1, 13))],
                name="cells_of_a_taxon",
            ),
            models.Index(
                fields=["cell", "taxon", "whole", "status"], include=["count"], name="taxa_of_a_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count:+d} in {self.cell or 'no place'}"
