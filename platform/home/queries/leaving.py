"""What somebody's leaving would take away and leave, in numbers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Departure, User
from labeling.models import Comment, Identification, Ruling
from species.models import Observation, Photo, State


@dataclass(frozen=True)
class Kept:
    """A published dataset that holds photos of theirs, and how many."""

    title: str
    version: int
    pk: UUID
    photos: int


@dataclass(frozen=True)
class Numbers:
    sightings: int
    drafts: int
    photos: int
    names: int
    comments: int
    rulings: int
    datasets: list[Kept]


def numbers(person: User) -> Numbers:
    """Seven queries."""
    own = Observation.objects.filter(observer=person).exclude(state=State.KEPT)
    return Numbers(
        sightings=own.filter(state=State.PUBLISHED).count(),
        drafts=own.filter(state=State.DRAFT).count(),
        photos=Photo.objects.filter(owner=person).kept().count(),
        names=Identification.objects.filter(person=person, withdrawn_at=None).count(),
        comments=Comment.objects.filter(person=person, withdrawn_at=None).count(),
        rulings=Ruling.objects.filter(reviewer=person).count(),
        datasets=datasets(person),
    )


def datasets(person: User) -> list[Kept]:
    """Published ones, the newest first."""
    if not apps.is_installed("research"):
        return []
    rows = apps.get_model("research", "DatasetPerson").objects.filter(person=person, dataset__state="frozen")
    rows = rows.order_by("-dataset__version")
    found = rows.values_list("dataset__title", "dataset__version", "dataset", "photos")
    return [Kept(*each) for each in found]


def takes_photos(person: UUID) -> bool:
    """Whether they leave and take their photos along."""
    return Departure.objects.filter(user=person, photos=Departure.Photos.ERASE).exists()


def due() -> QuerySet[Departure]:
    """Whose time has come."""
    return Departure.objects.filter(done=None, due__lte=timezone.now()).order_by("due")


def to_erase(departure: Departure) -> QuerySet[Observation]:
    """Sightings that go with an account: all, or those that nobody else ever saw."""
    own: QuerySet[Any] = Observation.objects.filter(observer=departure.user_id).exclude(state=State.KEPT)
    if departure.photos == Departure.Photos.ERASE:
        return own
    return own.filter(~Q(state=State.PUBLISHED) | Q(shown=False))
