"""What `scale_work.py` measures, each in a process of its own."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Role, User
from jobs import worker
from jobs.worklist import Worklist
from labeling.actions import identifications, verdicts
from labeling.imports import readers
from labeling.imports.run import import_collection
from labeling.models import Verdict
from labeling.queries import photos_without_suggestions_from
from ops import fsck
from research.actions import datasets
from research.exports import csv_zip
from research.manifest import store
from research.models import Dataset
from research.queries import photos
from species import stored_files
from species.models import Occurrence, OccurrencePhoto, Photo, Taxon
from tests.universe import photo_bytes

Figures = dict[str, Any]
TINY = (16, 12)  # pixels


def memory() -> float:
    """The most that this process has held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def hold(work: Callable[[], object]) -> Figures:
    """Seconds on the clock and of this process's cores, and the growth of its memory while it does this."""
    before, started, worked = memory(), time.monotonic(), time.process_time()
    work()
    return {
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - worked,
        "memory": memory(),
        "growth": memory() - before,
    }


def votes(asked: argparse.Namespace) -> Figures:
    random = Random(asked.number)
    people = list(User.objects.filter(is_source=False, is_active=True).order_by("pk")[:1000])
    taxa = list(Taxon.objects.filter(rank="species", synonym_of=None).order_by("pk")[:200])
    shown = Occurrence.objects.filter(shown=True).order_by("pk")
    some: list[Occurrence] = []
    for _ in range(400):
        some += shown.filter(pk__gte=UUID(int=random.getrandbits(128)))[:2]
    # All begin together, however long each took to get here.
    print("ready", flush=True)
    input()
    took: list[float] = []
    worked, end = time.process_time(), time.monotonic() + asked.seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        identifications.add(
            occurrence=Occurrence(pk=random.choice(some).pk),
            taxon=random.choice(taxa),
            by=random.choice(people),
        )
        took.append(time.monotonic() - begun)
    return {"took": took, "cpu": time.process_time() - worked}


def _first_organisms(count: int) -> None:
    """Only so many of what may be frozen, by id, in this process."""
    everything = photos.Wanted.organisms
    rows = everything(photos.EVERYTHING).order_by("pk").values_list("pk", flat=True)
    cut = rows[count : count + 1].first()

    def some(wanted: photos.Wanted) -> Any:
        return everything(wanted) if cut is None else everything(wanted).filter(pk__lt=cut)

    photos.Wanted.organisms = some


def ask_for_freeze(asked: argparse.Namespace) -> Figures:
    """A dataset, and notes of its pictures as if an earlier attempt had read them: there are no image files."""
    _first_organisms(asked.count)
    admin = User.objects.filter(role=Role.ADMIN).order_by("pk")[0]
    dataset = datasets.freeze(title=f"The first {asked.count:,} organisms", by=admin)
    organisms = photos.EVERYTHING.organisms()
    shown = OccurrencePhoto.objects.filter(occurrence__in=organisms).values("photo")
    notes: dict[str, Any] = {}
    rows = Photo.objects.filter(pk__in=shown).values_list("pk", "sha256", "width", "height")
    for pk, sha256, width, height in rows.iterator(2000):
        picture = {"size": 1008, "width": width, "height": height, "sha256": sha256, "bytes": 200_000}
        notes[str(pk)] = picture
        if len(notes) == 5000:
            _note(dataset, notes)
            notes = {}
    _note(dataset, notes)
    return {"dataset": str(dataset.pk)}


def _note(dataset: Dataset, notes: Figures) -> None:
    default_storage.save(
        f"datasets/{dataset.pk}/renditions-{uuid4()}.json", ContentFile(json.dumps(notes).encode())
    )


def freeze(asked: argparse.Namespace) -> Figures:
    _first_organisms(asked.count)
    dataset = Dataset.objects.get(pk=asked.dataset)
    found = hold(lambda: worker.run(dataset.job_id))
    dataset.refresh_from_db()
    if dataset.state != Dataset.State.FROZEN:
        raise RuntimeError(f"{dataset} is not frozen: {dataset.summary} {dataset.job}")
    counts = {key: dataset.summary[key] for key in ("occurrences", "photos", "dropped")}
    return found | counts


