"""What the crowd leaves open, and what each reviewer has settled and where: read by the job that asks one of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Role, Standing, User
from labeling.consensus import Reliability
from labeling.consensus.routing import Expert
from labeling.models import Identification, ReviewSearch, Routing, Ruling
from labeling.queries import quality, reliability, review_cases
from species.access import acts_for
from species.models import NEVER, Observation, Occurrence, State, Status
from species.places.cells import parent
from species.taxonomy.tree import TaxonId, Tree

Cause = Routing.Cause
OPEN = (Status.NEEDS_ID, Status.DISPUTED)
QUIET = timedelta(days=14)  # without another word, of what several have named
SEVERAL = 2
PATIENCE = 3  # times as long as half of all wait
BATCH = 200
STEP = 500  # of what nobody speaks of any more, in one run
RULED, SEEN = 5000, 500  # rulings of all, and sightings of each, that are read to know what somebody knows
RESOLUTION = review_cases.RESOLUTION


class Left(NamedTuple):
    """One open organism, and why it is a reviewer's to look at."""

    occurrence: Occurrence
    cause: str


def of_reviewers() -> QuerySet[User]:
    staff = User.objects.filter(role__in=[Role.REVIEWER, Role.ADMIN], is_active=True, is_source=False)
    return staff.exclude(standing=Standing.SUSPENDED)


def standing() -> QuerySet[Routing]:
    return Routing.objects.filter(closed_at=None)


def routed(path: str = "pk") -> Exists:
    """Whether somebody is asked to look at it already."""
    return Exists(standing().filter(occurrence=OuterRef(path)))


def overdue(now: datetime) -> list[Routing]:
    """Whose week is over, the oldest first. One query."""
    rows = standing().filter(until__lte=now).select_related("occurrence__observation__batch", "reviewer")
    return list(rows.order_by("until", "id")[:BATCH])


def of_no_use() -> list[Routing]:
    """Open ones of what is open no more, or with whoever reviews no more. One query, over what is open."""
    rows = standing().select_related("occurrence__observation__batch", "reviewer")
    still = Occurrence.objects.filter(pk=OuterRef("occurrence"), listed=True, status__in=OPEN)
    may = of_reviewers().filter(pk=OuterRef("reviewer"))
    return list(rows.exclude(Exists(still), Exists(may)).order_by("created", "id"))


def left_open(now: datetime, step: Collection[UUID]) -> Iterator[Left]:
    """What nobody is asked to look at yet, cause by cause, the oldest first; none that a reviewer has found right.
    `step`: what nobody spoke of for long (`quiet`), of which those that several have named count."""
    disputed = Occurrence.objects.filter(~routed(), listed=True, status=Status.DISPUTED)
    yield from _left(disputed.order_by("listed_at", "id"), Cause.DISPUTED)
    if step:
        named = Occurrence.objects.filter(
            ~routed(), pk__in=_several(step), listed=True, status=Status.NEEDS_ID
        )
        yield from _left(named.order_by("last_said", "id"), Cause.STALLED)
    if before := late(now):
        waiting = Occurrence.objects.filter(
            ~routed(), listed=True, status=Status.NEEDS_ID, created__lt=before
        )
        yield from _left(waiting.order_by("created", "id"), Cause.LATE)


def _left(rows: QuerySet[Occurrence], cause: str) -> Iterator[Left]:
    found = list(rows.select_related("observation__batch")[:BATCH])
    judged = review_cases.judged(found) if found else set()
    for each in found:
        if each.pk not in judged:
            yield Left(each, cause)


def quiet(now: datetime) -> list[tuple[UUID, datetime]]:
    """The next step along the order of the last word, of what was named and waits without another for long; each with
    that moment. One shorter than `STEP` is the last before it begins again. Two queries."""
    place = ReviewSearch.objects.filter(name=Cause.STALLED).values_list("moment", flat=True).first()
    waiting = Occurrence.objects.filter(waits=True, last_said__gt=place or NEVER, last_said__lt=now - QUIET)
    return list(waiting.order_by("last_said").values_list("pk", "last_said")[:STEP])


def _several(step: Collection[UUID]) -> list[UUID]:
    said = Identification.objects.filter(occurrence__in=list(step), withdrawn_at=None).order_by()
    counted = said.values_list("occurrence").annotate(people=Count("pk"))
    return [occurrence for occurrence, people in counted if people >= SEVERAL]


def late(now: datetime) -> datetime | None:
    """What was added before then waits three times as long as half of all did; None where that is not measured."""
    report = quality.latest()
    median = report.figures["hours"]["median"] if report else None
    return None if median is None else now - PATIENCE * timedelta(hours=median)


def unattended(now: datetime, before: datetime) -> int:
    """How many that were added before then are open, with nobody asked to look at them. One query."""
    rows = Occurrence.objects.filter(~routed(), listed=True, status__in=OPEN, created__lt=before)
    return rows.order_by().count()


