"""What may be frozen, what datasets there are, and which of them hold a photo."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery

from jobs.models import Job
from labeling.models import Identification, Region
from research.models import Dataset, DatasetPhoto
from species.models import Consent, Measurement, Occurrence, OccurrencePhoto, Photo, Purpose, Taxon

# SPDX's own words for "nobody said that you may".
NO_LICENCE = ("", "NONE", "NOASSERTION")
CHUNK = 500


def freezable_occurrences() -> QuerySet[Occurrence]:
    """Verified organisms of published sightings, agreed to be something a model can learn."""
    return Occurrence.objects.published().verified().of(Taxon.objects.nameable())


def verified_photos() -> QuerySet[Photo]:
    """Photos of freezable organisms, whatever their owners allow."""
    return Photo.objects.filter(
        Exists(OccurrencePhoto.objects.filter(photo=OuterRef("pk"), occurrence__in=freezable_occurrences()))
    )


def freezable_photos() -> QuerySet[Photo]:
    """Those that may be handed on: shown, allowed for research, under a licence."""
    return verified_photos().shown().allowed_for(Purpose.RESEARCH).exclude(licence__in=NO_LICENCE)


def left_out() -> dict[str, int]:
    """How many photos of freezable organisms stay out of the next dataset, by the first reason that holds."""
    photos = verified_photos()
    shown = photos.shown()
    allowed = shown.allowed_for(Purpose.RESEARCH)
    counts = [photos.count(), shown.count(), allowed.count(), freezable_photos().count()]
    reasons = ("not_shown", "no_research_consent", "no_licence")
    return {reason: counts[at] - counts[at + 1] for at, reason in enumerate(reasons)}


def gather() -> Iterator[Occurrence]:
    """Every freezable organism with all that a manifest says of it, in chunks; photos as `frozen_photos`.

    Those whose photos all stay out come too, with an empty list.
    """
    train = Consent.objects.filter(
        photo=OuterRef("pk"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )
    # A join would be multiplied by the one that the prefetch adds.
    organisms = (
        OccurrencePhoto.objects.filter(photo=OuterRef("pk"))
        .order_by()
        .values("photo")
        .annotate(count=Count("pk"))
        .values("count")
    )
    photos = (
        freezable_photos()
        .select_related("owner")
        .annotate(train=Exists(train), organisms=Subquery(organisms))
    )
    return (
        freezable_occurrences()
        .select_related("agreed_taxon", "observation__observer", "verdict")
        .prefetch_related(
            Prefetch("photos", photos, to_attr="frozen_photos"),
            Prefetch(
                "identifications",
                Identification.objects.filter(withdrawn_at=None),
                to_attr="standing_identifications",
            ),
            Prefetch("measurements", Measurement.objects.all()),
            Prefetch("regions", Region.objects.all()),
        )
        .iterator(chunk_size=CHUNK)
    )


def taxa() -> dict:
    """Every taxon by id, for lineages."""
    return Taxon.objects.in_bulk()


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


def changed(dataset: Dataset, *, photos: int, stood: Mapping[UUID, tuple]) -> bool:
    """Whether what was gathered for a dataset no longer stands.

    `photos`: how many are on its list if none was taken off; `stood`: `stands` of every organism gathered.
    """
    # A name became protected, or moved: verdicts and places follow by this job.
    if Job.objects.unfinished().filter(kind="settle_taxa").exists():
        return True
    listed = DatasetPhoto.objects.filter(dataset=dataset)
    if listed.count() != photos or listed.exclude(photo__in=freezable_photos()).exists():
        return True
    now = {each.pk: stands(each) for each in freezable_occurrences().select_related("observation")}
    # What became verified meanwhile waits for the next one: a busy site must be able to finish a freeze.
    return any(now.get(occurrence) != before for occurrence, before in stood.items())


def stands(organism: Occurrence) -> tuple:
    """What a manifest must not say otherwise by the time it is published: name and public place."""
    sighting = organism.observation
    return (
        organism.agreed_taxon_id,
        sighting.place_shown,
        sighting.place_rule,
        sighting.public_latitude,
        sighting.public_longitude,
    )


def train_withdrawn(dataset: Dataset) -> set:
    """Ids of the dataset's photos on which no model may be trained today, whatever was said at the freeze."""
    standing = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=Purpose.TRAIN, granted=True, superseded_at=None
    )
    return set(
        DatasetPhoto.objects.filter(~Exists(standing), dataset=dataset).values_list("photo_id", flat=True)
    )
