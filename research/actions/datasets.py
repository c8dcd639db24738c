"""Every write about datasets."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import News, User
from jobs import actions as jobs
from jobs.models import Job
from notices.actions import notify, notify_each
from research.models import CategoryNumber, Dataset, DatasetPerson, DatasetPhoto
from research.queries import people
from research.splits.sides import Shares
from species.actions import photos
from species.models import Consent, Photo, Purpose
from webhooks.actions import tell

TRIES = 5
PEOPLE_AT_ONCE = 500


class NumbersTaken(Exception):
    """Two datasets that were frozen at once number their classes differently; one has to read anew."""


@transaction.atomic
def freeze(
    *,
    title: str,
    by: User,
    note: str = "",
    query: str = "",
    after: Job | None = None,
    shares: Shares | None = None,
) -> Dataset:
    """A new version, made by a background job from what is verified when that runs.

    `query`: what is asked for, as `research.queries.photos.canonical` writes it; empty: everything. With `after`, that
    is when the job `after` is done. Raises PermissionDenied unless `by` is a researcher or an admin, ValidationError
    for an empty or overlong title.
    """
    if not by.is_researcher:
        raise PermissionDenied("Only researchers and admins freeze datasets.")
    if not 0 < len(title.strip()) <= 120:
        raise ValidationError({"title": "Give it a name of at most 120 characters, for people who cite it."})
    shares = shares or Shares(*settings.DATASET_SHARES)
    dataset = _next_version(title=title.strip(), note=note.strip(), query=query, by=by)
    dataset.job = jobs.enqueue(
        kind="freeze",
        arguments={"dataset": str(dataset.pk), "test": shares.test, "validation": shares.validation},
        by=by,
        after=after,
        title=f"Freeze {dataset}",
    )
    dataset.save(update_fields=["job"])
    return dataset


def _next_version(*, title: str, note: str, query: str, by: User) -> Dataset:
    for attempt in range(TRIES):
        last = Dataset.objects.aggregate(last=Max("version"))["last"] or 0
        try:
            with transaction.atomic():
                return Dataset.objects.create(
                    title=title,
                    note=note,
                    query=query,
                    version=last + 1,
                    salt=settings.DATASET_SALT,
                    created_by=by,
                )
        except IntegrityError:
            # Somebody else took the number since we looked.
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def begin(*, dataset: Dataset) -> None:
    """Forget what an earlier attempt at this freeze left behind."""
    dataset.state = Dataset.State.FREEZING
    dataset.summary = {}
    dataset.save(update_fields=["state", "summary"])
    DatasetPhoto.objects.filter(dataset=dataset).delete()


@transaction.atomic
def list_photos(*, dataset: Dataset, sides: list[tuple[Any, str]]) -> None:
    """Put (photo id, side) pairs on the dataset's list; those on it stay as they are."""
    DatasetPhoto.objects.bulk_create(
        [DatasetPhoto(dataset=dataset, photo_id=photo, side=side) for photo, side in sides],
        ignore_conflicts=True,
    )


@transaction.atomic
def publish(
    *,
    dataset: Dataset,
    content_hash: str,
    summary: dict[str, Any],
    numbers: Mapping[UUID, int],
) -> Dataset:
    """The manifest is stored and the list complete: from here on it is frozen.

    The `numbers` of its classes, by taxon, are given for good. Raises NumbersTaken where another dataset has
    meanwhile given a class another number, or a number to another class.
    """
    _give(numbers)
    dataset.content_hash = content_hash
    dataset.summary = summary
    dataset.frozen_at = timezone.now()
    dataset.state = Dataset.State.FROZEN
    dataset.save(update_fields=["content_hash", "summary", "frozen_at", "state"])
    _count_people(dataset)
    _tell_of(dataset)
    return dataset


