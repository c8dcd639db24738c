"""Identifications that stand."""

from django.db.models import Exists, OuterRef, QuerySet

from labeling.models import Identification
from species.models import Occurrence


def standing_identifications(occurrence: Occurrence) -> QuerySet[Identification]:
    return Identification.objects.filter(occurrence=occurrence, withdrawn_at=None)


def occurrences_of_source(source) -> QuerySet[Occurrence]:
    """Everything that a source account has said a name of, also where it has taken that back."""
    said = Identification.objects.filter(occurrence=OuterRef("pk"), person=source)
    return Occurrence.objects.filter(Exists(said))
