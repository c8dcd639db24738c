"""Where photos of drafts go when several are joined or each is set apart."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from labeling.queries import uploads
from species.models import Observation, Photo


def apart(chosen: Sequence[Photo]) -> dict[UUID, UUID]:
    """Each into a new draft, but for one whose draft would be left empty by it."""
    staying = {each.observation_id for each in chosen}
    staying -= set(
        Photo.objects.filter(observation__in=staying, discarded_at=None)
        .exclude(pk__in=[each.pk for each in chosen])
        .values_list("observation", flat=True)
    )
    moves = {}
    for each in chosen:
        if each.observation_id in staying:
            staying.discard(each.observation_id)
        else:
            moves[each.pk] = uuid4()
    return moves


def keeper(person: User, chosen: Sequence[Photo]) -> UUID:
    """Into which of their drafts photos are joined: the one that says most of itself; of two alike the first."""
    ids = {each.observation_id for each in chosen}
    found = [each for each in uploads.drafts(person) if each.pk in ids]

    def says_less(draft: Observation) -> tuple[Any, ...]:
        said = [
            draft.note,
            hasattr(draft, "draft_words"),
            any(each.own_words for each in draft.occurrences.all()),  # type: ignore[attr-defined]  # see `with_words`
        ]
        return (not any(said), draft.latitude is None, draft.local_date is None, draft.created, draft.pk)

    return min(found, key=says_less).pk
