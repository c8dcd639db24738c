"""The words of texts that people search in, beside the rows that hold these texts."""

from django.conf import settings
from django.db import models

from species.models.observations import Observation
from species.models.places import Place


class Words(models.Model):
    """`text` is a `species.taxonomy.names.document`; written by `species.actions.words`, asked by
    `species.queries.words`. A row without a letter in its text has none here.

    Its number is what SQLite's index knows it by: a table whose key is another one may be numbered anew.
    """

    id = models.BigAutoField(primary_key=True)
    text = models.TextField(editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text[:80]


class PlaceWords(Words):
    """Of the name of a place."""

    of = models.OneToOneField(Place, models.CASCADE, related_name="+", editable=False)


class PersonWords(Words):
    """Of what a person is called."""

    of = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)


class NoteWords(Words):
    """Of the note of a sighting, whoever may see it."""

    of = models.OneToOneField(Observation, models.CASCADE, related_name="+", editable=False)
