"""What may be frozen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery

from labeling.models import Identification, Region
from species.models import (
    Consent,
    Measurement,
    Occurrence,
    OccurrencePhoto,
    OccurrenceQuerySet,
    Photo,
    PhotoQuerySet,
    Purpose,
    Status,
    Taxon,
)

# SPDX's own words for "nobody said that you may".
NO_LICENCE = ("", "NONE", "NOASSERTION")


CHUNK = 500

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class OfPhoto(TypedDict):
        train: bool
        organisms: int

    FreezablePhoto = WithAnnotations[Photo, OfPhoto]

    class OfOccurrence(TypedDict):
        frozen_photos: list[FreezablePhoto]
        standing_identifications: list[Identification]

    Gathered = WithAnnotations[Occurrence, OfOccurrence]


def freezable_occurrences() -> OccurrenceQuerySet:
    """Verified organisms of published sightings, agreed to be something a model can learn."""
    return Occurrence.objects.published().verified().of(Taxon.objects.nameable())


def verified_photos() -> PhotoQuerySet:
    """Photos of freezable organisms, whatever their owners allow."""
    links = OccurrencePhoto.objects.filter(
        photo=OuterRef("pk"),
        occurrence__listed=True,
        occurrence__status=Status.VERIFIED,
        occurrence__agreed_taxon__in=Taxon.objects.nameable(),
    )
    return Photo.objects.filter(Exists(links))


def freezable_photos() -> PhotoQuerySet:
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


def gather() -> Iterator[Gathered]:
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
    gathered = (
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
    )
    # The plugin sees what `annotate` adds, and not what `to_attr` does.
    return gathered.iterator(chunk_size=CHUNK)  # type: ignore[return-value]


def taxa() -> dict[UUID, Taxon]:
    """Every taxon by id, for lineages."""
    return Taxon.objects.in_bulk()