def names_of(occurrences: Collection[UUID], tree: Tree) -> dict[UUID, list[TaxonId]]:
    """What each is called, as far as that stands in the tree. One query."""
    found: dict[UUID, list[TaxonId]] = defaultdict(list)
    rows = Identification.objects.filter(occurrence__in=list(occurrences), withdrawn_at=None).order_by()
    for occurrence, taxon in rows.values_list("occurrence", "taxon"):
        if str(taxon) in tree and (name := tree.accepted(str(taxon))) not in found[occurrence]:
            found[occurrence].append(name)
    return found


def turns_of(occurrences: Collection[UUID]) -> dict[UUID, Counter[UUID]]:
    """Who had each of these for a week already, and how often. One query."""
    found: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    rows = Routing.objects.filter(occurrence__in=list(occurrences), outcome=Routing.Outcome.PASSED_ON)
    for occurrence, reviewer in rows.order_by().values_list("occurrence", "reviewer"):
        found[occurrence][reviewer] += 1
    return found


class Team:
    """Those who review, and what each is known by: read once a run, in three queries and one for each of them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.people: dict[UUID, User] = {each.pk: each for each in of_reviewers().order_by("pk")}
        self.ruled: dict[UUID, Counter[str]] = defaultdict(Counter)
        self.near: dict[UUID, Counter[str]] = defaultdict(Counter)
        self.load = Counter(standing().values_list("reviewer", flat=True).order_by())
        self.table: Reliability = reliability.table(self.people, tree, reliability.current())
        rulings = Ruling.objects.filter(withdrawn_at=None, occurrence__isnull=False).order_by(
            "-created", "-id"
        )
        told = rulings.values_list("reviewer", "taxon", "occurrence__observation__public_h3_5")
        for reviewer, taxon, cell in told[:RULED]:
            if taxon is not None and str(taxon) in tree:
                self.ruled[reviewer][str(tree.accepted(str(taxon)))] += 1
            self._saw(reviewer, cell)
        for person in self.people:
            own = Observation.objects.filter(observer=person, state=State.PUBLISHED, discarded_at=None)
            newest = own.order_by("-created", "-id").values_list("public_h3_5", flat=True)
            for cell in newest[:SEEN]:
                self._saw(person, cell)

    def _saw(self, person: UUID, cell: str) -> None:
        if cell:
            self.near[person][parent(cell, RESOLUTION)] += 1

    def is_free(self, most: int) -> bool:
        return any(self.load[each] < most for each in self.people)

    def experts(
        self,
        occurrence: Occurrence,
        names: Collection[TaxonId],
        clade: TaxonId | None,
        turns: Counter[UUID],
    ) -> list[Expert]:
        """Each who may rule on it. Without queries, but for who brought in an import."""
        around = review_cases.around(occurrence.observation.public_h3_5)
        return [
            Expert(
                id,
                min((self._right(id, name) for name in names), default=self.table.default),
                self._ruled_in(id, clade),
                sum(self.near[id][cell] for cell in around),
                self.load[id],
                turns[id],
            )
            for id, person in self.people.items()
            if not acts_for(person, occurrence.observation)
        ]

    def _right(self, person: UUID, name: TaxonId) -> float:
        value = self.table.lookup(str(person), name)
        return self.table.default if value is None else value

    def _ruled_in(self, person: UUID, clade: TaxonId | None) -> int:
        counts = self.ruled[person]
        if clade is None:
            return counts.total()
        return sum(count for taxon, count in counts.items() if self.tree.is_ancestor_or_self(clade, taxon))


class Ranges:
    """Whether a place is away from where names are known; asked once of each name and hexagon."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._known: dict[tuple[TaxonId, str], bool] = {}

    def away(self, names: Collection[TaxonId], cell: str) -> bool:
        return any(self._is_away(name, cell) for name in names if self.tree.at_or_below_species(name))

    def _is_away(self, name: TaxonId, cell: str) -> bool:
        key = name, parent(cell, RESOLUTION)
        if key not in self._known:
            taxa = [UUID(str(each)) for each in (name, *self.tree.descendants(name))]
            self._known[key] = review_cases.is_away(taxa, cell)
        return self._known[key]


def anything_to_do() -> bool:
    """Whether there is anybody to ask, and anything open. Four queries of one row."""
    if not of_reviewers().exists():
        return False
    waiting = Occurrence.objects.filter(waits=True).order_by("last_said")
    disputed = Occurrence.objects.filter(listed=True, status=Status.DISPUTED)
    return standing().exists() or bool(waiting[:1]) or disputed.exists()


def of_occurrence(occurrence: UUID) -> Routing | None:
    """Who is asked to look at it now. One query."""
    return standing().filter(occurrence=occurrence).select_related("reviewer").first()


def count_of(person: UUID) -> int:
    """How many are theirs to look at."""
    still = Occurrence.objects.filter(pk=OuterRef("occurrence"), listed=True, status__in=OPEN)
    return standing().filter(Exists(still), reviewer=person).count()
