"""Where on its photos an organism is."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Value

from accounts.models import User
from labeling.models import AllBoxed, Box, Region
from species.models import Observation, Occurrence, Photo

SIDES = ("x", "y", "width", "height")


class Frame(NamedTuple):
    """Around one organism on one photo; fractions 0-1 of the upright image."""

    photo: UUID
    occurrence: UUID
    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> dict[str, float]:
        return {side: getattr(self, side) for side in SIDES}


def frames_on(occurrences: Collection[UUID], photos: Collection[UUID]) -> list[Frame]:
    """Of each organism on each photo the agreed rectangle, and where there is none, the last that stands. One query."""
    boxes = Box.objects.filter(occurrence__in=occurrences, photo__in=photos, withdrawn_at=None)
    regions = Region.objects.filter(occurrence__in=occurrences, photo__in=photos)
    columns = ("photo", "occurrence", *SIDES, "agreed", "created", "id")
    drawn, agreed = (
        rows.order_by().annotate(agreed=Value(number)).values_list(*columns)
        for number, rows in enumerate((boxes, regions))
    )
    rows = drawn.union(agreed, all=True).order_by("agreed", "created", "id")
    return list({row[:2]: Frame(*row[: 2 + len(SIDES)]) for row in rows}.values())


def drawn_by(person: User, observation: UUID) -> list[Box]:
    """What they drew of this sighting's organisms and did not take back. One query."""
    rows = Box.objects.filter(occurrence__observation=observation, person=person, withdrawn_at=None)
    return list(rows.order_by("created", "id"))


def of_person(person: User, ids: Collection[UUID]) -> list[Box]:
    """Of these boxes those that they drew, whether or not they took them back. At most one query."""
    rows = Box.objects.filter(person=person, pk__in=ids).select_related("occurrence", "photo")
    return list(rows.order_by("created", "id")) if ids else []


def organisms(observation: UUID) -> dict[UUID, int]:
    """The organisms of a sighting, numbered as on its page. One query."""
    return on_the_stage(observation).numbers


class OnTheStage(NamedTuple):
    """Numbers of a sighting's organisms by id; whether a person drew boxes on it, or said that all have one."""

    numbers: dict[UUID, int]
    has_boxes: bool
    has_votes: bool


def on_the_stage(observation: UUID, person: User | None = None) -> OnTheStage:
    """One query, which spares two where there are neither."""
    drawn = Box.objects.filter(occurrence=OuterRef("pk"), person=person, withdrawn_at=None)
    said = AllBoxed.objects.filter(photo__observation=observation, person=person, withdrawn_at=None)
    rows = Occurrence.objects.filter(observation=observation).order_by("created", "id")
    found = list(rows.values_list("pk", Exists(drawn), Exists(said)))
    numbers = {pk: number for number, (pk, *_) in enumerate(found, start=1)}
    return OnTheStage(numbers, any(each[1] for each in found), any(each[2] for each in found))


Sides = tuple[float, float, float, float]


def frames_of_the_owner(observation: Observation, photo: Photo) -> list[Sides]:
    """The boxes that its owner, or who imported it, drew on one photo.

    Nobody else's, and not what people agree on: two accounts that draw around everything would see everything.
    """
    return [box for (on, _), box in own_boxes(observation).items() if on == photo.pk]


def own_boxes(observation: Observation) -> dict[tuple[UUID, UUID], Sides]:
    """By photo and organism, the boxes of its owner, or of who imported it."""
    owners = [observation.observer_id]
    if observation.batch is not None:
        owners.append(observation.batch.operator_id)
    rows = Box.objects.filter(photo__observation=observation, person__in=owners, withdrawn_at=None)
    rows = rows.order_by("created", "id")
    return {row[:2]: row[2:] for row in rows.values_list("photo", "occurrence", *SIDES)}
