"""What reviewers should look at: found by a job after what is new, and taken out again once it is so no more."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from labeling.models import ReviewCase, ReviewSearch
from labeling.queries import review_cases
from labeling.queries.review_cases import Reason
from species.models import Occurrence
from species.queries import taxa

BATCH = 100
# What is being written now may stand before what is looked at already, once it is there.
LAG = timedelta(seconds=30)
CHECKED_EVERY = timedelta(hours=1)
CHECKED = 2000  # in one run
VERDICTS: tuple[str, ...] = (ReviewCase.Queue.ANCHORED, ReviewCase.Queue.SUSPECT, ReviewCase.Queue.RANGE)
PUBLICATIONS: tuple[str, ...] = (ReviewCase.Queue.FIRST, ReviewCase.Queue.REPOST)


def look(
    *, until: datetime | None = None, progress: Callable[[int, int | None], object] | None = None
) -> int:
    """Look at everything new up to `until` (half a minute ago), and again at what is open; how many cases are new.

    Not atomic as a whole: each batch is a transaction that says how far it has come, and doing one again is harmless.
    `progress(looked at, None)` is called between them and may raise to stop.
    """
    until = until or timezone.now() - LAG
    new = seen = 0
    for found, count in _batches(until):
        new += found
        seen += count
        if progress:
            progress(seen, None)
    return new


def anything_new(until: datetime | None = None) -> bool:
    """Whether there is anything to look at. Four queries, each of one row."""
    until = until or timezone.now() - LAG
    for name, rows in SEARCHES.items():
        if rows(_place(name), until)[:1]:
            return True
    return bool(review_cases.to_check(until - CHECKED_EVERY, 1))


SEARCHES: dict[str, Callable[..., Any]] = {
    "settled": review_cases.settled,
    "published": review_cases.published,
    "suggested": review_cases.suggested,
}
COLUMNS = {"settled": "settled_at", "published": "listed_at", "suggested": "created"}


def _batches(until: datetime) -> Iterator[tuple[int, int]]:
    for name, rows in SEARCHES.items():
        while batch := list(rows(_place(name), until)[:BATCH]):
            yield _take(name, batch), len(batch)
    left = CHECKED
    while left > 0 and (cases := review_cases.to_check(until - CHECKED_EVERY, BATCH)):
        _check(cases)
        left -= len(cases)
        yield 0, len(cases)


@transaction.atomic
def _take(name: str, batch: list[Any]) -> int:
    if name == "published":
        reasons, queues = review_cases.of_publications(batch), PUBLICATIONS
        occurrences = batch
    else:
        occurrences = (
            review_cases.of_photos(each.photo_id for each in batch) if name == "suggested" else batch
        )
        reasons, queues = review_cases.of_verdicts(occurrences, taxa.tree()), VERDICTS
    found = _write(occurrences, reasons, queues)
    last = batch[-1]
    place = {"moment": getattr(last, COLUMNS[name]), "last": last.pk}
    ReviewSearch.objects.update_or_create(name=name, defaults=place)
    return found


@transaction.atomic
def _check(cases: list[ReviewCase]) -> None:
    """Whether what is open still is so; what was written of it is written anew."""
    of = {each.occurrence_id: each.occurrence for each in cases}
    reasons = [
        *review_cases.of_verdicts(of.values(), taxa.tree()),
        *review_cases.of_publications(of.values()),
    ]
    _write(of.values(), reasons, (*VERDICTS, *PUBLICATIONS), only={each.pk for each in cases})
    ids = [each.pk for each in cases]
    ReviewCase.objects.filter(pk__in=ids).update(checked_at=timezone.now())


def _write(
    occurrences: Iterable[Occurrence],
    reasons: list[Reason],
    queues: Iterable[str],
    only: set[UUID] | None = None,
) -> int:
    """Open what is new among the reasons of these occurrences in these queues, and close what is a reason no more;
    `only`: of these cases alone. What a reviewer closed stays so until something else is agreed."""
    ids = [each.pk for each in occurrences]
    known = review_cases.known_of(ids)
    wanted = {(each.occurrence, each.queue): each for each in reasons}
    gone = [
        case.pk
        for key, case in known.items()
        if case.closed_at is None
        and case.queue in queues
        and (only is None or case.pk in only)
        and not _same(case, wanted.get(key))
    ]
    ReviewCase.objects.filter(pk__in=gone).update(closed_at=timezone.now(), closed_by=None)
    new = []
    for key, reason in wanted.items():
        case = known.get(key)
        if case is not None and _same(case, reason):
            if case.closed_at is None and (case.weight, case.details) != (reason.weight, reason.details):
                ReviewCase.objects.filter(pk=case.pk).update(weight=reason.weight, details=reason.details)
            # Closed by nobody, it came back; closed by a reviewer, it is theirs to have looked at.
            if case.closed_at is None or case.closed_by_id is not None:
                continue
        if only is not None:
            continue
        new.append(
            ReviewCase(
                occurrence_id=reason.occurrence,
                queue=reason.queue,
                taxon_id=reason.taxon,
                weight=reason.weight,
                details=reason.details,
            )
        )
    ReviewCase.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _same(case: ReviewCase, reason: Reason | None) -> bool:
    """Whether a case is about this reason: the same verdict. A newcomer’s photo is one whatever is agreed of it."""
    return reason is not None and (case.queue in PUBLICATIONS or case.taxon_id == reason.taxon)


def _place(name: str) -> tuple[datetime, UUID] | None:
    return ReviewSearch.objects.filter(name=name).values_list("moment", "last").first()
