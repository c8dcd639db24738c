"""What the pages of names show."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from species.models import Measurement, Occurrence, OccurrencePhoto, OccurrenceQuerySet, Photo, Status, Taxon
from species.queries import tallies
from species.taxonomy.tree import Tree


def seen() -> OccurrenceQuerySet:
    """Published, with a photo that anybody may see: what an owner hides is not counted either."""
    return Occurrence.objects.filter(shown=True)


@dataclass(frozen=True)
class Relatives:
    """Of one taxon: `lineage` from the root, its `synonyms`, the accepted `children` directly under it, and the
    `hybrids` that it is a parent of, under whatever name it was given as that, with both parents.
    """

    lineage: list[Taxon]
    synonyms: list[Taxon]
    children: list[Taxon]
    hybrids: list[Taxon]


def relatives(taxon: Taxon, tree: Tree) -> Relatives:
    """One query."""
    id = str(taxon.pk)
    above = tree.ancestors(id)
    below = [each for each in tree if id in tree.parents(each)]
    rows = Taxon.objects.filter(pk__in=[*above, *tree.synonyms(id), *below])
    found = {str(each.pk): each for each in rows.select_related("parent", "second_parent")}
    under = [each for each in found.values() if str(each.pk) in below]
    return Relatives(
        lineage=[found[str(each)] for each in reversed(above)],
        synonyms=[each for each in found.values() if each.synonym_of_id == taxon.pk],
        children=[each for each in under if not tree.is_hybrid(str(each.pk))],
        hybrids=[each for each in under if tree.is_hybrid(str(each.pk))],
    )


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
    """Of the occurrences shown and agreed to be one of some taxa; lengths in mm of the verified ones, which are
    counted by year and month, the earliest first.

    `more_people`: there are more than `people`, and nobody counts them one by one.
    """

    by_status: dict[str, int]
    people: int
    more_people: bool
    shortest_mm: float | None
    longest_mm: float | None
    by_month: dict[tuple[int, int], int]

    @property
    def verified(self) -> int:
        return self.by_status[Status.VERIFIED]

    @property
    def months(self) -> list[int]:
        """Of twelve, from January, in all years."""
        sums = Counter[int]()
        for (_, month), count in self.by_month.items():
            sums[month] += count
        return [sums[month] for month in range(1, 13)]

    @property
    def years(self) -> dict[int, list[int]]:
        """Year to its twelve months, those between the first and the last without any as well."""
        if not self.by_month:
            return {}
        seen = [year for year, _ in self.by_month]
        return {
            year: [self.by_month.get((year, month), 0) for month in range(1, 13)]
            for year in range(min(seen), max(seen) + 1)
        }

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
    people = tallies.people(taxa)
    return Summary(
        by_status=tallies.by_status(taxa),
        people=min(people, tallies.MANY),
        more_people=people > tallies.MANY,
        # From the ends of an index: of a common fish one of the shortest is soon found.
        shortest_mm=lengths.order_by("value").first(),
        longest_mm=lengths.order_by("-value").first(),
        by_month=tallies.verified_by_month(taxa),
    )


def with_first_photos(
    ids: Iterable[UUID] = (), *, labels: Iterable[str] = ()
) -> dict[UUID, tuple[Taxon, Photo]]:
    """Those of some taxa, by id or label, of which a verified organism is shown, with a photo of the first.

    One query.
    """
    asked = Taxon.objects.filter(Q(pk__in=list(ids)) | Q(label__in=list(labels))).order_by()
    of_it = seen().verified().filter(agreed_taxon=OuterRef("pk")).order_by("listed_at", "id")
    first = asked.annotate(first=Subquery(of_it.values("pk")[:1])).values("first")
    links = OccurrencePhoto.objects.filter(occurrence__in=first, photo__shown=True)
    photos: dict[UUID, tuple[Taxon, Photo]] = {}
    for link in links.select_related("photo", "occurrence__agreed_taxon").order_by(
        "photo__position", "photo__created", "photo_id"
    ):
        if (taxon := link.occurrence.agreed_taxon) is not None:
            photos.setdefault(taxon.pk, (taxon, link.photo))
    return photos
