"""Rulings that stand, and trust in sources."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from labeling.models import Ruling
from species.models import Occurrence


def standing_rulings(occurrences: list[Occurrence], people: Iterable[UUID]) -> list[Ruling]:
    """Those on these occurrences, and the trust in any of these people who are sources. One query."""
    on_them = Q(occurrence__in=occurrences) | Q(source__in=list(people))
    return list(Ruling.objects.filter(on_them, withdrawn_at=None))


def trust_in(source: User) -> Ruling | None:
    """The standing trust in a source account."""
    return Ruling.objects.select_related("reviewer").filter(source=source, withdrawn_at=None).first()
