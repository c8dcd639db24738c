"""Whether the names have changed since somebody read them all."""

from django.db import models


class TaxaVersion(models.Model):
    """One row whose `version` is a new random word after every change of a taxon, through whatever door.

    Triggers of the database keep it (migration `0010_taxa_version`), so that whoever holds thousands of names in
    memory asks for one row instead of reading them again. Random, because a number that was rolled back would
    come again for other rows.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.CharField(max_length=36)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="taxa_version_one_row")]

    def __str__(self) -> str:
        return self.version
