"""The files of datasets in the default storage, and whether they are what was frozen."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from django.core.files.storage import default_storage

from jobs.models import State
from research.manifest import store
from research.models import Dataset
from species.models import Photo

FOLDERS = ("datasets",)
PUBLISHED = (Dataset.State.FROZEN, Dataset.State.RETIRED)


def files_expected(folder: str) -> list[str]:
    """The storage names in one of FOLDERS that rows refer to, sorted."""
    return sorted(dataset.manifest_name for dataset in Dataset.objects.filter(state__in=PUBLISHED))


def is_expected(name: str) -> bool:
    """Does a row refer to this name now, or may a freeze still be at work on it?"""
    try:
        dataset = Dataset.objects.filter(pk=UUID(name.split("/")[1])).first()
    except (IndexError, ValueError):
        return False
    if dataset is None or dataset.state == Dataset.State.FAILED:
        return False
    return dataset.state == Dataset.State.FREEZING or name == dataset.manifest_name


def unfinished() -> Iterator[str]:
    """A sentence for each dataset that is being frozen by no job."""
    freezing = Dataset.objects.filter(state=Dataset.State.FREEZING).select_related("job")
    for dataset in freezing.order_by("created", "id"):
        if dataset.job is None or dataset.job.state == State.DONE:
            yield f"{dataset} is being frozen, and no job does it."


def damaged() -> Iterator[str]:
    """A sentence for each manifest, and each picture of a dataset, that is not what was frozen. Reads them all."""
    for dataset in Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("created", "id"):
        try:
            photos = store.read(dataset)["photos"]
        except store.Unreadable as error:
            yield str(error)
            continue
        for photo in photos:
            picture = photo["rendition"]
            name = Photo(id=photo["id"], sha256=photo["sha256"]).rendition_name(picture["size"])
            try:
                with default_storage.open(name) as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                yield f"{name} is missing, and {dataset} holds it."
                continue
            if found != picture["sha256"]:
                yield f"{name} is not the picture that {dataset} holds."
