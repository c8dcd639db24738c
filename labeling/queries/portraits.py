"""Pictures by which taxa are recognized: those chosen before, and what they are chosen from."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from labeling.models import Flag, Portrait, Region
from labeling.queries.boxes import Sides, frames_on
from species.images.surroundings import within
from species.models import Occurrence, OccurrencePhoto, Photo, Status, Taxon
from species.queries import tallies
from species.queries.taxon_pages import seen

# Of each taxon the newest are looked at, and of all those that people last agreed a box of.
NEWEST, BOXED = 100, 200
# Pixels of the longer side at 1008, below which an organism is too small to be known by.
LARGE_ENOUGH = 250


class Picture(NamedTuple):
    """A verified photo of a taxon; `box`: where on the whole of it the organism is, in fractions."""

    taxon: Taxon
    photo: Photo
    box: Sides | None


def standing() -> QuerySet[Portrait]:
    """Those whose photo is still shown, and its organism still verified as that taxon."""
    return Portrait.objects.filter(
        photo__shown=True,
        occurrence__shown=True,
        occurrence__status=Status.VERIFIED,
        occurrence__agreed_taxon=F("taxon"),
    ).order_by()


def of(taxa: Collection[UUID]) -> dict[UUID, Picture]:
    """Of each that has a verified organism anybody may see; of one without a portrait the first one. One query."""
    its_portrait = standing().filter(taxon=OuterRef("pk")).values("occurrence")
    first = seen().verified().filter(agreed_taxon=OuterRef("pk")).order_by("listed_at", "id").values("pk")
    picked = Coalesce(Subquery(its_portrait), Subquery(first[:1]), output_field=UUIDField())
    chosen = Taxon.objects.filter(pk__in=list(taxa)).order_by().annotate(chosen=picked).values("chosen")
    portrait = Portrait.objects.filter(
        taxon=OuterRef("occurrence__agreed_taxon"),
        occurrence=OuterRef("occurrence"),
        photo=OuterRef("photo"),
    ).order_by()
    links = OccurrencePhoto.objects.filter(occurrence__in=chosen, photo__shown=True)
    links = links.annotate(is_portrait=Exists(portrait), box=Subquery(portrait.values("box")))
    rows = links.select_related("photo", "occurrence__agreed_taxon")
    found: dict[UUID, Picture] = {}
    for link in rows.order_by("-is_portrait", "photo__position", "photo__created", "photo_id"):
        if (taxon := link.occurrence.agreed_taxon) is not None:
            found.setdefault(taxon.pk, Picture(taxon, link.photo, tuple(link.box) if link.box else None))
    return found


class Candidate(NamedTuple):
    occurrence: UUID
    photo: Photo
    box: Sides | None

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """The higher the better: of a camera, with its organism large enough in a box, by pixels as others see it."""
        width, height = self.photo.rendition_size(1008)
        seen = within(self.box, self.photo.shown_part) if self.box else None
        if seen is None:
            return not self.photo.drawn, False, width * height
        across, high = seen[2] * width, seen[3] * height
        return not self.photo.drawn, max(across, high) >= LARGE_ENOUGH, across * high


def best(taxon: UUID, also: Iterable[UUID] = ()) -> Candidate | None:
    """The best of the newest that are verified as `taxon`, and of these organisms if they are. Three queries."""
    verified = Occurrence.objects.filter(shown=True, status=Status.VERIFIED, agreed_taxon=taxon).order_by()
    newest = verified.order_by("-listed_at", "-id").values_list("pk", flat=True)[:NEWEST]
    ids = [*newest, *verified.filter(pk__in=list(also)).values_list("pk", flat=True)]
    reported = Flag.objects.filter(photo=OuterRef("photo"), resolved_at=None)
    links = OccurrencePhoto.objects.filter(~Exists(reported), occurrence__in=ids, photo__shown=True)
    rows = list(links.select_related("photo").order_by("photo__created", "photo_id", "occurrence_id"))
    frames = frames_on(ids, [each.photo_id for each in rows])
    boxes = {(each.occurrence, each.photo): each[2:] for each in frames}
    found = [
        Candidate(each.occurrence_id, each.photo, boxes.get((each.occurrence_id, each.photo_id)))
        for each in rows
    ]
    return max(found, key=lambda each: each.rank, default=None)


def taxa() -> list[UUID]:
    """Those of which a verified organism is shown. One query."""
    return sorted(tallies.verified_of_each())


def lately_boxed() -> dict[UUID, list[UUID]]:
    """Taxon to organisms that people last agreed on a box of. One query."""
    rows = Region.objects.filter(occurrence__status=Status.VERIFIED).order_by("-created", "-id")
    found: dict[UUID, list[UUID]] = {}
    for taxon, occurrence in rows.values_list("occurrence__agreed_taxon", "occurrence")[:BOXED]:
        found.setdefault(taxon, []).append(occurrence)
    return found


def anything_new() -> bool:
    """Whether anything was verified, or a box agreed on, since somebody last looked, or a portrait is none any more.

    At most four queries.
    """
    last = Portrait.objects.order_by("-looked_at").values_list("looked_at", flat=True).first()
    verified: QuerySet[Occurrence] = Occurrence.objects.filter(shown=True, status=Status.VERIFIED).order_by()
    if last is None:
        return verified.exists()
    return (
        verified.filter(settled_at__gt=last).exists()
        or Region.objects.filter(created__gt=last).exists()
        or Portrait.objects.exclude(pk__in=standing().values("pk")).exists()
    )