def read_manifest(asked: argparse.Namespace) -> Figures:
    dataset = Dataset.objects.get(pk=asked.dataset)

    def read() -> None:
        for _ in csv_zip.photo_rows(store.read(dataset)):
            pass

    return hold(read)


def follow(asked: argparse.Namespace) -> Figures:
    """So many verdicts of another tree, all of which come out the same."""
    some = list(Verdict.objects.order_by("pk").values_list("pk", flat=True)[: asked.count])
    for first in range(0, len(some), 5000):
        Verdict.objects.filter(pk__in=some[first : first + 5000]).update(tree_version="another")
    found = hold(verdicts.follow)
    return found | {"count": len(some)}


def resettle(asked: argparse.Namespace) -> Figures:
    """So many verdicts that do not stand, each settled by itself."""
    some = list(
        Occurrence.objects.filter(shown=True).order_by("-pk").values_list("pk", flat=True)[: asked.count]
    )
    Occurrence.objects.filter(pk__in=some).update(agreement={})
    return hold(lambda: verdicts.recompute(occurrences=some)) | {"count": len(some)}


def suggest_list(asked: argparse.Namespace) -> Figures:
    waiting = photos_without_suggestions_from("nobody").values_list("pk", flat=True)[: asked.count]
    return hold(lambda: Worklist(waiting))


def fsck_names(asked: argparse.Namespace) -> Figures:
    names = islice(stored_files.files_expected("renditions"), asked.count)
    return hold(lambda: deque(fsck._beside(iter(()), names), maxlen=0))


def fsck_verdicts(asked: argparse.Namespace) -> Figures:
    everything = Occurrence.objects.order_by("pk")
    cut = everything.values_list("pk", flat=True)[asked.count :].first()
    some = everything if cut is None else everything.filter(pk__lt=cut)
    return hold(lambda: list(islice(verdicts.differing(some), 10)))


def table(asked: argparse.Namespace) -> Figures:
    """A table of addresses: nothing is fetched while it is read."""
    path = asked.folder / f"table-{asked.count}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("url,label,observation_id,observed_at,latitude,longitude,place_source,recorded_by\n")
        for number in range(asked.count):
            file.write(
                f"https://photos.example/{number}.jpg,brown_trout,o{number},2020-05-01T10:00:00,47.{number},11.4,"
                f"map_pin,Person {number % 500}\n"
            )
    held: list[object] = []
    found = hold(lambda: held.append(readers.read(path)))
    path.unlink()
    return found


def take_in(asked: argparse.Namespace) -> Figures:
    """So many rows with a photo each of 16 × 12 pixels; then the same once more."""
    folder = asked.folder / f"collection-{uuid4()}"
    folder.mkdir(parents=True)
    lines = ["file,label,observation_id,observed_at,latitude,longitude,place_source"]
    for number in range(asked.count):
        (folder / f"{number}.jpg").write_bytes(photo_bytes(f"{folder} {number}", TINY))
        lines.append(f"{number}.jpg,brown_trout,o{number},2020-05-01T10:00:00,47.{number:05d},11.4,map_pin")
    (folder / "observations.csv").write_text("\n".join(lines), encoding="utf-8")
    admin = User.objects.filter(role=Role.ADMIN).order_by("pk")[0]

    def once() -> None:
        report = import_collection(
            path=folder, source=folder.name, by=admin, licence="MIT", consents=["show", "research", "train"]
        )
        if report.sightings != asked.count:
            raise RuntimeError(f"{report.sentence()} {report.problems[:3]}")

    return {"first": hold(once), "again": hold(once), "count": asked.count}


PARTS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "votes": votes,
    "ask_for_freeze": ask_for_freeze,
    "freeze": freeze,
    "read_manifest": read_manifest,
    "follow": follow,
    "resettle": resettle,
    "suggest_list": suggest_list,
    "fsck_names": fsck_names,
    "fsck_verdicts": fsck_verdicts,
    "table": table,
    "import": take_in,
}
