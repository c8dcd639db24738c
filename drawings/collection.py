"""A whole collection, and the folder it is written to."""

from __future__ import annotations

import csv
import io
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from drawings import camera, catch, dishes, metadata, rivers
from drawings.chance import stream
from drawings.sightings import Sighting, sightings

TABLE, IDENTIFICATIONS, TRUTH, LICENCE = "observations.csv", "opinions.csv", "truth.csv", "LICENSE"
CC0 = """CC0 1.0 Universal

These pictures were drawn by a program. To the extent possible under law, the authors of Aqua Vision have
waived all copyright and related or neighbouring rights to them.
https://creativecommons.org/publicdomain/zero/1.0/
"""
# Paints one picture: label, individual, stream of numbers, size.
SCENES = {"trout": catch.picture, "dishes": dishes.picture}
# A sighting, and which of its pictures.
Item = tuple[Sighting, int]
Progress = Callable[[int, int], object]


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
    said = ((each.id, *identification) for each in chosen for identification in each.said.others)
    _write(folder / IDENTIFICATIONS, _csv(("observation_id", "identified_by", "label"), said))
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
    frame = camera.frame(rng, size)
    scene = SCENES[sighting.subject](sighting.label, sighting.id, rng, frame)
    return camera.develop(scene, rng, size, orientation, exif)


def _until(all_: Iterable[Sighting], photos: int) -> Iterator[Sighting]:
    """Sightings with that many pictures together; the last one may keep fewer than it has."""
    for each in all_:
        if each.first >= photos:
            return
        yield replace(each, photos=min(each.photos, photos - each.first))


def _each(work: Callable[[Item], None], items: list[Item], workers: int) -> Iterator[None]:
    if workers < 2:
        yield from map(work, items)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(work, items, chunksize=4)


def _write_picture(folder: Path, size: tuple[int, int] | None, item: Item) -> None:
    sighting, photo = item
    path = folder / sighting.file(photo)
    path.parent.mkdir(exist_ok=True)
    _write(path, picture(sighting, photo, size))


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing: a name that is there stands for a whole file."""
    # A name of its own: whoever lost a job may still be writing when the next one begins.
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    part.write_bytes(data)
    part.replace(path)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
