"""Who saw what, when and where, and who says what of it: everything but the pictures.

Sighting k of a seed is the same however many are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

from drawings import fish, people, rivers
from drawings.chance import stream

SUBJECTS: dict[str, list[str]] = {
    "trout": [
        "brown_trout", "rainbow_trout", "brook_trout", "cutthroat_trout", "cutbow", "bull_trout", "tiger_trout",
    ],
    "dishes": ["pizza", "sushi", "caesar_salad", "pancakes", "french_fries", "donuts", "ramen"],
}  # fmt: skip
FIRST_YEAR, YEARS = 2021, 5


@dataclass(frozen=True)
class Sighting:
    """One fish (or dish) seen once. `first` is the number of its first picture, `folder` where they go."""

    subject: str
    seed: int
    number: int
    label: str
    observer: str
    said: people.Identifications
    when: datetime
    place: tuple[float, float] | None
    folder: str
    first: int
    photos: int

    @property
    def id(self) -> str:
        return f"{self.subject}-{self.seed}-{self.number:05d}"

    @property
    def length_mm(self) -> int | None:
        return fish.individual(self.id, self.label).length_mm if self.subject == "trout" else None

    def file(self, photo: int) -> str:
        return f"{self.folder}/{self.subject}-{self.seed}-{self.first + photo:05d}.jpg"


def sightings(subject: str, seed: int) -> Iterator[Sighting]:
    """All sightings of a seed, without end. Raises ValueError for an unknown subject."""
    if subject not in SUBJECTS:
        raise ValueError(f"There are no drawings of {subject!r}, only of {', '.join(SUBJECTS)}.")
    number = first = outing = 0
    while True:
        for each in _outing(subject, seed, outing, number, first):
            yield each
            number, first = number + 1, first + each.photos
        outing += 1


def _outing(subject: str, seed: int, outing: int, number: int, first: int) -> Iterator[Sighting]:
    """One person, one day, one place: one to three sightings."""
    rng = stream(subject, seed, "outing", outing)
    labels = [_label(subject, seed, number + n) for n in range(int(rng.choice((1, 2, 3), p=(0.6, 0.3, 0.1))))]
    observer = people.PEOPLE[subject][rng.integers(len(people.PEOPLE[subject]))]
    when = _moment(rng, subject)
    place, folder = None, observer
    if subject == "trout":
        river, *point = rivers.place(rng, west="bull_trout" in labels)
        place, folder = (point[0], point[1]), river.name
    for n, label in enumerate(labels):
        rng = stream(subject, seed, "sighting", number + n)
        when += timedelta(minutes=int(rng.integers(4, 90)))
        photos = int(rng.choice((1, 2, 3, 4), p=(0.25, 0.4, 0.25, 0.1)))
        yield Sighting(
            subject=subject,
            seed=seed,
            number=number + n,
            label=label,
            observer=observer,
            said=people.identifications(rng, label, observer, subject),
            when=_local(when),
            place=rivers.nearby(rng, *place, metres=150) if place else None,
            folder=folder.lower().replace(" ", "_"),
            first=first,
            photos=photos,
        )
        first += photos


def _label(subject: str, seed: int, number: int) -> str:
    """Dealt like cards, a whole pack at a time: every label as often as any other."""
    labels = SUBJECTS[subject]
    pack, card = divmod(number, len(labels))
    return labels[int(stream(subject, seed, "pack", pack).permutation(len(labels))[card])]


def _moment(rng: np.random.Generator, subject: str) -> datetime:
    """The clock on the wall: trout from spring to autumn by day, dishes all year, at meals."""
    first, days = (80, 220) if subject == "trout" else (0, 365)
    day = datetime(FIRST_YEAR + int(rng.integers(YEARS)), 1, 1) + timedelta(
        days=first + int(rng.integers(days))
    )
    hour = rng.uniform(6, 18) if subject == "trout" else rng.choice((8, 12, 18)) + rng.uniform(0, 2)
    return day + timedelta(seconds=int(hour * 3600))


def _local(wall: datetime) -> datetime:
    """Mountain time. Summer time is from the second Sunday of March to the first of November, at two o'clock."""
    begins = _sunday(datetime(wall.year, 3, 8, 2))
    ends = _sunday(datetime(wall.year, 11, 1, 2))
    return wall.replace(tzinfo=timezone(timedelta(hours=-6 if begins <= wall < ends else -7)))


def _sunday(day: datetime) -> datetime:
    """That day if it is a Sunday, else the next one."""
    return day + timedelta(days=6 - day.weekday())
