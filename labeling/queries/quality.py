"""What the figures of a day are measured from, and those that were."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import Role
from labeling.models import Identification, QualityReport, RolledBack, Ruling
from species.models import Occurrence, Status
from species.taxonomy.tree import Tree

YEAR, QUARTER = timedelta(days=365), timedelta(days=90)
MONTHS = 6  # of which is told who came back
EVERY = timedelta(hours=23)
MOST = 60  # reports that a page reads


class Answer(NamedTuple):
    """What somebody called something before they saw what others or a model say."""

    species: str
    reviewer: bool


def species_of(tree: Tree, taxon: str) -> str | None:
    """The species, or the cross, that a name stands for; None for a coarser one."""
    if taxon not in tree:
        return None
    known = tree.accepted(taxon)
    if not tree.at_or_below_species(known):
        return None
    if tree.is_hybrid(known):
        return str(known)
    return str(next((each for each in tree.lineage(known) if tree.rank(each) == "species"), known))


def blind(tree: Tree, now: datetime) -> Iterator[tuple[UUID, list[Answer]]]:
    """Organism by organism, the first blind answer of each person within a year; collections, and what was rolled
    back, left out. One query, read bit by bit.
    """
    rolled = RolledBack.objects.filter(kind="names", row=OuterRef("pk"), given_back_at=None)
    rows = (
        Identification.objects.filter(
            ~Exists(rolled),
            others_on_screen=False,
            model_on_screen="",
            person__is_source=False,
            created__gte=now - YEAR,
        )
        .order_by("occurrence", "created", "id")
        .values_list("occurrence", "person", "taxon", "person__role")
    )
    known: dict[UUID, str | None] = {}
    at: UUID | None = None
    heard: set[UUID] = set()
    answers: list[Answer] = []
    for occurrence, person, taxon, role in rows.iterator(chunk_size=2000):
        if occurrence != at:
            if at is not None and answers:
                yield at, answers
            at, heard, answers = occurrence, set(), []
        if person in heard:
            continue
        heard.add(person)
        if taxon not in known:
            known[taxon] = species_of(tree, str(taxon))
        species = known[taxon]
        if species is not None:
            answers.append(Answer(species, role in (Role.REVIEWER, Role.ADMIN)))
    if at is not None and answers:
        yield at, answers


def ruled(tree: Tree) -> dict[UUID, str]:
    """Organism to the species that a standing ruling gives it. One query."""
    rows = Ruling.objects.filter(withdrawn_at=None, occurrence__isnull=False, taxon__isnull=False)
    found = ((of, species_of(tree, str(taxon))) for of, taxon in rows.values_list("occurrence", "taxon"))
    return {of: species for of, species in found if species is not None}


def hours_to_verification(now: datetime) -> list[float]:
    """Of what was verified in the last quarter, collections left out. One query."""
    rows = Occurrence.objects.filter(
        status=Status.VERIFIED, listed=True, settled_at__gte=now - QUARTER, observation__batch=None
    ).values_list("created", "settled_at")
    return [(settled - created).total_seconds() / 3600 for created, settled in rows.iterator() if settled]


def backlog(now: datetime) -> dict[str, Any]:
    """How many wait, and the oldest since how many days. One query."""
    waiting = Occurrence.objects.filter(listed=True, status__in=[Status.NEEDS_ID, Status.DISPUTED])
    rows = waiting.order_by().values_list("status").annotate(Count("pk"), Min("created"))
    found: dict[str, Any] = {"needs_id": 0, "disputed": 0, "oldest_days": None}
    for status, count, first in rows:
        found[str(status)] = count
        days = (now - first).days
        found["oldest_days"] = max(days, found["oldest_days"] or 0)
    return found


def retention(now: datetime) -> list[tuple[date, int, int]]:
    """Month by month: how many first named something then, and how many of these did so in the next month, too. Only
    months whose next one is over. Two queries.
    """
    said = Identification.objects.filter(person__is_source=False).order_by()
    first = dict(said.values_list("person").annotate(first=Min("created")))
    since = (now - timedelta(days=31 * (MONTHS + 2))).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    months = said.filter(created__gte=since).annotate(month=TruncMonth("created"))
    active = {(person, month.date()) for person, month in months.values_list("person", "month").distinct()}
    came: Counter[date] = Counter()
    stayed: Counter[date] = Counter()
    over = now.date().replace(day=1)
    for person, moment in first.items():
        month = moment.date().replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1)
        if month < since.date() or following >= over:
            continue
        came[month] += 1
        stayed[month] += (person, following) in active
    return [(month, came[month], stayed[month]) for month in sorted(came)[-MONTHS:]]


def latest() -> QualityReport | None:
    return QualityReport.objects.order_by("-day").first()


def history() -> list[QualityReport]:
    """The oldest first. One query."""
    return list(QualityReport.objects.order_by("-day")[:MOST])[::-1]


def is_due() -> bool:
    """Whether a day is over since it was last measured, and there is something to measure."""
    last = latest()
    if last is not None and last.created > timezone.now() - EVERY:
        return False
    return Identification.objects.exists()
