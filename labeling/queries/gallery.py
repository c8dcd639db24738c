"""Published occurrences behind filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.models import Viewer
from labeling.models import Identification
from species.models import (
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Rank,
    Shown,
    Status,
)
from species.queries import taxa as taxon_queries

# --- gallery ----------------------------------------------------------------------------------------------


def gallery(person: Viewer) -> QuerySet[Occurrence]:
    """Published organisms of which `person` may see a photo, newest first."""
    return (
        Occurrence.objects.published()
        .filter(with_photos(Photo.objects.visible_to(person)))
        .order_by("-listed_at", "-id")
    )


def with_photos(photos: QuerySet[Photo]) -> Exists:
    """Whether an occurrence is in one of `photos`."""
    return Exists(OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"), photo__in=photos))


def of_taxa(taxa: Iterable[UUID]) -> Q:
    """Agreed to be one of these; while nothing is agreed, said to be one."""
    taxa = list(taxa)
    said = Identification.objects.filter(occurrence=OuterRef("pk"), withdrawn_at=None, taxon__in=taxa)
    return Q(agreed_taxon__in=taxa) | Q(Exists(said), agreed_taxon=None)


def named_place(text: str) -> Q:
    """In a place of this name, where that name is public (see `panels.names_nothing_hidden`)."""
    exact = Q(observation__place_shown=Shown.EXACT)
    rough = Q(observation__place_shown=Shown.GENERALIZED)
    wide = Q(observation__place__uncertainty_m__gte=F("observation__public_uncertainty_m"))
    return Q(observation__place__name__icontains=text) & (exact | rough & wide)


def by_whom(text: str) -> Q:
    """By the id of a person, or a part of their name."""
    try:
        return Q(observation__observer=UUID(text))
    except ValueError:
        return Q(observation__observer__display_name__icontains=text)


def search(text: str) -> Q:
    """What the search box means: a name, a place or a person."""
    taxa = taxon_queries.inside(taxon_queries.search(text))
    found = named_place(text) | by_whom(text)
    return found | of_taxa(taxa) if taxa else found


def in_months(months: Iterable[int]) -> Q:
    return Q(observation__local_date__month__in=list(months))


def in_box(bbox: tuple[float, float, float, float]) -> Q:
    """By the public place alone, like every public filter."""
    return Q(observation__in=Observation.objects.in_bbox(*bbox))


@dataclass(frozen=True)
class Summary:
    """Counts of some occurrences, and how many names are verified among them."""

    by_status: dict[str, int]
    species: int
    hybrids: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def summary(occurrences: QuerySet[Occurrence]) -> Summary:
    """One query."""
    hybrid = Q(agreed_taxon__rank=Rank.HYBRID)
    species = Q(agreed_taxon__rank__in=[Rank.SPECIES, Rank.SUBSPECIES, Rank.FORM])
    verified = Q(status=Status.VERIFIED)
    counts = occurrences.order_by().aggregate(
        species=Count("agreed_taxon", distinct=True, filter=species & verified),
        hybrids=Count("agreed_taxon", distinct=True, filter=hybrid & verified),
        **{status: Count("pk", filter=Q(status=status)) for status in Status.values},
    )
    return Summary({status: counts[status] for status in Status.values}, counts["species"], counts["hybrids"])
