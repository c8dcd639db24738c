"""Identifications that stand."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from labeling.models import Identification, Ruling
from species.models import Occurrence


def standing_identifications(occurrence: Occurrence) -> QuerySet[Identification]:
    return Identification.objects.filter(occurrence=occurrence, withdrawn_at=None)


def occurrences_of_source(source) -> QuerySet[Occurrence]:
    """Everything that a source account has said a name of, also where it has taken that back."""
    said = Identification.objects.filter(occurrence=OuterRef("pk"), person=source)
    return Occurrence.objects.filter(Exists(said))


def names_that_count(occurrence: Occurrence) -> list[tuple[UUID, bool]]:
    """Taxa that protect its place, each with whether anybody's word for it stands: what people say it is, and
    what they said and withdrew since such names were last cleared.
    """
    rows = Identification.objects.filter(occurrence=occurrence).order_by()
    if occurrence.names_cleared_at is not None:
        rows = rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=occurrence.names_cleared_at))
    counted = rows.values_list("taxon").annotate(standing=Count("pk", filter=Q(withdrawn_at=None)))
    return [(taxon, standing > 0) for taxon, standing in counted]


def occurrences_named(taxa: Iterable[UUID]) -> QuerySet[Occurrence]:
    """Whatever anybody has ever called one of these taxa, or rejected as one, or a reviewer ruled to be one."""
    taxa = list(taxa)
    named = Q(taxon__in=taxa) | Q(disagrees_with__in=taxa)
    said = Identification.objects.filter(named, occurrence=OuterRef("pk"))
    ruled = Ruling.objects.filter(occurrence=OuterRef("pk"), taxon__in=taxa)
    return Occurrence.objects.filter(Q(agreed_taxon__in=taxa) | Exists(said) | Exists(ruled))
