"""Tables of how often people are right: a new version is written whole, and then made the current one."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from labeling.models import Reliability, ReliabilityTable

ROWS = 1000  # written at once
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
