"""Published occurrences behind filters."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.models import Viewer
from labeling.models import Identification
from labeling.queries import ways
from labeling.queries.ways import Way
from species.models import Observation, Occurrence, Rank, Status, Taxon, in_box
from species.models import in_days as public_days
from species.models import meeting_days as public_days_meeting
from species.places import cells
from species.queries import cells as cell_queries
from species.queries import tallies
from species.queries.cells import Asked

COUNTED = 200  # sightings that are counted one by one
# Of several filters at once, or of words: to find the few that all of them let through, many are passed.
COUNTED_TOGETHER = 50
WORDS = frozenset({"q", "place", "who"})
FEW_AT_ONE_PLACE = 4000  # that are gathered; their places are read besides
SPECIES = (Rank.SPECIES, Rank.SUBSPECIES, Rank.FORM)

# --- gallery ----------------------------------------------------------------------------------------------


def gallery(person: Viewer) -> QuerySet[Occurrence]:
    """Published organisms of which `person` may see a photo, newest first."""
    return Occurrence.objects.listed_for(person).order_by("-listed_at", "-id")


def of_taxa(taxa: Iterable[UUID], statuses: Collection[str] = ()) -> Q:
    """Agreed to be one of these; while nothing is agreed, said to be one. `statuses`: of what is asked for with it, no
    others need be found.
    """
    taxa = list(taxa)
    if not taxa:
        return Q(pk__in=[])
    if list(statuses) == [Status.VERIFIED]:
        return Q(agreed_taxon__in=taxa)
    way = way_of_taxa(taxa)
    few = ways.few([way])
    if few is None and statuses:
        few = ways.few([_way_of_statuses(taxa, statuses)])
    return way.each if few is None else Q(pk__in=few)


def way_of_taxa(taxa: list[UUID]) -> Way:
    standing = _standing(taxa)
    agreed = Occurrence.objects.filter(agreed_taxon__in=taxa).order_by().values("pk")
    # Said twice: of an equality alone PostgreSQL makes a table of all that is said, for a page of 24.
    here = standing.filter(occurrence=OuterRef("pk"), occurrence__gte=OuterRef("pk"))
    return Way(
        [agreed, standing.filter(occurrence__agreed_taxon=None).values("occurrence")],
        [standing],
        Q(agreed_taxon__in=taxa) | Q(Exists(here), agreed_taxon=None),
    )


def _way_of_statuses(taxa: list[UUID], statuses: Collection[str]) -> Way:
    """The same of rare verdicts, by way of them."""
    of_status = Occurrence.objects.filter(status__in=list(statuses)).order_by()
    agreed, undecided = of_status.filter(agreed_taxon__in=taxa), of_status.filter(agreed_taxon=None)
    said = undecided.filter(Exists(_standing(taxa).filter(occurrence=OuterRef("pk"))))
    return Way([agreed.values("pk"), said.values("pk")], [agreed, undecided], Q())


def _standing(taxa: list[UUID]) -> QuerySet[Identification]:
    return Identification.objects.filter(withdrawn_at=None, taxon__in=taxa).order_by()


def in_months(months: Iterable[int]) -> Q:
    return Q(observation__local_date__month__in=list(months))


def in_days(first: date | None, last: date | None) -> Q:
    """By public days alone: of a month, the whole of it lies between."""
    return _by_days(public_days(first, last), public_days(first, last, "observation__"))


def meeting_days(first: date | None, last: date | None) -> Q:
    """Likewise: of a month, one day at least."""
    return _by_days(public_days_meeting(first, last), public_days_meeting(first, last, "observation__"))


def _by_days(of_sightings: Q, of_organisms: Q) -> Q:
    rows = Observation.objects.filter(of_sightings).order_by()
    if rows[: ways.FEW].count() < ways.FEW:
        # Cut, so that a database gathers these and does not walk through what is shown to meet them.
        return Q(observation__in=rows.values("pk")[: ways.FEW])
    return of_organisms


def many_in_days(first: date | None, last: date | None) -> bool:
    """Whether so many more sightings are shown than are counted that nobody need look at their organisms."""
    rows = Observation.objects.filter(public_days(first, last), shown=True).order_by()
    # Twice as many: of one that is shown all organisms may be on photos that are not.
    return rows[: 2 * COUNTED].count() == 2 * COUNTED


def in_bbox(bbox: tuple[float, float, float, float]) -> Q:
    """By the public place alone, like every public filter."""
    return in_box(*bbox, path="observation__")


def in_cell(cell: str) -> Q:
    """In a hexagon of the map (H3), by the public place alone."""
    inside = Q(observation__public_h3_5__range=cells.span(cell))
    if cell_queries.within(cell, Asked()).all >= FEW_AT_ONE_PLACE:
        return inside
    return Q(pk__in=Occurrence.objects.filter(inside).order_by().values("pk"))


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


def most_counted(asked: Collection[str]) -> int:
    """How many of what these filters find are counted one by one."""
    return COUNTED if len(asked) < 2 and WORDS.isdisjoint(asked) else min(COUNTED, COUNTED_TOGETHER)


def summary(occurrences: QuerySet[Occurrence], asked: Collection[str] = ()) -> Summary:
    """Of what these filters find. One query, which reads no more than `most_counted` of them."""
    most = most_counted(asked)
    found = list(occurrences.values_list("status", "agreed_taxon", "agreed_taxon__rank")[: most + 1])
    if len(found) > most:
        return Summary({}, least=most)
    statuses = Counter(status for status, _, _ in found)
    ranks = {taxon: rank for status, taxon, rank in found if status == Status.VERIFIED}
    return _counted({status: statuses[status] for status in Status.values}, ranks)


def summary_of_all() -> Summary:
    """Of everything. Two queries."""
    verified = tallies.verified_of_each()
    # Every name is read: to be sent thousands of ids and look for each takes a database five times as long.
    rows = Taxon.objects.values_list("pk", "rank") if verified else []
    ranks = {pk: rank for pk, rank in rows if pk in verified}
    return _counted(tallies.by_status(), ranks)


def summary_of_taxa(taxa: list[UUID]) -> Summary:
    """Of more than `COUNTED`, of what these taxa are: what is only said to be one is in no counter. One query."""
    agreed = tallies.by_status(taxa)
    return Summary({Status.VERIFIED: agreed[Status.VERIFIED]}, least=max(COUNTED, sum(agreed.values())))


def _counted(by_status: dict[str, int], ranks: dict[UUID, str]) -> Summary:
    hybrids = sum(rank == Rank.HYBRID for rank in ranks.values())
    return Summary(by_status, sum(rank in SPECIES for rank in ranks.values()), hybrids)
