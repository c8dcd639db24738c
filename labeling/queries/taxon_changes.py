"""What people said that a change of a taxon touches."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from labeling.models import Identification, Reapplied, Ruling
from species.models import Occurrence, TaxonChange
from species.queries.taxon_changes import Touched, counted


def touched(taxa: Collection[UUID], **sent: object) -> list[Touched]:
    """Receives `species.queries.taxon_changes.asked`: standing votes for these names or against them, and rulings."""
    votes = Identification.objects.filter(withdrawn_at=None)
    return [
        counted("votes for it", votes.filter(taxon__in=taxa)),
        counted("votes against it", votes.filter(disagrees_with__in=taxa)),
        counted("rulings", Ruling.objects.filter(withdrawn_at=None, taxon__in=taxa)),
    ]


def said_anew(column: str) -> Exists:
    """Of a word that is taken back: whether a split did that, and no undo has looked at it."""
    return Exists(Reapplied.objects.filter(**{column: OuterRef("pk")}, given_back_at=None))


def to_say_anew(change: TaxonChange, names: Collection[UUID]) -> QuerySet[Occurrence]:
    """Organisms with a standing word for or against these names from before the change began."""
    said = words(change, names, OuterRef("pk"))
    ruled = ruled_so(change, names, OuterRef("pk"))
    return Occurrence.objects.filter(Exists(said) | Exists(ruled))


def words(change: TaxonChange, names: Collection[UUID], of: Any) -> QuerySet[Identification]:
    named = Q(taxon__in=names) | Q(disagrees_with__in=names)
    return Identification.objects.filter(
        named, occurrence=of, withdrawn_at=None, created__lt=change.begun_at
    ).order_by("created", "id")


def ruled_so(change: TaxonChange, names: Collection[UUID], of: Any) -> QuerySet[Ruling]:
    return Ruling.objects.filter(
        occurrence=of, taxon__in=names, withdrawn_at=None, created__lt=change.begun_at
    )


def to_give_back(change: TaxonChange) -> QuerySet[Reapplied]:
    """What it said anew and no undo has looked at yet."""
    return Reapplied.objects.filter(change=change, given_back_at=None)
