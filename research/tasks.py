"""Background work on datasets."""

import hashlib
import io
import json
import time
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.exceptions import ValidationError

from jobs.context import Context
from jobs.outcomes import Permanent
from jobs.registry import job
from labeling.actions import reapplied, verdicts
from look.site import site
from research.actions import datasets
from research.manifest import store
from research.manifest import summary as summary_manifest
from research.manifest.build import NothingToFreeze, build, put
from research.manifest.schema import RENDITION
from research.manifest.spool import Spool
from research.models import Dataset
from research.queries import categories
from research.queries import datasets as datasets_queries
from research.queries import photos as photos_queries
from research.splits.sides import Shares
from species.models import Photo, Taxon
from species.queries import taxa, taxon_changes

# Reading every picture is the long part; after a kill it goes on from the last note (seconds between notes).
NOTE_EVERY = 30.0
NOTES = "renditions"
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
    # Not left to the jobs that do the same: they may wait in line behind this one.
    followed = list(taxon_changes.under_way())
    for change in followed:
        reapplied.carry_out(
            change=change,
            progress=lambda done, total: context.progress(done, total, "Taking along what people said"),
        )
    verdicts.follow(
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
    wanted = _wanted(dataset.query)
    left_out = photos_queries.left_out(wanted)
    with Spool() as spool:
        named = photos_queries.taxa()
        _gather(context, spool, named, wanted)
        photos = spool.photos()
        if not photos:
            raise NothingToFreeze(summary_manifest.nothing(left_out))
        _read_pictures(context, dataset, spool)
        context.progress(photos, photos, "Splitting and writing the manifest")
        content = build(
            spool,
            tree=tree,
            taxa=named,
            salt=dataset.salt,
            shares=shares,
            numbers=categories.numbers(),
            query=dataset.query,
            higher=site()["classification"],
        )
        _list(context, dataset, spool.sides())
        summary = summary_manifest.summary(content, left_out)
        context.check()
        digest = store.write(dataset, content)
        context.progress(photos, photos, summary_manifest.outcome(summary))
        changed = f"{dataset} changed {TRIES} times while it was being frozen."
        try:
            with context.commit(finish=True):
                if datasets_queries.changed(
                    dataset,
                    photos=len(content["photos"]),
                    stood=spool.stood(),
                    tree=tree,
                    settled=[job.pk for job in settled],
                    wanted=wanted,
                    followed=[(change.pk, change.state) for change in followed],
                ):
                    raise Changed(changed)
                numbers = {UUID(each["taxon"]): each["id"] for each in content["categories"]}
                datasets.publish(dataset=dataset, content_hash=digest, summary=summary, numbers=numbers)
        except datasets.NumbersTaken as error:
            raise Changed(changed) from error
    for name in _notes(dataset):
        default_storage.delete(name)


def _wanted(query: str) -> photos_queries.Wanted:
    try:
        return photos_queries.wanted(query)
    except ValidationError as error:
        # Asked for while it meant something: a name may be gone since.
        said = " ".join(str(text) for texts in error.detail.values() for text in texts)
        raise Permanent(f"What was asked for cannot be found any more. {said}") from error


def _gather(
    context: Context, spool: Spool, taxa: Mapping[UUID, Taxon], wanted: photos_queries.Wanted
) -> None:
    """Put everything that is asked for and may be frozen on disk."""
    for done, organism in enumerate(photos_queries.gather(wanted)):
        context.progress(done, None, f"Reading what is verified: {done:,} organisms")
        taxon = organism.exported_taxon_id
        assert taxon is not None  # it is verified
        put(spool, organism, taxon=taxa[taxon], stands=datasets_queries.stands(organism))


def _list(context: Context, dataset: Dataset, sides: Iterator[tuple[str, str]]) -> None:
    while some := list(islice(sides, LIST_AT_ONCE)):
        began = time.monotonic()
        with context.commit():
            datasets.list_photos(dataset=dataset, sides=some)
        # SQLite has one writer: as long as this had the database, the people at the site get it now.
        time.sleep(min(1.0, time.monotonic() - began))


def _read_pictures(context: Context, dataset: Dataset, spool: Spool) -> None:
    """Say what is stored of every photo at 1008 px. Its files never change: what an earlier attempt noted holds."""
    for name in _notes(dataset):
        for photo, said in _read_notes(name).items():
            spool.picture(photo, said)
    done, total, noted, fresh = 0, spool.photos(), time.monotonic(), {}
    while waiting := spool.without_picture(LIST_AT_ONCE):
        for photo, sha256 in waiting:
            context.progress(done, total, f"Reading {total} photos")
            fresh[photo] = _rendition(Photo(pk=UUID(photo), sha256=sha256))
            spool.picture(photo, fresh[photo])
            done += 1
            if time.monotonic() - noted > NOTE_EVERY:
                # Each note by itself: one of all that was read would be written a thousand times.
                name = f"datasets/{dataset.pk}/{NOTES}-{uuid4()}.json"
                default_storage.save(name, ContentFile(json.dumps(fresh).encode()))
                noted, fresh = time.monotonic(), {}


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
        "crc32": zlib.crc32(data),
        "bytes": len(data),
    }


def _notes(dataset: Dataset) -> list[str]:
    """Names of what attempts at this freeze have noted."""
    folder = f"datasets/{dataset.pk}"
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in names if name.startswith(NOTES)]


def _read_notes(name: str) -> dict[str, dict[str, Any]]:
    try:
        with default_storage.open(name) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}