def _count_people(dataset: Dataset) -> None:
    """Whose photos it holds; passes over its photos twice."""
    photos = DatasetPhoto.objects.filter(dataset=dataset).order_by()
    may_train = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )

    def owners(rows: QuerySet[DatasetPhoto]) -> dict[UUID, int]:
        return dict(rows.values_list("photo__owner").annotate(count=Count("id")))

    held, trainable = owners(photos), owners(photos.filter(Exists(may_train)))
    DatasetPerson.objects.bulk_create(
        [
            DatasetPerson(dataset=dataset, person_id=person, photos=count, trainable=trainable.get(person, 0))
            for person, count in held.items()
        ],
        batch_size=PEOPLE_AT_ONCE,
    )


def _tell_of(dataset: Dataset) -> None:
    """Everybody whose photos are in it, and who asked for it, whose job it was: one notice each."""
    texts = {
        person: f"{counts.photos} of your photos {'is' if counts.photos == 1 else 'are'} in the dataset {dataset}."
        for person, counts in people.to_tell(dataset).items()
    }
    own = texts.pop(dataset.created_by_id, "")
    url, about = _address(dataset), f"dataset:{dataset.pk}"
    data = {
        "dataset": str(dataset.pk),
        "api": reverse("api-dataset-detail", args=[dataset.pk]),
        "page": url,
    }
    tell("dataset.published", data=data, whose=[*texts, dataset.created_by_id])
    notify_each(texts=texts, kind=News.DATASET, url=url, about=about)
    asked = {dataset.created_by_id: f"The dataset {dataset} is frozen. {own}"}
    notify_each(texts=asked, kind="dataset", url=url, about=about)


def _address(dataset: Dataset) -> str:
    return reverse("dataset", args=[dataset.pk])


def _give(numbers: Mapping[UUID, int]) -> None:
    rows = [CategoryNumber(taxon=taxon, number=number) for taxon, number in numbers.items()]
    # What is there stays; asked afterwards, because somebody else may be giving numbers at this moment.
    CategoryNumber.objects.bulk_create(rows, ignore_conflicts=True)
    if dict(CategoryNumber.objects.filter(taxon__in=numbers).values_list("taxon", "number")) != dict(numbers):
        raise NumbersTaken("Another dataset gave these numbers meanwhile.")


@transaction.atomic
def fail(*, dataset: Dataset, why: str) -> Dataset:
    """Nothing came of it; `why` is the sentence its page shows."""
    dataset.state = Dataset.State.FAILED
    dataset.summary = {"why": why}
    dataset.save(update_fields=["state", "summary"])
    notify(
        user=dataset.created_by,
        kind="dataset",
        text=f"The dataset {dataset} came to nothing. {why}",
        url=_address(dataset),
        about=f"dataset:{dataset.pk}",
    )
    # The list protects its photos from erasure, and here there is nothing to protect.
    DatasetPhoto.objects.filter(dataset=dataset).delete()
    return dataset


@transaction.atomic
def retire(*, dataset: Dataset, by: User, reason: str) -> Dataset:
    """Take a published dataset back: its files answer 410 with the reason, its page stays.

    Raises PermissionDenied unless `by` is an admin, ValidationError without a reason or for one that is not
    frozen.
    """
    if not by.is_admin:
        raise PermissionDenied("Only admins retire datasets.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why, for those who have cited it."})
    return _retire(dataset, reason.strip())


@transaction.atomic
def erase(*, photo: Photo, by: User) -> list[Dataset]:
    """Delete a photo for good at its owner's wish, and take back every dataset that was published with it.

    Raises PermissionDenied unless `by` is an admin: others have cited what this takes away.
    """
    if not by.is_admin:
        raise PermissionDenied("A photo that is in a published dataset is erased by an admin.")
    published = Dataset.objects.filter(state=Dataset.State.FROZEN)
    taken = [
        _retire(dataset, "A photo in it was erased at its owner's wish.")
        for dataset in published.filter(dataset_photos__photo=photo)
    ]
    DatasetPhoto.objects.filter(photo=photo).delete()
    photos.erase(photo=photo, by=by)
    return taken


def _retire(dataset: Dataset, reason: str) -> Dataset:
    locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
    if locked.state != Dataset.State.FROZEN:
        raise ValidationError("Only a frozen dataset can be retired.")
    locked.state = Dataset.State.RETIRED
    locked.retired_reason = reason
    locked.save(update_fields=["state", "retired_reason"])
    return locked
