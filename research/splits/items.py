"""Photos as the split sees them, and what ties them together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal

Side = Literal["test", "validation", "train"]


Kind = Literal["trip_day", "individual", "near_duplicate", "group"]


PhotoId = Hashable


SIDES: tuple[Side, ...] = ("test", "validation", "train")  # from what must stay to what gives way


KINDS: tuple[Kind, ...] = ("trip_day", "individual", "near_duplicate")


@dataclass(frozen=True, slots=True)
class Item:
    """One organism on one photo. Ids are any hashable with a stable ``str``; empty strings mean unknown.

    ``cell``: the *public* H3 cell of the sighting, None where no place is public. ``local_day``: its date
    there, ISO or ``date``. ``organism_id``: the same for the same individual. ``phash``: 64 bits as 16 hex
    digits. ``sha256``: of the original. ``anchored``: its name rests on people alone who all had a
    guess, or each other's word, in sight. Photos of one observation share observer, day, cell and trip.
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
    anchored: bool = False


@dataclass(frozen=True)
class Link:
    """``photo``, on ``side``, shows the same as ``other``, on ``other_side``, which goes before it."""

    photo: PhotoId
    reason: Kind
    other: PhotoId
    side: Side | int
    other_side: Side | int


@dataclass(frozen=True, slots=True)
class PhotoLinks:
    id: PhotoId
    sha256: str
    anchor: tuple[str, ...]
    trip_day: tuple[str, str] | None
    phash: int | None
    organisms: frozenset[str]
    labels: frozenset[str]
    anchored: bool

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
    """One entry per photo, however many organisms it shows, in content order.

    A hundred thousand organisms have two hundred thousand photos: what many of these have in common is held once.
    """
    first: dict[tuple[str, Hashable], Item] = {}
    for item in items:
        for what, key, told in TOLD:
            held = first.setdefault((what, key(item)), item)
            if held is not item and told(held) != told(item):
                raise ValueError(f"{what} {key(item)} is told in two ways: {told(held)} and {told(item)}.")
    del first
    known: dict[Hashable, Any] = {}
    in_order = sorted(items, key=lambda item: (item.sha256, str(item.photo)))
    return [_photo(photo, list(its), known) for photo, its in groupby(in_order, key=lambda item: item.photo)]


# What all items of one photo, observation or occurrence say alike.
TOLD: tuple[tuple[str, Callable[[Item], Hashable], Callable[[Item], object]], ...] = (
    ("Photo", lambda item: item.photo, lambda item: (item.observation, item.sha256, item.phash)),
    (
        "Observation",
        lambda item: item.observation,
        lambda item: (item.observer, _day(item), item.cell, item.trip),
    ),
    (
        "Occurrence",
        lambda item: item.occurrence,
        lambda item: (item.observation, item.label, item.organism_id),
    ),
)


def _photo(photo: PhotoId, items: Sequence[Item], known: dict[Hashable, Any]) -> PhotoLinks:
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

    def once(value: Any) -> Any:
        return known.setdefault(value, value)

    return PhotoLinks(
        id=photo,
        sha256=item.sha256,
        anchor=once(anchor(item)),
        trip_day=once((str(item.trip), day)) if item.trip not in (None, "") and day else None,
        phash=phash,
        organisms=once(frozenset(item.organism_id for item in items if item.organism_id)),
        labels=once(frozenset(item.label for item in items)),
        anchored=any(item.anchored for item in items),
    )
