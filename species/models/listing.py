"""The order in which rows become visible."""

from django.db import models


class Listing(models.Model):
    """One row: the moment that the last listed row was given (`species.actions.listing`)."""

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    last = models.DateTimeField()

    def __str__(self) -> str:
        return f"Listed until {self.last}"
