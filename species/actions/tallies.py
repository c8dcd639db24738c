"""Counters of what anybody may see, written in the transaction that changes what they count."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from species.models import Observation, Occurrence, Tally

BATCH = 500  # rows read or written at once
GATHERED = 50  # counters that one transaction gathers, which takes some 50 ms

Key = tuple[str, str | None, str, str]  # kind, id of the taxon, status, value


def settle(locked: Observation, *just: Occurrence) -> None:
    """Count the organisms of a sighting that the caller holds as they are now, or some of them. Safe to repeat."""
    rows: Counter[Key] = Counter()
    for occurrence in just or Occurrence.objects.filter(observation=locked).order_by():
        now = counted(occurrence, locked)
        if now != occurrence.counted:
            rows.update(keys(now))
            rows.subtract(keys(occurrence.counted))
            occurrence.counted = now
            Occurrence.objects.filter(pk=occurrence.pk).update(counted=now)
    add(rows)


def add(rows: Counter[Key]) -> None:
    Tally.objects.bulk_create(
        (
            Tally(kind=kind, taxon_id=taxon, status=status, value=value, count=count)
            for (kind, taxon, status, value), count in rows.items()
            if count
        ),
        batch_size=BATCH,
    )


def counted(occurrence: Occurrence, observation: Observation) -> dict[str, Any] | None:
    """What an organism counts as; None where not everybody may see it."""
    if not occurrence.shown:
        return None
    day = observation.local_date
    return {
        "taxon": None if occurrence.agreed_taxon_id is None else str(occurrence.agreed_taxon_id),
        "status": occurrence.status,
        "month": f"{day.month:02d}" if day else "",
        "cell": observation.public_h3_3,
        "observer": str(observation.observer_id),
    }


def keys(counted: dict[str, Any] | None) -> Iterator[Key]:
    """The counters that something counts in."""
    if counted is not None:
        taxon, status = counted["taxon"], counted["status"]
        yield Tally.Kind.ALL, taxon, status, ""
        for kind in (Tally.Kind.MONTH, Tally.Kind.CELL, Tally.Kind.OBSERVER):
            yield kind, taxon, status, counted[kind]


def gather() -> int:
    """Make one row of the many of each counter; how many rows went. What is added meanwhile waits."""
    gone, scattered = 0, _scattered()
    for first in range(0, len(scattered), GATHERED):
        started = time.monotonic()
        with transaction.atomic():
            for kind, taxon, status, value in scattered[first : first + GATHERED]:
                rows = Tally.objects.filter(kind=kind, taxon=taxon, status=status, value=value)
                # Held, so that of two who gather at once the second finds nothing left.
                counts = dict(rows.order_by("pk").select_for_update().values_list("pk", "count"))
                Tally.objects.filter(pk__in=counts).delete()
                total = sum(counts.values())
                if total:
                    Tally.objects.create(kind=kind, taxon_id=taxon, status=status, value=value, count=total)
                gone += len(counts) - bool(total)
        # On SQLite nobody else wrote meanwhile.
        time.sleep(time.monotonic() - started)
    return gone


def _scattered() -> list[tuple[str, Any, str, str]]:
    """In one order, so that no two who gather hold what the other waits for."""
    key = ("kind", "taxon", "status", "value")
    rows = Tally.objects.values_list(*key).annotate(rows=Count("pk")).filter(rows__gt=1)
    return [row[:4] for row in rows.order_by(*key)]


@transaction.atomic
def recount() -> None:
    """Count everything anew, from nothing: after rows were put in without this module.

    Nobody may write meanwhile what it counts; memory grows with the number of counters, not of sightings.
    """
    Tally.objects.all().delete()
    rows: Counter[Key] = Counter()
    changed: list[Occurrence] = []
    for occurrence in Occurrence.objects.select_related("observation").iterator(BATCH):
        now = counted(occurrence, occurrence.observation)
        rows.update(keys(now))
        if now != occurrence.counted:
            occurrence.counted = now
            changed.append(occurrence)
        if len(changed) >= BATCH:
            Occurrence.objects.bulk_update(changed, ["counted"])
            changed = []
    Occurrence.objects.bulk_update(changed, ["counted"])
    add(rows)


def differing() -> list[str]:
    """A sentence where counters are not what they count. Reads every organism."""
    wrong = _differences()
    if wrong:
        # People write while this reads. What is wrong for good is wrong by as much once more.
        again = _differences()
        wrong = {key: count for key, count in wrong.items() if again.get(key) == count}
    return [f"{len(wrong)} counters are not what they count."] if wrong else []


def _differences() -> dict[Key, int]:
    rows: Counter[Key] = Counter()
    for occurrence in Occurrence.objects.select_related("observation").iterator(BATCH):
        rows.update(keys(counted(occurrence, occurrence.observation)))
    kept = Tally.objects.order_by().values_list("kind", "taxon", "status", "value")
    for kind, taxon, status, value, total in kept.annotate(total=Sum("count")):
        rows[kind, None if taxon is None else str(taxon), status, value] -= total
    return {key: count for key, count in rows.items() if count}
