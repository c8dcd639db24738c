"""Identifications that stand."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from labeling.models import Identification
from species.models import Occurrence


def standing_identifications(occurrences: list[Occurrence]) -> dict[UUID, list[Identification]]:
    """By occurrence, each of these. One query."""
    found: dict[UUID, list[Identification]] = {occurrence.pk: [] for occurrence in occurrences}
    for row in Identification.objects.filter(occurrence__in=occurrences, withdrawn_at=None):
        found[row.occurrence_id].append(row)
    return found


def occurrences_of_source(source) -> QuerySet[Occurrence]:
    """Everything that a source account has said a name of, also where it has taken that back."""
    said = Identification.objects.filter(occurrence=OuterRef("pk"), person=source)
    return Occurrence.objects.filter(Exists(said))
