"""What may be frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery
from django.http import QueryDict

from labeling.filters import VerifiedFilter, query_of
from labeling.models import AllBoxed, Box, FieldMark, Identification, Region
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
    *("licence", "credit", "batch__source__display_name"),
)
OF_IDENTIFICATION = (
    *("occurrence", "person__is_source", "confidence", "cannot_improve", "created", "withdrawn_at"),
    *("model_on_screen", "others_on_screen", "disagrees_with__label"),
    *("taxon__label", "taxon__scientific_name", "taxon__rank"),
)
OF_SIGHTING = (
    *(
        "observer__display_name",
        "trip",
        "observed_at",
        "utc_offset",
        "local_date",
        "time_shown",
        "time_source",
        "place_source",
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
        all_boxed: bool

    FreezablePhoto = WithAnnotations[Photo, OfPhoto]

    class OfOccurrence(TypedDict):
        frozen_photos: list[FreezablePhoto]
        all_identifications: list[Identification]
        all_boxes: list[Box]
        all_marks: list[FieldMark]
        all_measurements: list[Measurement]
        all_regions: list[Region]

    Gathered = WithAnnotations[Occurrence, OfOccurrence]


@dataclass(frozen=True)
class Wanted:
    """What is asked for of all that may be frozen; everything, if nothing is said.

    `narrow` leaves of organisms those that are asked for, and asks anew each time; `photos` is a condition on theirs.
    """

    narrow: Callable[[OccurrenceQuerySet], OccurrenceQuerySet] | None = None
    photos: Q = Q()

    def organisms(self) -> OccurrenceQuerySet:
        """Verified organisms of published sightings, given on as something a model can learn."""
        found = Occurrence.objects.published().exported_as(Taxon.objects.nameable())
        return self.narrow(found) if self.narrow else found


EVERYTHING = Wanted()


def wanted(query: str) -> Wanted:
    """What a dataset's `query` asks for, by what everybody may know. Raises REST framework's ValidationError where that
    means nothing (any more).
    """
    if not query:
        return EVERYTHING
    asked = VerifiedFilter(QueryDict(query))
    asked.checked()
    return Wanted(lambda rows: VerifiedFilter(QueryDict(query), queryset=rows).qs, asked.photos())


def canonical(asked: QueryDict) -> str:
    """The one query that means what is asked for, as `Dataset.query` has it. Raises what `wanted` does."""
    values = VerifiedFilter(asked).checked()
    if taxon := values.get("taxon"):
        asked = asked.copy()
        asked["taxon"] = taxon.label
    return query_of(asked, VerifiedFilter)


def verified_photos(wanted: Wanted = EVERYTHING) -> PhotoQuerySet:
    """Photos of organisms that are asked for, whatever their owners allow.

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
    if wanted.narrow:
        links = links.filter(occurrence__in=wanted.organisms().order_by().values("pk"))
    return Photo.objects.filter(Exists(links)).filter(wanted.photos)


def freezable_photos(wanted: Wanted = EVERYTHING) -> PhotoQuerySet:
    """Those that may be handed on: shown, allowed for research, under a licence, and whole.

    A dataset holds the whole picture, and where others see less of it here, nobody may download more.
    """
    return _licensed(_allowed(verified_photos(wanted))).filter(shown_as="")


def _allowed(photos: PhotoQuerySet) -> PhotoQuerySet:
    return photos.shown().allowed_for(Purpose.RESEARCH)


def _licensed(photos: PhotoQuerySet) -> PhotoQuerySet:
    return photos.exclude(licence__in=NO_LICENCE)


def left_out(wanted: Wanted = EVERYTHING) -> dict[str, int]:
    """How many photos that are asked for stay out of the next dataset, by the first reason that holds."""
    photos = verified_photos(wanted)
    allowed = _allowed(photos)
    steps = (photos, photos.shown(), allowed, _licensed(allowed), freezable_photos(wanted))
    counts = [each.count() for each in steps]
    reasons = ("not_shown", "no_research_consent", "no_licence", "surroundings_hidden")
    return {reason: counts[at] - counts[at + 1] for at, reason in enumerate(reasons)}


def gather(wanted: Wanted = EVERYTHING) -> Iterator[Gathered]:
    """Every organism that is asked for with all that a manifest says of it, in chunks; photos as `frozen_photos`.

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
        # Of whatever organism: which of them are read says the outer query.
        freezable_photos(Wanted(photos=wanted.photos))
        .select_related("owner", "batch__source")
        .only(*OF_PHOTO)
        .annotate(
            train=Exists(train),
            organisms=Subquery(organisms),
            all_boxed=Exists(AllBoxed.objects.holding().filter(photo=OuterRef("pk"))),
        )
    )
    gathered = (
        wanted.organisms()
        .select_related("observation__observer", "observation__place", "verdict")
        .only(*OF_ORGANISM)
        .prefetch_related(
            Prefetch("photos", photos, to_attr="frozen_photos"),
            Prefetch(
                "identifications",
                # What a change of names said anew and an undo gave back, nobody ever said.
                Identification.objects.exclude(reapplied__given_back_at__isnull=False)
                .select_related("person", "taxon", "disagrees_with")
                .only(*OF_IDENTIFICATION),
                to_attr="all_identifications",
            ),
            Prefetch("boxes", Box.objects.filter(withdrawn_at=None), to_attr="all_boxes"),
            Prefetch("measurements", Measurement.objects.all(), to_attr="all_measurements"),
            Prefetch("regions", Region.objects.only("occurrence", "photo", *SIDES), to_attr="all_regions"),
        )
    )
    rows = gathered.order_by("pk").iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        yield from _with_marks(some)  # type: ignore[arg-type]  # sees what `annotate` adds, and not what `to_attr` does


def _with_marks(organisms: list[Gathered]) -> list[Gathered]:
    """Put what people pointed at beside each; no way leads there from an organism."""
    marks: dict[UUID, list[FieldMark]] = {each.pk: [] for each in organisms}
    pointed = FieldMark.objects.filter(occurrence__in=list(marks), withdrawn_at=None)
    for each in pointed.select_related("taxon"):
        marks[each.occurrence_id].append(each)
    for organism in organisms:
        organism.all_marks = marks[organism.pk]
    return organisms


def taxa() -> dict[UUID, Taxon]:
    """Every taxon by id, for lineages."""
    return Taxon.objects.in_bulk()
