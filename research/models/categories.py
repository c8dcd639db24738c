"""Numbers that classes have in every dataset of this site."""

from django.db import models


class CategoryNumber(models.Model):
    """The number of a class in manifests and COCO files: given by the first dataset that holds it, for good.

    The taxon is named without a foreign key: its number is taken also when the name is gone.
    """

    taxon = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="category_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.taxon}"
