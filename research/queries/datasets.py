"""What datasets there are, and which of them hold a photo."""

import json
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from jobs.models import Job
from labeling.queries.verdicts import not_followed
from research.models import Dataset, DatasetPhoto
from research.queries.photos import CHUNK, EVERYTHING, Wanted, freezable_photos
from species.models import Consent, Occurrence, Photo, Purpose, Taxon
from species.queries import taxa, taxon_changes
from species.queries.elsewhere import Keeper
from species.queries.taxon_changes import Touched
from species.taxonomy.tree import Tree

LOOKED_AT = 300  # datasets, the newest, whose classes a preview compares
NAMED = 5  # that it names


def datasets() -> QuerySet[Dataset]:
    """Newest first, with what a list of them shows."""
    return Dataset.objects.select_related("created_by", "job").order_by("-created", "-id")


def before(dataset: Dataset) -> Dataset | None:
    """The newest that was frozen before it and asked for the same."""
    earlier = Dataset.objects.filter(
        state=Dataset.State.FROZEN, query=dataset.query, version__lt=dataset.version
    )
    return earlier.order_by("-version").first()


def datasets_containing(photo: Photo) -> QuerySet[Dataset]:
    """Datasets that were published with this photo, retired ones too, oldest first.

    A withdrawal comes too late for these and keeps the photo out of the next one.
    """
    holds = DatasetPhoto.objects.filter(dataset=OuterRef("pk"), photo=photo)
    return Dataset.objects.filter(
        Exists(holds), state__in=[Dataset.State.FROZEN, Dataset.State.RETIRED]
    ).select_related("created_by")


def holdings(photos: Collection[UUID]) -> QuerySet[DatasetPhoto]:
    """Where these photos are in published datasets, those that were taken back too, the newest dataset first."""
    published = [Dataset.State.FROZEN, Dataset.State.RETIRED]
    rows = DatasetPhoto.objects.filter(photo__in=photos, dataset__state__in=published)
    return rows.select_related("dataset").order_by("-dataset__created", "-dataset__id", "id")


def keep(photos: Collection[UUID], **sent: object) -> list[Keeper]:
    """Receives `species.queries.elsewhere.asked`: published datasets with any of these photos, oldest first."""
    published = [Dataset.State.FROZEN, Dataset.State.RETIRED]
    rows = DatasetPhoto.objects.filter(photo__in=photos, dataset__state__in=published).select_related(
        "dataset"
    )
    held: dict[Dataset, set[UUID]] = {}
    for each in rows.order_by("dataset__created", "dataset__id"):
        held.setdefault(each.dataset, set()).add(each.photo_id)
    return [
        Keeper(str(dataset), reverse("dataset", args=[dataset.pk]), frozenset(ids))
        for dataset, ids in held.items()
    ]


def touched(taxa: Collection[UUID], **sent: object) -> list[Touched]:
    """Receives `species.queries.taxon_changes.asked`: published datasets with a class of these names.

    They keep what they have. Found by the labels of their summaries: the newest few hundred are looked at.
    """
    labels = set(Taxon.objects.filter(pk__in=taxa).values_list("label", flat=True))
    published = Dataset.objects.filter(state__in=[Dataset.State.FROZEN, Dataset.State.RETIRED])
    rows = list(published.only("title", "version", "summary").order_by("-created", "-id")[: LOOKED_AT + 1])
    found = [
        each
        for each in rows[:LOOKED_AT]
        if labels.intersection(of["label"] for of in each.summary.get("classes", ()))
    ]
    pages = tuple((str(each), reverse("dataset", args=[each.pk])) for each in found[:NAMED])
    return [Touched("datasets with this class", len(found), len(rows) > LOOKED_AT, pages)]


def unsettled() -> QuerySet[Job]:
    """Changes of names, of how they are protected too, that verdicts and places do not follow yet."""
    return Job.objects.unfinished().filter(kind="settle_taxa")


def changed(
    dataset: Dataset,
    *,
    photos: int,
    stood: Iterable[tuple[str, str]],
    tree: Tree,
    settled: Iterable[UUID] = (),
    wanted: Wanted = EVERYTHING,
    followed: Collection[tuple[UUID, str]] = (),
) -> bool:
    """Whether what was gathered for a dataset no longer stands.

    `photos`: how many are on its list if none was taken off; `stood`: id of every organism gathered, in the order
    of ids, and what `stands` said of it; `tree`: the one it was gathered on. A verdict of another tree, or of another
    table of reliability, is none to freeze. `settled`: changes of names that were followed before it was gathered;
    `followed`: merges, splits and swaps likewise, each with what was being done with it; `wanted`: what was asked for.
    """
    if set(taxon_changes.under_way().values_list("pk", "state")) - set(followed):
        return True
    if unsettled().exclude(pk__in=list(settled)).exists():
        return True
    if taxa.tree().version != tree.version or not_followed(tree).exists():
        return True
    listed, allowed = (
        DatasetPhoto.objects.filter(dataset=dataset),
        freezable_photos(Wanted(photos=wanted.photos)),
    )
    if listed.count() != photos or listed.exclude(photo__in=allowed).exists():
        return True
    # Both in the order of ids, so that neither is held in memory. What became verified meanwhile waits for the next
    # one: a busy site must be able to finish a freeze.
    now = wanted.organisms().order_by("pk").values_list("pk", *STANDS).iterator(CHUNK)
    for occurrence, before in stood:
        pk = UUID(occurrence)
        found = next((row for row in now if row[0] >= pk), None)
        if found is None or found[0] != pk or _text(found[1:]) != before:
            return True
    return False


# What a manifest must not say otherwise by the time it is published: name, public place, how much of the time is told.
STANDS = (
    "exported_taxon",
    *(
        f"observation__{name}"
        for name in ("place_shown", "place_rule", "public_latitude", "public_longitude", "time_shown")
    ),
)


def stands(organism: Occurrence) -> str:
    """These of an organism, as a text to compare."""
    sighting = organism.observation
    place = (sighting.place_shown, sighting.place_rule, sighting.public_latitude, sighting.public_longitude)
    return _text((organism.exported_taxon_id, *place, sighting.time_shown))


def _text(values: Iterable[object]) -> str:
    return json.dumps(list(values), default=str)


def train_withdrawn(dataset: Dataset) -> set[UUID]:
    """Ids of the dataset's photos on which no model may be trained today, whatever was said at the freeze."""
    standing = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )
    return set(
        DatasetPhoto.objects.filter(~Exists(standing), dataset=dataset).values_list("photo_id", flat=True)
    )
