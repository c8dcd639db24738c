"""A dataset as the training program reads it: files on disk and one JSON-able dict."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from jobs.outcomes import Permanent
from research.manifest import store
from research.models import Dataset
from research.queries import datasets
from research.splits.folds import grouped_folds
from research.splits.items import Item, PhotoId
from species.models import Photo

# A class of one photo cannot be both learned and measured.
PHOTOS_AT_LEAST = 2


class NothingToTrainOn(Permanent):
    """The dataset leaves too little to tell apart; the text says why."""


def training_manifest(dataset: Dataset, folder: Path, *, kfold: int | None = None) -> dict[str, Any]:
    """What `ml.vision.train` reads, without its options: see `docs/manifest.md`.

    Holds the photos that show one kind only, were allowed for training at the freeze, and still are. `path`
    is the original: its place in the store where that is this machine's disk, else a copy under `folder`.
    With `kfold` every photo has a `fold` too, and nothing that shows the same is in two of them. `left_out`
    counts the rest by reason, and `classes_left_out` are the classes that went with it.
    Raises manifest.Unreadable and NothingToTrainOn.
    """
    content = store.read(dataset)
    label_of = {each["id"]: each["label"] for each in content["occurrences"]}
    withdrawn = {str(photo) for photo in datasets.train_withdrawn(dataset)}
    left_out: Counter[str] = Counter()
    taken = []
    for photo in content["photos"]:
        labels = {label_of[occurrence] for occurrence in photo["occurrences"]}
        if not photo["train"]:
            left_out["no_train_consent"] += 1
        elif photo["id"] in withdrawn:
            left_out["train_consent_withdrawn"] += 1
        elif len(labels) > 1 or photo["organisms"] > len(photo["occurrences"]):
            left_out["shows_something_else_too"] += 1
        else:
            taken.append((photo, labels.pop()))
    per_class = Counter(label for _, label in taken)
    classes = sorted(label for label, count in per_class.items() if count >= PHOTOS_AT_LEAST)
    if len(classes) < 2:
        raise NothingToTrainOn(
            f"{dataset} leaves {len(classes)} classes with {PHOTOS_AT_LEAST} photos that may be trained on; "
            "telling apart takes two."
        )
    left_out["too_few_of_its_class"] = len(taken) - sum(per_class[label] for label in classes)
    gone = {each["label"] for each in content["categories"]} - set(classes)
    taken = [(photo, label) for photo, label in taken if label in classes]
    fold = _folds(content, taken, kfold) if kfold else {}
    return {
        "dataset_hash": dataset.content_hash,
        "classes": classes,
        # A model's class is a taxon; what it is called here is how it was called at the freeze.
        "taxa": {
            each["label"]: each["taxon"]
            for each in content["categories"]
            if each["label"] in classes and "taxon" in each
        },
        "photos": [
            {
                "id": photo["id"],
                "path": str(_local(photo["sha256"], folder)),
                "sha256": photo["sha256"],
                "occurrence": photo["occurrences"][0],
                "group": photo["group"],
                "label": label,
                "split": photo["side"],
                "drawn": photo.get("drawn", False),
            }
            | ({"fold": fold[photo["id"]]} if kfold else {})
            for photo, label in taken
        ],
        "needs_kfold": content["split"]["needs_kfold"],
        "classes_left_out": sorted(gone),
        "left_out": {reason: count for reason, count in sorted(left_out.items()) if count},
    }


def _folds(content: dict[str, Any], taken: list[tuple[dict[str, Any], str]], k: int) -> dict[PhotoId, int]:
    """A fold for every photo. Groups alone would not do: near-duplicates and trips tie some together."""
    sightings = {each["id"]: each for each in content["observations"]}
    organisms = {each["id"]: each for each in content["occurrences"]}
    # One of which no more than the month is told may be of any day of it: all of that month there stay together.
    whole = {_where(each) for each in sightings.values() if each.get("month")}

    def item(photo: dict[str, Any], occurrence: str, label: str) -> Item:
        sighting = sightings[photo["observation"]]
        place, month = _where(sighting)
        trip, day = sighting["trip"], sighting["local_date"]
        return Item(
            photo=photo["id"],
            occurrence=occurrence,
            observation=photo["observation"],
            observer=None,
            # The group stands for the anchor that it was made from; without a day the sighting is the anchor.
            local_day=f"{month}-01" if month else None,
            cell=place if (place, month) in whole else photo["group"],
            trip=f"{trip} {day}" if trip and day else None,
            organism_id=organisms[occurrence]["organism_id"] or None,
            phash=photo["phash"] or None,
            label=label,
            sha256=photo["sha256"],
        )

    items = (item(photo, occurrence, label) for photo, label in taken for occurrence in photo["occurrences"])
    try:
        return grouped_folds(items, k).fold
    except ValueError as error:
        raise NothingToTrainOn(str(error)) from error


def _where(sighting: dict[str, Any]) -> tuple[str, str]:
    """Its rough place, or else its observer, and its month, empty where that is unknown."""
    place = (sighting["place"] or {}).get("h3_5") or f"observer {sighting['observer']}"
    return place, sighting.get("month") or (sighting["local_date"] or "")[:7]


def _local(sha256: str, folder: Path) -> Path:
    """The original as a file on this machine. Names are content addresses: what is there already is right."""
    name = Photo(sha256=sha256).original_name
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        pass
    copy = folder / name
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Under another name until it is whole, so that a killed copy is not taken for the photo.
        with (
            default_storage.open(name) as original,
            tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as part,
        ):
            shutil.copyfileobj(original, part)
        Path(part.name).replace(copy)
    return copy
