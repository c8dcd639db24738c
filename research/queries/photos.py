"""What may be frozen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery

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
    Taxon,
)

# SPDX's own words for "nobody said that you may".
NO_LICENCE = ("", "NONE", "NOASSERTION")


CHUNK = 500
SIDES = ("x", "y", "width", "height")
# What a manifest prints. Every other column would be read, made a value of and thrown away, for millions of rows.
OF_PHOTO = (
    *("observation", "owner__display_name", "sha256", "phash", "media_type", "drawn", "width", "height"),
    *("licence", "credit"),
)
OF_SIGHTING = (
    *(
        "observer__display_name",
        "trip",
        "observed_at",
        "utc_offset",
        "local_date",
        "time_shown",
        "place_shown",
        "place_rule",
    ),
    *("public_latitude", "public_longitude", "public_uncertainty_m", "public_h3_3", "public_h3_5"),
    *("place__name", "place__uncertainty_m"),
)
OF_ORGANISM = (
    *(
        "exported_taxon",
        "organism_id",
        "establishment_means",
        "verdict__explanation",
        "verdict__reliability_version",
    ),
    *(f"observation__{name}" for name in OF_SIGHTING),
)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class OfPhoto(TypedDict):
        train: bool
        organisms: int

    FreezablePhoto = WithAnnotations[Photo, OfPhoto]

    class OfOccurrence(TypedDict):
        frozen_photos: list[FreezablePhoto]
        standing_identifications: list[Identification]
        all_measurements: list[Measurement]
        all_regions: list[Region]

    Gathered = WithAnnotations[Occurrence, OfOccurrence]


def freezable_occurrences() -> OccurrenceQuerySet:
    """Verified organisms of published sightings, given on as something a model can learn."""
    return Occurrence.objects.published().exported_as(Taxon.objects.nameable())


def verified_photos() -> PhotoQuerySet:
    """Photos of freezable organisms, whatever their owners allow.

    One that was added after the last word about its organism waits for another: nobody who spoke has seen it.
    """
    links = OccurrencePhoto.objects.filter(
        Q(photo__created__lte=F("occurrence__observation__published_at"))
        | Q(photo__created__lte=F("occurrence__last_said"))
        | Q(photo__created__lte=F("occurrence__settled_at")),
        photo=OuterRef("pk"),
        occurrence__listed=True,
        occurrence__exported_taxon__in=Taxon.objects.nameable(),
    )
    return Photo.objects.filter(Exists(links))


def freezable_photos() -> PhotoQuerySet:
    """Those that may be handed on: shown, allowed for research, under a licence, and whole.

    A dataset holds the whole picture, and where others see less of it here, nobody may download more.
    """
    return _allowed().exclude(licence__in=NO_LICENCE).filter(shown_as="")


def _allowed() -> PhotoQuerySet:
    return verified_photos().shown().allowed_for(Purpose.RESEARCH)


def left_out() -> dict[str, int]:
    """How many photos of freezable organisms stay out of the next dataset, by the first reason that holds."""
    photos = verified_photos()
    shown = photos.shown()
    licensed = _allowed().exclude(licence__in=NO_LICENCE)
    steps = (photos, shown, _allowed(), licensed, freezable_photos())
    counts = [each.count() for each in steps]
    reasons = ("not_shown", "no_research_consent", "no_licence", "surroundings_hidden")
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
        .only(*OF_PHOTO)
        .annotate(train=Exists(train), organisms=Subquery(organisms))
    )
    gathered = (
        freezable_occurrences()
        .select_related("observation__observer", "observation__place", "verdict")
        .only(*OF_ORGANISM)
        .prefetch_related(
            Prefetch("photos", photos, to_attr="frozen_photos"),
            Prefetch(
                "identifications",
                Identification.objects.filter(withdrawn_at=None).only(
                    "occurrence", "model_on_screen", "others_on_screen"
                ),
                to_attr="standing_identifications",
            ),
            Prefetch("measurements", Measurement.objects.all(), to_attr="all_measurements"),
            Prefetch("regions", Region.objects.only("occurrence", "photo", *SIDES), to_attr="all_regions"),
        )
    )
    # The plugin sees what `annotate` adds, and not what `to_attr` does.
    return gathered.order_by("pk").iterator(chunk_size=CHUNK)  # type: ignore[return-value]


def taxa() -> dict[UUID, Taxon]:
    """Every taxon by id, for lineages."""
    return Taxon.objects.in_bulk()
