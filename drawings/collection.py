"""A whole collection: who saw what, when and where, in how many pictures; and the folder it is written to.

Sighting k of a seed is the same however many are asked for, and so is every picture of it.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from drawings import camera, metadata, people, rivers
from drawings.chance import stream

SUBJECTS: dict[str, list[str]] = {
    "trout": [
        "brown_trout", "rainbow_trout", "brook_trout", "cutthroat_trout", "cutbow", "bull_trout", "tiger_trout",
    ],
    "dishes": ["pizza", "sushi", "caesar_salad", "pancakes", "french_fries", "donuts", "ramen"],
}  # fmt: skip
FIRST_YEAR, YEARS = 2021, 5
TABLE, OPINIONS, TRUTH, LICENCE = "observations.csv", "opinions.csv", "truth.csv", "LICENSE"
CC0 = """CC0 1.0 Universal

These pictures were drawn by a program. To the extent possible under law, the authors of Aqua Vision have
waived all copyright and related or neighbouring rights to them.
https://creativecommons.org/publicdomain/zero/1.0/
"""
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Sighting:
    """One fish (or dish) seen once. `first` is the number of its first picture, `folder` where they go."""

    subject: str
    seed: int
    number: int
    label: str
    observer: str
    said: people.Opinions
    when: datetime
    place: tuple[float, float] | None
    length_mm: int | None
    folder: str
    first: int
    photos: int

    @property
    def id(self) -> str:
        return f"{self.subject}-{self.seed}-{self.number:05d}"

    def file(self, photo: int) -> str:
        return f"{self.folder}/{self.subject}-{self.seed}-{self.first + photo:05d}.jpg"


@dataclass(frozen=True)
class Fresh:
    """One drawing: JPEG bytes, and which of EXIF's eight orientations they are stored in."""

    label: str
    data: bytes
    name: str
    orientation: int


def draw(
    folder: Path,
    subject: str = "trout",
    photos: int = 700,
    seed: int = 1,
    on_progress: Progress | None = None,
    size: tuple[int, int] | None = None,
    workers: int = 1,
) -> int:
    """Write a collection that can be imported (docs/drawings.md) and say how many pictures it holds.

    `on_progress(done, photos)` is called for each; what it raises ends the work. Pictures that are there are
    kept, so what was stopped or killed is completed by calling again. `size` is width and height in pixels of
    a landscape picture. With more than one worker, that many processes draw.
    Raises ValueError for a subject that is unknown, OSError when the folder cannot be written.
    """
    chosen = list(_until(sightings(subject, seed), photos))
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(each, photo) for each in chosen for photo in range(each.photos)]
    missing = [(each, photo) for each, photo in wanted if not (folder / each.file(photo)).exists()]
    done = photos - len(missing)
    for _ in _each(partial(_write_picture, folder, size), missing, workers):
        done += 1
        if on_progress:
            on_progress(done, photos)
    # The table last: a folder that has one is whole.
    _write(folder / LICENCE, CC0.encode())
    _write(folder / TRUTH, _csv(("file", "label"), ((s.file(n), s.label) for s, n in wanted)))
    said = ((each.id, *opinion) for each in chosen for opinion in each.said.others)
    _write(folder / OPINIONS, _csv(("observation_id", "identified_by", "label"), said))
    header = ("file", "observation_id", "label", "recorded_by", "length_mm")
    rows = ((s.file(n), s.id, s.said.own, s.observer, s.length_mm or "") for s, n in wanted)
    _write(folder / TABLE, _csv(header, rows))
    return photos


def fresh(
    subject: str = "trout",
    photos: int = 100,
    seed: int = 2,
    rotated: float = 0.0,
    size: tuple[int, int] | None = None,
) -> Iterator[Fresh]:
    """Single drawings, each of another individual, none of which any other seed has.

    The share `rotated` is stored turned or mirrored, with the EXIF orientation (2 to 8) that puts it right.
    """
    for each in islice(sightings(subject, seed), photos):
        rng = stream(each.id, "orientation")
        orientation = int(rng.integers(2, 9)) if rng.random() < rotated else 1
        yield Fresh(each.label, picture(each, 0, size, orientation), f"{each.id}.jpg", orientation)


def picture(
    sighting: Sighting, photo: int, size: tuple[int, int] | None = None, orientation: int = 1
) -> bytes:
    """Picture `photo` of a sighting as JPEG bytes."""
    rng = stream(sighting.id, "picture", photo)
    when = sighting.when + timedelta(seconds=photo * 37 + int(rng.integers(20)))
    place = rivers.nearby(rng, *sighting.place, metres=6) if sighting.place else None
    exif = metadata.exif(when, place, accuracy_m=rng.uniform(3, 25), orientation=orientation)
    scene = camera.scene(sighting.subject, sighting.label, sighting.id, rng)
    return camera.develop(scene, rng, size, orientation, exif)


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
            said=people.opinions(rng, label, observer, subject),
            when=_local(when),
            place=rivers.nearby(rng, *place, metres=150) if place else None,
            length_mm=camera.length_mm(subject, f"{subject}-{seed}-{number + n:05d}", label),
            folder=folder.lower().replace(" ", "_"),
            first=first,
            photos=photos,
        )
        first += photos


def _label(subject: str, seed: int, number: int) -> str:
    """Dealt like cards, a whole pack at a time: every label as often as any other."""
    labels = SUBJECTS[subject]
    pack, card = divmod(number, len(labels))
    return labels[stream(subject, seed, "pack", pack).permutation(len(labels))[card]]


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


def _until(all_: Iterable[Sighting], photos: int) -> Iterator[Sighting]:
    """Sightings with that many pictures together; the last one may keep fewer than it has."""
    for each in all_:
        if each.first >= photos:
            return
        yield each if each.first + each.photos <= photos else _cut(each, photos - each.first)


def _cut(sighting: Sighting, photos: int) -> Sighting:
    return Sighting(**{**vars(sighting), "photos": photos})


def _each(work: Callable, items: list, workers: int) -> Iterator:
    if workers < 2:
        yield from map(work, items)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(work, items, chunksize=4)


def _write_picture(folder: Path, size: tuple[int, int] | None, item: tuple[Sighting, int]) -> None:
    sighting, photo = item
    path = folder / sighting.file(photo)
    path.parent.mkdir(exist_ok=True)
    _write(path, picture(sighting, photo, size))


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing: a name that is there stands for a whole file."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)


def _csv(header: tuple[str, ...], rows: Iterable[tuple]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
