"""Background work on datasets."""

import hashlib
import io
import json
import time
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from jobs.context import Context
from jobs.outcomes import Permanent
from jobs.registry import job
from labeling.actions import verdicts
from research.actions import datasets
from research.manifest import store
from research.manifest import summary as summary_manifest
from research.manifest.build import NothingToFreeze, build
from research.manifest.schema import RENDITION
from research.models import Dataset
from research.queries import categories
from research.queries import datasets as datasets_queries
from research.queries import photos as photos_queries
from research.splits.sides import Shares
from species.models import Photo, Taxon
from species.queries import taxa

# Reading every picture is the long part; after a kill it goes on from the last note (seconds between notes).
NOTE_EVERY = 30.0
LIST_AT_ONCE = 500
TRIES = 3


class Changed(Exception):
    """People went on while the dataset was being read, so that it would hold what no longer stands."""


@job("freeze", asks="is_researcher")
def freeze(context: Context) -> None:
    """Make the manifest of the dataset named in the arguments. Safe to run again at any point."""
    dataset = Dataset.objects.filter(pk=context.arguments["dataset"]).first()
    if dataset is None or dataset.state in (Dataset.State.FROZEN, Dataset.State.RETIRED):
        return
    shares = Shares(context.arguments["test"], context.arguments["validation"])
    try:
        context.check_right()
        for attempt in range(1, TRIES + 1):
            try:
                _freeze(context, dataset, shares)
                return
            except Changed:
                if attempt == TRIES:
                    raise
    except Permanent as error:
        with context.commit():
            datasets.fail(dataset=dataset, why=str(error))
        raise


def _freeze(context: Context, dataset: Dataset, shares: Shares) -> None:
    with context.commit():
        datasets.begin(dataset=dataset)
    # Not left to the job that does the same: it may wait in line behind this one.
    verdicts.follow_tree(
        progress=lambda done, total: context.progress(done, total, "Computing verdicts on the changed tree")
    )
    settled = list(datasets_queries.unsettled())
    verdicts.settle_named(
        changed=Taxon.objects.filter(pk__in={id for job in settled for id in job.arguments["taxa"]}),
        progress=lambda done, total: context.progress(done, total, "Computing verdicts and places"),
    )
    tree = taxa.tree()
    if tree.broken:
        raise Permanent(f"The names here contradict each other: {tree.broken} Mend them, then freeze again.")
    context.progress(0, None, "Reading what is verified")
    left_out = photos_queries.left_out()
    organisms = list(photos_queries.gather())
    photos = {photo.pk: photo for organism in organisms for photo in organism.frozen_photos}
    if not photos:
        raise NothingToFreeze(summary_manifest.nothing(left_out))
    content = build(
        organisms,
        renditions=_renditions(context, dataset, photos.values()),
        tree=tree,
        taxa=photos_queries.taxa(),
        salt=dataset.salt,
        shares=shares,
        numbers=categories.numbers(),
    )
    _list(context, dataset, [(photo["id"], photo["side"]) for photo in content["photos"]])
    summary = summary_manifest.summary(content, left_out)
    context.check()
    digest = store.write(dataset, content)
    context.progress(len(photos), len(photos), summary_manifest.outcome(summary))
    stood = {organism.pk: datasets_queries.stands(organism) for organism in organisms}
    taxon_of = {organism.agreed_taxon.label: organism.agreed_taxon_id for organism in organisms}
    numbers = {taxon_of[each["label"]]: each["id"] for each in content["categories"]}
    changed = f"{dataset} changed {TRIES} times while it was being frozen."
    try:
        with context.commit(finish=True):
            if datasets_queries.changed(
                dataset,
                photos=len(content["photos"]),
                stood=stood,
                tree=tree,
                settled=[job.pk for job in settled],
            ):
                raise Changed(changed)
            datasets.publish(dataset=dataset, content_hash=digest, summary=summary, numbers=numbers)
    except datasets.NumbersTaken as error:
        raise Changed(changed) from error
    default_storage.delete(_notes(dataset))


def _list(context: Context, dataset: Dataset, sides: list[tuple[str, str]]) -> None:
    for start in range(0, len(sides), LIST_AT_ONCE):
        began = time.monotonic()
        with context.commit():
            datasets.list_photos(dataset=dataset, sides=sides[start : start + LIST_AT_ONCE])
        # SQLite has one writer: as long as this had the database, the people at the site get it now.
        time.sleep(min(1.0, time.monotonic() - began))


def _renditions(context: Context, dataset: Dataset, photos: Iterable[Photo]) -> dict[Any, dict[str, Any]]:
    """What is stored of every photo at 1008 px, by photo id. A photo's files never change."""
    photos = list(photos)
    notes = _read_notes(dataset)
    noted = time.monotonic()
    found = {}
    for done, photo in enumerate(photos):
        context.progress(done, len(photos), f"Reading {len(photos)} photos")
        key = str(photo.pk)
        if key not in notes:
            notes[key] = _rendition(photo)
        found[photo.pk] = notes[key]
        if time.monotonic() - noted > NOTE_EVERY:
            default_storage.save(_notes(dataset), ContentFile(json.dumps(notes).encode()))
            noted = time.monotonic()
    context.progress(len(photos), len(photos), "Splitting and writing the manifest")
    return found


def _rendition(photo: Photo) -> dict[str, Any]:
    try:
        with default_storage.open(photo.rendition_name(RENDITION)) as file:
            data = file.read()
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            width, height = image.size
            private = image.info.keys() & {"exif", "xmp", "photoshop", "comment"}
    except OSError as error:
        raise Permanent(f"The stored picture of photo {photo.pk} is missing or broken.") from error
    if private:
        # A dataset travels where nobody can call it back: better none than one with somebody's position.
        raise Permanent(f"The stored picture of photo {photo.pk} still holds {', '.join(sorted(private))}.")
    return {
        "size": RENDITION,
        "width": width,
        "height": height,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }


def _notes(dataset: Dataset) -> str:
    return f"datasets/{dataset.pk}/renditions.json"


def _read_notes(dataset: Dataset) -> dict[str, dict[str, Any]]:
    try:
        with default_storage.open(_notes(dataset)) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}
