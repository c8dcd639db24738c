"""Which photos show one encounter, as those of a camera trap are put into sequences: by place and time."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from species.places.geoprivacy import distance_m

APART = timedelta(minutes=30)
DISTANCE_M = 500.0

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Shot:
    """When and where a photo was taken. `moment` is aware where its zone is known, else what its clock showed."""

    moment: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


def group(shots: Mapping[Key, Sequence[Shot]]) -> list[list[Key]]:
    """The keys, those of one encounter in one list, the earliest first. A key may stand for several shots.

    Any two shots of a list are at most `APART` and `DISTANCE_M` from each other. So no chain grows: of photos
    at 10:00, 10:20 and 10:40 the third begins an encounter of its own. A shot without a time or a place is with
    no other, and one whose zone is known with none whose zone is not. The order of `shots` does not matter, and
    no two of the lists could be one.
    """
    found: list[list[Key]] = []
    for key in sorted(shots, key=lambda each: sorted(map(_place_in_line, shots[each]))):
        for members in found:
            if all(_near(one, other) for each in members for one in shots[each] for other in shots[key]):
                members.append(key)
                break
        else:
            found.append([key])
    return found


def _place_in_line(shot: Shot) -> tuple[int, float, float, float]:
    if shot.moment is None or shot.latitude is None or shot.longitude is None:
        return (2, 0.0, 0.0, 0.0)
    zone_known = shot.moment.tzinfo is not None
    moment = shot.moment if zone_known else shot.moment.replace(tzinfo=UTC)
    return (0 if zone_known else 1, moment.timestamp(), shot.latitude, shot.longitude)


def _near(one: Shot, other: Shot) -> bool:
    if one.moment is None or other.moment is None:
        return False
    if (one.moment.tzinfo is None) != (other.moment.tzinfo is None):
        return False
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return False
    near = distance_m(one.latitude, one.longitude, other.latitude, other.longitude) <= DISTANCE_M
    return near and abs(one.moment - other.moment) <= APART
