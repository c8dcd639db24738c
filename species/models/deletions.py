"""What everybody could see once and nobody is shown any more."""

from django.db import models


class Deletion(models.Model):
    """One thing that was public and is so no longer: deleted, withdrawn, hidden or taken back.

    Written, and taken away where it is shown again, by whoever settles what is shown (`species.actions.visibility`). It
    says nothing but that, so that whoever keeps a copy can follow. `id` is that of the thing itself, of whose row
    there may be nothing left.
    """

    class Kind(models.TextChoices):
        OBSERVATION = "observation", "Sighting"
        OCCURRENCE = "occurrence", "Organism"
        PHOTO = "photo", "Photo"
        TRIP = "trip", "Trip"

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    gone = models.DateTimeField(help_text="Since when it is not shown.")

    class Meta:
        ordering = ["gone", "id"]
        indexes = [
            models.Index(fields=["gone", "id"], name="deletion_in_order"),
            models.Index(fields=["kind", "gone", "id"], name="deletion_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}, gone {self.gone}"
