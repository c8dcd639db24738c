"""Whose photos a dataset holds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from research.models.datasets import Dataset


class DatasetPerson(models.Model):
    """How many photos of one person a published dataset holds, counted once, by its freeze: a page of a person and
    whoever tells people of a model need not count a dataset's photos again.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="dataset_people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    photos = models.PositiveIntegerField()
    trainable = models.PositiveIntegerField(
        help_text="Of these, on which a model might be trained at the freeze."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "person"], name="dataset_person_once"),
            models.CheckConstraint(
                condition=Q(photos__gte=1, trainable__lte=F("photos")), name="dataset_person_has_photos"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.dataset_id}"
