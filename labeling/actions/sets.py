"""That somebody answered while they worked on a set."""

from django.db import transaction

from accounts.models import User
from labeling.models import Campaign, SetAnswer
from labeling.queries.sets import key_of
from species.models import Occurrence


@transaction.atomic
def answered(*, occurrence: Occurrence, query: str, campaign: Campaign | None = None, by: User) -> None:
    """`query`: what the set is asked for, see labeling.filters.query_of. Again is no error; no set is none."""
    if query:
        row = SetAnswer(person=by, occurrence=occurrence, query=query, key=key_of(query), campaign=campaign)
        SetAnswer.objects.bulk_create([row], ignore_conflicts=True)
