"""What datasets there are, and which of them hold a photo."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from labeling.models import Verdict
from labeling.queries.verdicts import of_another_tree
from research.models import Dataset, DatasetPhoto
from research.queries.photos import freezable_occurrences, freezable_photos
from species.models import Consent, Photo, Purpose
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


def changed(dataset: Dataset, *, photos: int, agreed: Mapping[UUID, UUID], tree: Tree) -> bool:
    """Whether what was gathered for a dataset no longer stands.

    `photos`: how many are on its list if none was taken off; `agreed`: the taxon of every organism gathered;
    `tree`: the one it was gathered on. A verdict of another tree is none to freeze.
    """
    if taxa.tree().version != tree.version or of_another_tree(Verdict.objects.all(), tree).exists():
        return True
    listed = DatasetPhoto.objects.filter(dataset=dataset)
    if listed.count() != photos or listed.exclude(photo__in=freezable_photos()).exists():
        return True
    stands = dict(freezable_occurrences().order_by().values_list("pk", "agreed_taxon"))
    # What became verified meanwhile waits for the next one: a busy site must be able to finish a freeze.
    return any(stands.get(occurrence) != taxon for occurrence, taxon in agreed.items())


def train_withdrawn(dataset: Dataset) -> set:
    """Ids of the dataset's photos on which no model may be trained today, whatever was said at the freeze."""
    standing = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )
    return set(
        DatasetPhoto.objects.filter(~Exists(standing), dataset=dataset).values_list("photo_id", flat=True)
    )
