"""What the pages of names show."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, ExtractMonth

from species.models import Measurement, Occurrence, OccurrenceQuerySet, Photo, Status, Taxon
from species.taxonomy.tree import Tree


def seen() -> OccurrenceQuerySet:
    """Published, with a photo that anybody may see: what an owner hides is not counted either."""
    shown = Photo.objects.shown().filter(occurrence_photos__occurrence=OuterRef("pk"))
    return Occurrence.objects.published().filter(Exists(shown))


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


def verified_occurrences(taxa: list[UUID]) -> OccurrenceQuerySet:
    """With a photo that anybody may see: `first_photo` (its id), `photo_count`, `length_mm`; newest first."""
    shown = Photo.objects.shown().filter(occurrence_photos__occurrence=OuterRef("pk"))
    length = Measurement.objects.filter(
        occurrence=OuterRef("pk"), kind=Measurement.Kind.TOTAL_LENGTH
    ).order_by("-created", "-id")
    count = shown.order_by().values("occurrence_photos__occurrence").annotate(count=Count("pk"))
    return (
        seen()
        .verified()
        .of(taxa)
        .annotate(
            first_photo=Subquery(shown.order_by("position", "created", "id").values("pk")[:1]),
            photo_count=Coalesce(Subquery(count.values("count"), output_field=IntegerField()), 0),
            length_mm=Subquery(length.values("value")[:1]),
        )
        .select_related("agreed_taxon", "observation")
        .order_by("-created", "-id")
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


def summary(taxa: list[UUID]) -> Summary:
    """Three queries."""
    agreed = seen().of(taxa)
    counts = agreed.aggregate(
        people=Count(
            "observation__observer",
            filter=Q(status=Status.VERIFIED),
            distinct=True,
        ),
        **{status: Count("pk", filter=Q(status=status)) for status in Status.values},
    )
    lengths = Measurement.objects.filter(
        occurrence__in=agreed.filter(status=Status.VERIFIED).order_by(),
        kind=Measurement.Kind.TOTAL_LENGTH,
    ).aggregate(shortest=Min("value"), longest=Max("value"))
    by_month = dict(
        agreed.filter(status=Status.VERIFIED, observation__local_date__isnull=False)
        .order_by()
        .values_list(ExtractMonth("observation__local_date"))
        .annotate(count=Count("pk"))
    )
    return Summary(
        by_status={status: counts[status] for status in Status.values},
        people=counts["people"],
        shortest_mm=lengths["shortest"],
        longest_mm=lengths["longest"],
        months=[by_month.get(month, 0) for month in range(1, 13)],
    )
