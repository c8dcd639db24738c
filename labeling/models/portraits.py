"""The picture by which a taxon is recognized where names are chosen."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.boxes import within_the_image
from species.models import Occurrence, Photo, Taxon


class Portrait(models.Model):
    """The best photo of a taxon among verified ones, and where on it the organism is: fractions 0-1 of the upright
    image, or empty.

    As it was when somebody last looked (`labeling.actions.portraits`): whoever shows it asks whether it is still shown
    and still verified as this taxon (`labeling.queries.portraits`).
    """

    taxon = models.OneToOneField(Taxon, models.CASCADE, primary_key=True, related_name="+")
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="+")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    width = models.FloatField(null=True)
    height = models.FloatField(null=True)
    looked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["taxon"]
        indexes = [models.Index(fields=["looked_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(x=None, y=None, width=None, height=None) | within_the_image(),
                name="portrait_box_within_the_image",
            )
        ]

    def __str__(self) -> str:
        return f"Portrait of {self.taxon_id}"
