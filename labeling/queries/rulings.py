"""Rulings that stand, and trust in sources."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from labeling.models import Ruling
from species.models import Occurrence


def standing_rulings(occurrence: Occurrence, people: Iterable[UUID]) -> list[Ruling]:
    """The ruling on this occurrence, and the trust in any of these people who are sources."""
    on_it = Q(occurrence=occurrence) | Q(source__in=list(people))
    return list(Ruling.objects.filter(on_it, withdrawn_at=None))


def trust_in(source) -> Ruling | None:
    """The standing trust in a source account."""
    return Ruling.objects.select_related("reviewer").filter(source=source, withdrawn_at=None).first()
