"""Whose photos are in which dataset, as its freeze counted them."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from research.models import Dataset, DatasetPerson


def to_tell(dataset: Dataset) -> dict[UUID, DatasetPerson]:
    """By id, those whose photos it holds and who can read it: no sources, nobody whose account is closed."""
    rows = DatasetPerson.objects.filter(dataset=dataset, person__is_source=False, person__is_active=True)
    return {row.person_id: row for row in rows}


def holding(person: User) -> QuerySet[DatasetPerson]:
    """Published datasets with photos of this person, newest first; none that was taken back."""
    rows = DatasetPerson.objects.filter(person=person, dataset__state=Dataset.State.FROZEN)
    return rows.select_related("dataset").order_by("-dataset__created", "-dataset__id")
