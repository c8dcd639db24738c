"""What one person has added and named, of what anybody may see: the same for whoever asks."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from labeling.models import Identification
from species.models import ImportBatch, Observation, Occurrence, Status
from species.queries import tallies

COUNTED = 1000  # names that are counted one by one
BATCHES = 3  # of a source, of which a page says under which terms they came


@dataclass(frozen=True)
class Count:
    """So many organisms, and how many of these are verified; `more`: nobody counted the others."""

    total: int
    verified: int
    more: bool = False


def sightings(person: User) -> QuerySet[Observation]:
    """Theirs that are shown, newest first, with `organism`, the id of the first one that is shown."""
    shown = Occurrence.objects.filter(observation=OuterRef("pk"), shown=True).order_by("created", "id")
    rows = Observation.objects.filter(observer=person, shown=True)
    return rows.annotate(organism=Subquery(shown.values("pk")[:1])).order_by("-listed_at", "-id")


def names(person: User) -> QuerySet[Identification]:
    """Theirs that stand, on organisms that are shown, newest first."""
    rows = Identification.objects.filter(person=person, shown=True, withdrawn_at=None, occurrence__shown=True)
    return rows.order_by("-listed_at", "-id")


def found(person: User) -> Count:
    """From counters: whatever they have added, nothing is counted one by one. One query."""
    by_status = tallies.of_observer(person)
    return Count(sum(by_status.values()), by_status[Status.VERIFIED])


def named(person: User) -> Count:
    """Of their newest names, `COUNTED` at most. One query."""
    statuses = list(names(person).values_list("occurrence__status", flat=True)[: COUNTED + 1])
    more = len(statuses) > COUNTED
    return Count(min(len(statuses), COUNTED), statuses[:COUNTED].count(Status.VERIFIED), more)


def terms(source: User) -> list[tuple[str, str]]:
    """Credit and licence of the newest imports of a source, each once."""
    rows = ImportBatch.objects.filter(source=source).order_by("-created", "-id")
    return list(dict.fromkeys(rows.values_list("credit", "licence")[:BATCHES]))
