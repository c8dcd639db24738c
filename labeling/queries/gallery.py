"""Published occurrences behind filters."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import (
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
    Rank,
    Shown,
    Status,
    Taxon,
)
from species.queries import tallies
from species.queries import taxa as taxon_queries

COUNTED = 1000  # sightings that are counted one by one
SPECIES = (Rank.SPECIES, Rank.SUBSPECIES, Rank.FORM)

# --- gallery ----------------------------------------------------------------------------------------------


def gallery(person: Viewer) -> QuerySet[Occurrence]:
    """Published organisms of which `person` may see a photo, newest first."""
    return Occurrence.objects.listed_for(person).order_by("-listed_at", "-id")


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
    """Counts of some occurrences, and how many names are verified among them.

    `about`: as far as anybody may see them and they are agreed on. `more`: there are more than `COUNTED`, which
    nobody counts one by one; `by_status` is empty then.
    """

    by_status: dict[str, int]
    species: int = 0
    hybrids: int = 0
    about: bool = False
    more: bool = False

    @property
    def total(self) -> int:
        return COUNTED if self.more else sum(self.by_status.values())


def summary(occurrences: QuerySet[Occurrence]) -> Summary:
    """Of what some filters find. One query, which reads no more than `COUNTED` of them."""
    found = list(occurrences.values_list("status", "agreed_taxon", "agreed_taxon__rank")[: COUNTED + 1])
    if len(found) > COUNTED:
        return Summary({}, more=True)
    statuses = Counter(status for status, _, _ in found)
    ranks = {taxon: rank for status, taxon, rank in found if status == Status.VERIFIED}
    return _counted({status: statuses[status] for status in Status.values}, ranks)


def summary_of_all() -> Summary:
    """Of everything. Two queries."""
    verified = tallies.verified_of_each()
    ranks = dict(Taxon.objects.filter(pk__in=verified).values_list("pk", "rank"))
    return _counted(tallies.by_status(), ranks)


def summary_of_taxa(taxa: list[UUID]) -> Summary:
    """Of so many that are agreed to be one of these that nobody counts them one by one. One query."""
    return Summary(tallies.by_status(taxa), about=True)


def _counted(by_status: dict[str, int], ranks: dict[UUID, str]) -> Summary:
    hybrids = sum(rank == Rank.HYBRID for rank in ranks.values())
    return Summary(by_status, sum(rank in SPECIES for rank in ranks.values()), hybrids)
