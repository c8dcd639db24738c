"""Photos as the split sees them, and what ties them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Side = Literal["test", "validation", "train"]


Kind = Literal["trip_day", "individual", "near_duplicate", "group"]


PhotoId = Hashable


SIDES: tuple[Side, ...] = ("test", "validation", "train")  # from what must stay to what gives way


KINDS: tuple[Kind, ...] = ("trip_day", "individual", "near_duplicate")


@dataclass(frozen=True)
class Item:
    """One organism on one photo. Ids are any hashable with a stable ``str``; empty strings mean unknown.

    ``cell``: the *public* H3 cell of the sighting, None where no place is public. ``local_day``: its date
    there, ISO or ``date``. ``organism_id``: the same for the same individual. ``phash``: 64 bits as 16 hex
    digits. ``sha256``: of the original. Photos of one observation share observer, day, cell and trip.
    """

    photo: PhotoId
    occurrence: Hashable
    observation: Hashable
    observer: Hashable | None
    local_day: date | str | None
    cell: str | None
    trip: Hashable | None
    organism_id: str | None
    phash: str | None
    label: str
    sha256: str


@dataclass(frozen=True)
class Link:
    """``photo``, on ``side``, shows the same as ``other``, on ``other_side``, which goes before it."""

    photo: PhotoId
    reason: Kind
    other: PhotoId
    side: Side | int
    other_side: Side | int


@dataclass(frozen=True)
class PhotoLinks:
    id: PhotoId
    sha256: str
    anchor: tuple[str, ...]
    trip_day: tuple[str, str] | None
    phash: int | None
    organisms: frozenset[str]
    labels: frozenset[str]

    @property
    def order(self) -> tuple[str, str]:
        return self.sha256, str(self.id)


def anchor(item: Item) -> tuple[str, ...]:
    """What decides the side: (public cell, day), else (observer, day), else the observation."""
    day = _day(item)
    if item.cell and day:
        return "cell", str(item.cell), day
    if item.observer not in (None, "") and day:
        return "observer", str(item.observer), day
    return "observation", str(item.observation)


def _day(item: Item) -> str:
    day = item.local_day
    try:
        day = date.fromisoformat(day) if isinstance(day, str) and day else day
    except ValueError:
        raise ValueError(
            f"Observation {item.observation} has the day {day!r}, which is no ISO date."
        ) from None
    # A datetime is a date too, but with its time every photo would be an anchor of its own.
    return f"{day:%Y-%m-%d}" if day else ""


def photo_links(items: tuple[Item, ...]) -> list[PhotoLinks]:
    """One entry per photo, however many organisms it shows, in content order."""
    by_photo: defaultdict[PhotoId, list[Item]] = defaultdict(list)
    agreed: dict[tuple[str, Hashable], object] = {}
    for item in items:
        by_photo[item.photo].append(item)
        for what, key, value in (
            ("Photo", item.photo, (item.observation, item.sha256, item.phash)),
            ("Observation", item.observation, (item.observer, _day(item), item.cell, item.trip)),
            ("Occurrence", item.occurrence, (item.observation, item.label, item.organism_id)),
        ):
            if agreed.setdefault((what, key), value) != value:
                raise ValueError(f"{what} {key} is told in two ways: {agreed[what, key]} and {value}.")
    photos = [_photo(photo, its) for photo, its in by_photo.items()]
    return sorted(photos, key=lambda photo: photo.order)


def _photo(photo: PhotoId, items: Sequence[Item]) -> PhotoLinks:
    if len({item.occurrence for item in items}) < len(items):
        raise ValueError(f"Photo {photo} comes twice with the same occurrence.")
    item, day = items[0], _day(items[0])
    if not item.sha256:
        raise ValueError(f"Photo {photo} has no sha256.")
    try:
        phash = int(item.phash, 16) if item.phash else None
    except ValueError:
        phash = -1
    if phash is not None and not (0 <= phash < 1 << 64 and len(item.phash or "") == 16):
        raise ValueError(f"Photo {photo} has the perceptual hash {item.phash!r}; it takes 16 hex digits.")
    return PhotoLinks(
        id=photo,
        sha256=item.sha256,
        anchor=anchor(item),
        trip_day=(str(item.trip), day) if item.trip not in (None, "") and day else None,
        phash=phash,
        organisms=frozenset(item.organism_id for item in items if item.organism_id),
        labels=frozenset(item.label for item in items),
    )
