"""Builders for this floor's tests: sightings that people agree on, and datasets frozen from them."""

import io
import zipfile

from jobs import worker
from labeling.actions import identifications
from research.actions import datasets
from research.models import Dataset
from species.models import Observation, Occurrence
from tests import universe


def agreed(owner, taxon, people, seed: object = 0, **fields) -> Occurrence:
    """A published sighting of `owner` that `people` and the owner name `taxon`."""
    sighting = universe.sighting(owner, seed=seed, **fields)
    return agree(sighting, taxon, [owner, *people])


def agree(sighting: Observation, taxon, people) -> Occurrence:
    occurrence = sighting.occurrences.get()
    for person in people:
        identifications.add(occurrence=occurrence, taxon=taxon, by=person)
    occurrence.refresh_from_db()
    assert occurrence.status == "verified"
    return occurrence


def freeze(by, title: str = "Trout of the Enns", **options) -> Dataset:
    """Ask for a dataset and do the job."""
    dataset = datasets.freeze(title=title, by=by, **options)
    worker.run_due()
    dataset.refresh_from_db()
    return dataset


def opened(pieces) -> zipfile.ZipFile:
    """An export as a zip file, read from its stream."""
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
