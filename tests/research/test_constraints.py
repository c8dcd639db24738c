"""What the database itself refuses, whatever the code above it does."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from research.models import Dataset, DatasetPerson, DatasetPhoto


def refused(constraint: str):
    """The block breaks this constraint. SQLite names a unique one by its columns only."""
    return pytest.raises(IntegrityError, match=constraint)


def make(by, **fields) -> Dataset:
    return Dataset.objects.create(**{"title": "Trout", "version": 1, "salt": "x", "created_by": by, **fields})


def test_a_version_is_given_once(rosa):
    make(rosa)
    with refused("dataset_version_once|research_dataset.version"), transaction.atomic():
        make(rosa)


@pytest.mark.parametrize("state", ["frozen", "retired"])
def test_frozen_means_hash_and_date(rosa, state):
    now = timezone.now()
    for missing in ({"content_hash": "", "frozen_at": now}, {"content_hash": "f" * 64, "frozen_at": None}):
        with refused("dataset_frozen_has_a_hash"), transaction.atomic():
            make(rosa, state=state, **missing)
    make(rosa, state=state, content_hash="f" * 64, frozen_at=now)


def test_a_photo_is_in_a_dataset_once(dataset):
    row = DatasetPhoto.objects.first()
    with refused("dataset_photo_once|research_datasetphoto.dataset_id"), transaction.atomic():
        DatasetPhoto.objects.create(dataset=dataset, photo=row.photo, side="test")


def test_a_photo_in_a_dataset_cannot_just_vanish(dataset):
    with pytest.raises(ProtectedError):
        DatasetPhoto.objects.first().photo.delete()


def test_a_person_is_counted_once_and_has_photos(dataset, alice):
    with refused("dataset_person_once|research_datasetperson.dataset_id"), transaction.atomic():
        DatasetPerson.objects.create(dataset=dataset, person=alice, photos=1, trainable=1)
    for photos, trainable in ((0, 0), (1, 2)):
        with refused("dataset_person_has_photos"), transaction.atomic():
            DatasetPerson.objects.update(photos=photos, trainable=trainable)
