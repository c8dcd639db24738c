"""Where on its photos an organism is."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Value

from labeling.models import Box, Region

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
