"""What the pages of names show."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from species.models import Measurement, Occurrence, OccurrencePhoto, OccurrenceQuerySet, Photo, Status, Taxon
from species.queries import tallies
from species.taxonomy.tree import Tree


def seen() -> OccurrenceQuerySet:
    """Published, with a photo that anybody may see: what an owner hides is not counted either."""
    return Occurrence.objects.filter(shown=True)


def children_with_counts(taxon: Taxon, tree: Tree) -> list[Taxon]:
    """Accepted taxa directly under this one, hybrids not among them. One query."""
    return [each for each in _under(taxon, tree) if not tree.is_hybrid(str(each.pk))]


def hybrids(taxon: Taxon, tree: Tree) -> list[Taxon]:
    """Those it is a parent of, with both parents. One query."""
    return [each for each in _under(taxon, tree) if tree.is_hybrid(str(each.pk))]


def _under(taxon: Taxon, tree: Tree) -> QuerySet[Taxon]:
    """Whoever has it for a parent, under whatever name it was given as that."""
    ids = [id for id in tree if str(taxon.pk) in tree.parents(id)]
    return Taxon.objects.filter(pk__in=ids).select_related("parent", "second_parent")


def _of(taxa: list[UUID] | None) -> OccurrenceQuerySet:
    """Verified as one of these; None: as anything."""
    return seen().verified() if taxa is None else seen().verified().of(taxa)


def verified_occurrences(taxa: list[UUID] | None) -> OccurrenceQuerySet:
    """With a photo that anybody may see: `first_photo` (its id), `photo_count`, `length_mm`."""
    shown = Photo.objects.shown().filter(occurrence_photos__occurrence=OuterRef("pk"))
    length = Measurement.objects.filter(
        occurrence=OuterRef("pk"), kind=Measurement.Kind.TOTAL_LENGTH
    ).order_by("-created", "-id")
    count = shown.order_by().values("occurrence_photos__occurrence").annotate(count=Count("pk"))
    return (
        _of(taxa)
        .annotate(
            first_photo=Subquery(shown.order_by("position", "created", "id").values("pk")[:1]),
            photo_count=Coalesce(Subquery(count.values("count"), output_field=IntegerField()), 0),
            length_mm=Subquery(length.values("value")[:1]),
        )
        .select_related("agreed_taxon", "observation")
    )


@dataclass(frozen=True)
class Summary:
    """Of the occurrences shown and agreed to be one of some taxa; lengths in mm of the verified ones."""

    by_status: dict[str, int]
    people: int
    shortest_mm: float | None
    longest_mm: float | None
    months: list[int]

    @property
    def verified(self) -> int:
        return self.by_status[Status.VERIFIED]

    @property
    def anything(self) -> bool:
        return any(self.by_status.values())


def summary(taxa: list[UUID] | None) -> Summary:
    """Five queries."""
    lengths = (
        Measurement.objects.filter(kind=Measurement.Kind.TOTAL_LENGTH)
        .filter(occurrence__shown=True, occurrence__status=Status.VERIFIED)
        .values_list("value", flat=True)
    )
    if taxa is not None:
        lengths = lengths.filter(occurrence__agreed_taxon__in=taxa)
    return Summary(
        by_status=tallies.by_status(taxa),
        people=tallies.people(taxa),
        # From the ends of an index: of a common fish one of the shortest is soon found.
        shortest_mm=lengths.order_by("value").first(),
        longest_mm=lengths.order_by("-value").first(),
        months=tallies.verified_by_month(taxa),
    )


def first_photos(taxa: Iterable[UUID]) -> dict[UUID, Photo]:
    """Taxon to a photo of its first verified organism that is shown; none where there is no such. Two queries."""
    first = seen().verified().filter(agreed_taxon=OuterRef("pk")).order_by("listed_at", "id")
    rows = Taxon.objects.filter(pk__in=list(taxa)).annotate(first=Subquery(first.values("pk")[:1]))
    taxon_of = {found: pk for pk, found in rows.values_list("pk", "first") if found}
    links = OccurrencePhoto.objects.filter(occurrence__in=taxon_of, photo__shown=True).select_related("photo")
    photos: dict[UUID, Photo] = {}
    for link in links.order_by("photo__position", "photo__created", "photo_id"):
        photos.setdefault(taxon_of[link.occurrence_id], link.photo)
    return photos
