"""Published occurrences behind filters."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.models import User, Viewer
from labeling.models import Identification
from species.models import Occurrence, Place, Rank, Shown, Status, Taxon, in_box
from species.queries import tallies
from species.queries import taxa as taxon_queries

COUNTED = 200  # sightings that are counted one by one
FEW = 10_000
KNOWN = 1000  # places or people of a name that are looked at
SPECIES = (Rank.SPECIES, Rank.SUBSPECIES, Rank.FORM)

# --- gallery ----------------------------------------------------------------------------------------------


def gallery(person: Viewer) -> QuerySet[Occurrence]:
    """Published organisms of which `person` may see a photo, newest first."""
    return Occurrence.objects.listed_for(person).order_by("-listed_at", "-id")


def of_taxa(taxa: Iterable[UUID]) -> Q:
    """Agreed to be one of these; while nothing is agreed, said to be one."""
    taxa = list(taxa)
    few = _few_of_taxa(taxa)
    if few is not None:
        return Q(pk__in=few)
    standing = Identification.objects.filter(withdrawn_at=None, taxon__in=taxa).order_by()
    # Said twice: of an equality alone PostgreSQL makes a table of all that is said, for a page of 24.
    here = standing.filter(occurrence=OuterRef("pk"), occurrence__gte=OuterRef("pk"))
    return Q(agreed_taxon__in=taxa) | Q(Exists(here), agreed_taxon=None)


def _few_of_taxa(taxa: list[UUID]) -> QuerySet[Any] | None:
    """Their ids, unless there are many."""
    standing = Identification.objects.filter(withdrawn_at=None, taxon__in=taxa).order_by()
    if not _few(standing):
        return None
    said = standing.filter(occurrence__agreed_taxon=None).values("occurrence")
    return Occurrence.objects.filter(agreed_taxon__in=taxa).order_by().values("pk").union(said)


def _few(rows: QuerySet[Any]) -> bool:
    """Whether to gather them and sort, which costs what they are many; else what is shown is walked through in
    its order until a page is full, which costs what they are few. A database cannot tell from an OR.
    """
    return rows.order_by()[:FEW].count() < FEW


def named_place(text: str) -> Q:
    """In a place of this name, where that name is public (see `places.names_nothing_hidden`)."""
    places = Place.objects.filter(name__icontains=text).values_list("pk", flat=True)[:KNOWN]
    exact = Q(observation__place_shown=Shown.EXACT)
    rough = Q(observation__place_shown=Shown.GENERALIZED)
    wide = Q(observation__place__uncertainty_m__gte=F("observation__public_uncertainty_m"))
    return Q(observation__place__in=list(places)) & (exact | rough & wide)


def by_whom(text: str) -> Q:
    """By the id of a person, or a part of their name."""
    try:
        return Q(observation__observer=UUID(text))
    except ValueError:
        people = User.objects.filter(display_name__icontains=text).values_list("pk", flat=True)[:KNOWN]
        return Q(observation__observer__in=list(people))


def search(text: str) -> Q:
    """What the search box means: a name, a place or a person."""
    found = named_place(text) | by_whom(text)
    rows = Occurrence.objects.filter(found).order_by()
    taxa = taxon_queries.inside(taxon_queries.search(text))
    if not taxa:
        return Q(pk__in=rows.values("pk")) if _few(rows) else found
    few = _few_of_taxa(taxa)
    if few is not None and _few(rows):
        ids = Occurrence.objects.filter(pk__in=few).order_by().values("pk")
        return Q(pk__in=rows.values("pk").union(ids))
    return found | of_taxa(taxa)


def in_months(months: Iterable[int]) -> Q:
    return Q(observation__local_date__month__in=list(months))


def in_bbox(bbox: tuple[float, float, float, float]) -> Q:
    """By the public place alone, like every public filter."""
    return in_box(*bbox, path="observation__")


@dataclass(frozen=True)
class Summary:
    """Counts of some occurrences, and how many names are verified among them.

    `least`: there are so many or more, and nobody counts them one by one; `by_status` then holds what is known.
    """

    by_status: dict[str, int]
    species: int = 0
    hybrids: int = 0
    least: int = 0

    @property
    def total(self) -> int:
        return self.least or sum(self.by_status.values())


def summary(occurrences: QuerySet[Occurrence]) -> Summary:
    """Of what some filters find. One query, which reads no more than `COUNTED` of them."""
    found = list(occurrences.values_list("status", "agreed_taxon", "agreed_taxon__rank")[: COUNTED + 1])
    if len(found) > COUNTED:
        return Summary({}, least=COUNTED)
    statuses = Counter(status for status, _, _ in found)
    ranks = {taxon: rank for status, taxon, rank in found if status == Status.VERIFIED}
    return _counted({status: statuses[status] for status in Status.values}, ranks)


def summary_of_all() -> Summary:
    """Of everything. Two queries."""
    verified = tallies.verified_of_each()
    ranks = dict(Taxon.objects.filter(pk__in=verified).values_list("pk", "rank"))
    return _counted(tallies.by_status(), ranks)


def summary_of_taxa(taxa: list[UUID]) -> Summary:
    """Of more than `COUNTED`, of what these taxa are: what is only said to be one is in no counter. One query."""
    agreed = tallies.by_status(taxa)
    return Summary({Status.VERIFIED: agreed[Status.VERIFIED]}, least=max(COUNTED, sum(agreed.values())))


def _counted(by_status: dict[str, int], ranks: dict[UUID, str]) -> Summary:
    hybrids = sum(rank == Rank.HYBRID for rank in ranks.values())
    return Summary(by_status, sum(rank in SPECIES for rank in ranks.values()), hybrids)
