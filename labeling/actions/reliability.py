"""Tables of how often people are right: a new version is written whole, and then made the current one."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from labeling.consensus.reliability import Item
from labeling.consensus.reliability import measure as measured
from labeling.models import Reliability, ReliabilityTable, Verdict
from labeling.queries import reliability
from species.queries import taxa

Progress = Callable[[int, int | None, str], object]
ROWS = 500  # written at once
KEPT = 3  # versions: who reads the one before while it is replaced still finds it


@transaction.atomic
def write(*, rows: Iterable[Reliability]) -> None:
    """Some rows of a version that is not current yet; those that are there stay as they are."""
    Reliability.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)


@transaction.atomic
def use(*, version: str, votes: int = 0) -> None:
    """From here on verdicts are reached with this version, all rows of which are written; empty: with none.

    What was reached with another is settled anew by a job. Again is harmless.
    """
    ReliabilityTable.objects.filter(current=True).exclude(version=version).update(current=False)
    if version:
        ReliabilityTable.objects.update_or_create(
            version=version, defaults={"current": True, "votes": votes, "created": timezone.now()}
        )


def forget() -> None:
    """Versions that nobody reads any more, and what a job left that was broken off."""
    current = ReliabilityTable.objects.filter(current=True).first()
    if current is None:
        return
    earlier = ReliabilityTable.objects.filter(created__lt=current.created).order_by("-created", "-id")
    kept = [current.version, *earlier.values_list("version", flat=True)[: KEPT - 1]]
    gone = Reliability.objects.exclude(version__in=kept).order_by()
    while some := list(gone.values_list("pk", flat=True)[:ROWS]):
        Reliability.objects.filter(pk__in=some).delete()


def measure(*, version: str, progress: Progress = lambda done, total, doing: None) -> int:
    """Measure everybody from all that stands, write that as `version` and make it the current one; from how many
    identifications. Where nothing can be compared, nothing changes.

    Not atomic as a whole: the version is not read before it is whole. Again with the same `version` begins anew.
    """
    tree = taxa.tree()
    ids: list[UUID] = []

    def read() -> Iterator[Item]:
        for occurrence, item in reliability.items(tree):
            ids.append(occurrence)
            if len(ids) % ROWS == 0:
                progress(len(ids), None, "Reading what people say")
            yield item

    found = measured(read(), tree)
    if not found.votes:
        return 0
    Reliability.objects.filter(version=version).delete()
    rows = (
        Reliability(
            version=version,
            person_id=UUID(str(person)),
            clade_id=UUID(str(clade)),
            value=each.value,
            answers=each.answers,
            right=each.right,
        )
        for (person, clade), each in found.table.items()
    )
    done = 0
    while some := list(islice(rows, ROWS)):
        write(rows=some)
        progress(done := done + len(some), len(found.table), "Writing how often people are right")
    _write_difficulty(ids, found.difficulty, progress)
    use(version=version, votes=found.votes)
    forget()
    return found.votes


def _write_difficulty(ids: list[UUID], difficulty: list[float | None], progress: Progress) -> None:
    for first in range(0, len(ids), ROWS):
        some = dict(zip(ids[first : first + ROWS], difficulty[first : first + ROWS], strict=True))
        with transaction.atomic():
            rows = list(Verdict.objects.filter(pk__in=some).only("difficulty").order_by("pk"))
            changed = [row for row in rows if row.difficulty != some[row.pk]]
            for row in changed:
                row.difficulty = some[row.pk]
            Verdict.objects.bulk_update(changed, ["difficulty"])
        progress(first + len(some), len(ids), "Writing how hard each is")
