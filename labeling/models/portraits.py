"""The picture by which a taxon is recognized where names are chosen."""

from django.db import models
from django.utils import timezone

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
    box = models.JSONField(null=True, help_text="x, y, width, height; empty: nobody drew one.")
    looked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["taxon"]
        indexes = [models.Index(fields=["looked_at"])]

    def __str__(self) -> str:
        return f"Portrait of {self.taxon_id}"
