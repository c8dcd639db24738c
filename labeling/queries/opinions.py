"""What stands: opinions, rulings and trust."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from labeling.models import Identification, Ruling
from species.models import Occurrence


def standing_identifications(occurrence: Occurrence) -> QuerySet[Identification]:
    return Identification.objects.filter(occurrence=occurrence, withdrawn_at=None)


def standing_rulings(occurrence: Occurrence, people: Iterable[UUID]) -> list[Ruling]:
    """The ruling on this occurrence, and the trust in any of these people who are sources."""
    on_it = Q(occurrence=occurrence) | Q(source__in=list(people))
    return list(Ruling.objects.filter(on_it, withdrawn_at=None))


def occurrences_of_source(source) -> QuerySet[Occurrence]:
    """Everything that a source account has said a name of, also where it has taken that back."""
    said = Identification.objects.filter(occurrence=OuterRef("pk"), person=source)
    return Occurrence.objects.filter(Exists(said))


def trust_in(source) -> Ruling | None:
    """The standing trust in a source account."""
    return Ruling.objects.select_related("reviewer").filter(source=source, withdrawn_at=None).first()
