"""What datasets there are, and which of them hold a photo."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from jobs.models import Job
from labeling.models import Verdict
from labeling.queries.verdicts import of_another_tree
from research.models import Dataset, DatasetPhoto
from research.queries.photos import freezable_occurrences, freezable_photos
from species.models import Consent, Occurrence, Photo, Purpose
from species.queries import taxa
from species.taxonomy.tree import Tree


def datasets() -> QuerySet[Dataset]:
    """Newest first, with what a list of them shows."""
    return Dataset.objects.select_related("created_by", "job").order_by("-created", "-id")


def datasets_containing(photo: Photo) -> QuerySet[Dataset]:
    """Datasets that were published with this photo, retired ones too, oldest first.

    A withdrawal comes too late for these and keeps the photo out of the next one.
    """
    holds = DatasetPhoto.objects.filter(dataset=OuterRef("pk"), photo=photo)
    return Dataset.objects.filter(
        Exists(holds), state__in=[Dataset.State.FROZEN, Dataset.State.RETIRED]
    ).select_related("created_by")


def unsettled() -> QuerySet[Job]:
    """Changes of names, of how they are protected too, that verdicts and places do not follow yet."""
    return Job.objects.unfinished().filter(kind="settle_taxa")


def changed(
    dataset: Dataset,
    *,
    photos: int,
    stood: Mapping[UUID, tuple[object, ...]],
    tree: Tree,
    settled: Iterable[UUID] = (),
) -> bool:
    """Whether what was gathered for a dataset no longer stands.

    `photos`: how many are on its list if none was taken off; `stood`: `stands` of every organism gathered;
    `tree`: the one it was gathered on. A verdict of another tree is none to freeze. `settled`: changes of names
    that were followed before it was gathered.
    """
    if unsettled().exclude(pk__in=list(settled)).exists():
        return True
    if taxa.tree().version != tree.version or of_another_tree(Verdict.objects.all(), tree).exists():
        return True
    listed = DatasetPhoto.objects.filter(dataset=dataset)
    if listed.count() != photos or listed.exclude(photo__in=freezable_photos()).exists():
        return True
    now = {each.pk: stands(each) for each in freezable_occurrences().select_related("observation")}
    # What became verified meanwhile waits for the next one: a busy site must be able to finish a freeze.
    return any(now.get(occurrence) != before for occurrence, before in stood.items())


def stands(organism: Occurrence) -> tuple[object, ...]:
    """What a manifest must not say otherwise by the time it is published: name and public place."""
    sighting = organism.observation
    return (
        organism.agreed_taxon_id,
        sighting.place_shown,
        sighting.place_rule,
        sighting.public_latitude,
        sighting.public_longitude,
    )


def train_withdrawn(dataset: Dataset) -> set[UUID]:
    """Ids of the dataset's photos on which no model may be trained today, whatever was said at the freeze."""
    standing = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )
    return set(
        DatasetPhoto.objects.filter(~Exists(standing), dataset=dataset).values_list("photo_id", flat=True)
    )
