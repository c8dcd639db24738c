"""Counters of what anybody may see, written in the transaction that changes what they count."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from species.actions import cells
from species.models import CellTally, Observation, Occurrence, Tally

BATCH = 500  # rows read or written at once
GATHERED = 50  # counters that one transaction gathers, which takes some 50 ms
MODELS: tuple[type[Tally] | type[CellTally], ...] = (Tally, CellTally)

Key = tuple[str, str | None, str, str]  # kind, id of the taxon, status, value


class Changes:
    """How much each counter becomes more or fewer."""

    def __init__(self) -> None:
        self.tallies: Counter[Key] = Counter()
        self.cells: Counter[cells.Key] = Counter()

    def add(self, counted: dict[str, Any] | None) -> None:
        """What something counts as (`counted`)."""
        self.tallies.update(keys(counted))
        self.cells.update(cells.keys(counted))

    def subtract(self, counted: dict[str, Any] | None) -> None:
        self.tallies.subtract(keys(counted))
        self.cells.subtract(cells.keys(counted))

    def write(self) -> None:
        Tally.objects.bulk_create(
            (
                Tally(kind=kind, taxon_id=taxon, status=status, value=value, count=count)
                for (kind, taxon, status, value), count in self.tallies.items()
                if count
            ),
            batch_size=BATCH,
        )
        CellTally.objects.bulk_create(cells.rows(self.cells), batch_size=BATCH)


def settle(locked: Observation) -> None:
    """Count the organisms of a sighting that the caller holds as they are now. Safe to repeat."""
    for occurrence in Occurrence.objects.filter(observation=locked).order_by():
        if count(occurrence, locked):
            Occurrence.objects.filter(pk=occurrence.pk).update(counted=occurrence.counted)


def count(occurrence: Occurrence, locked: Observation) -> bool:
    """Count one as it is now; whether that changes its column `counted`, which is left to the caller to write."""
    now = counted(occurrence, locked)
    if now == occurrence.counted:
        return False
    changes = Changes()
    changes.add(now)
    changes.subtract(occurrence.counted)
    changes.write()
    occurrence.counted = now
    return True


def counted(occurrence: Occurrence, observation: Observation) -> dict[str, Any] | None:
    """What an organism counts as; None where not everybody may see it."""
    if not occurrence.shown:
        return None
    day = observation.local_date
    return {
        "taxon": None if occurrence.agreed_taxon_id is None else str(occurrence.agreed_taxon_id),
        "status": occurrence.status,
        "month": f"{day.year:04d}-{day.month:02d}" if day else "",
        "cell": observation.public_h3_5,
        "observer": str(observation.observer_id),
    }


def keys(counted: dict[str, Any] | None) -> Iterator[Key]:
    """The counters that something counts in, those of the map apart."""
    if counted is not None:
        taxon, status = counted["taxon"], counted["status"]
        yield Tally.Kind.ALL, taxon, status, ""
        yield Tally.Kind.MONTH, taxon, status, counted["month"]
        yield Tally.Kind.MONTHS, None, status, counted["month"]
        yield Tally.Kind.OBSERVER, taxon, status, counted["observer"]


def gather() -> int:
    """Make one row of the many of each counter; how many rows went. What is added meanwhile waits."""
    return sum(_gather(model) for model in MODELS)


def _gather(model: type[Tally] | type[CellTally]) -> int:
    gone, scattered = 0, _scattered(model)
    for first in range(0, len(scattered), GATHERED):
        started = time.monotonic()
        with transaction.atomic():
            for key in scattered[first : first + GATHERED]:
                rows = model.objects.filter(**dict(zip(model.KEY, key, strict=True))).order_by("pk")
                # Held, so that of two who gather at once the second finds nothing left.
                held = list(rows.select_for_update())
                model.objects.filter(pk__in=[row.pk for row in held]).delete()
                kept = False
                if held:
                    one, *others = held
                    one.pk = None
                    for name in model.COUNTS:
                        setattr(one, name, sum(getattr(row, name) for row in held))
                    kept = any(getattr(one, name) for name in model.COUNTS)
                    if kept:
                        one.save(force_insert=True)
                gone += len(held) - kept
        # On SQLite nobody else wrote meanwhile.
        time.sleep(time.monotonic() - started)
    return gone


def _scattered(model: type[Tally] | type[CellTally]) -> list[tuple[Any, ...]]:
    """In one order, so that no two who gather hold what the other waits for."""
    rows = model.objects.values_list(*model.KEY).annotate(rows=Count("pk")).filter(rows__gt=1)
    return [row[:-1] for row in rows.order_by(*model.KEY)]


@transaction.atomic
def recount() -> None:
    """Count everything anew, from nothing: after rows were put in without this module.

    Nobody may write meanwhile what it counts; memory grows with the number of counters, not of sightings.
    """
    for model in MODELS:
        model.objects.all().delete()
    changes = Changes()
    changed: list[Occurrence] = []
    for occurrence in Occurrence.objects.select_related("observation").iterator(BATCH):
        now = counted(occurrence, occurrence.observation)
        changes.add(now)
        if now != occurrence.counted:
            occurrence.counted = now
            changed.append(occurrence)
        if len(changed) >= BATCH:
            Occurrence.objects.bulk_update(changed, ["counted"])
            changed = []
    Occurrence.objects.bulk_update(changed, ["counted"])
    changes.write()


def differing() -> list[str]:
    """A sentence where counters are not what they count. Reads every organism."""
    wrong = _differences()
    if wrong:
        # People write while this reads. What is wrong for good is wrong by as much once more.
        again = _differences()
        wrong = {key: counts for key, counts in wrong.items() if again.get(key) == counts}
    return [f"{len(wrong)} counters are not what they count."] if wrong else []


def _differences() -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Key of a counter, its tile with it, to how much its counts are too small."""
    changes = Changes()
    for occurrence in Occurrence.objects.select_related("observation").iterator(BATCH):
        changes.add(counted(occurrence, occurrence.observation))
    found: dict[tuple[Any, ...], tuple[int, ...]] = {key: (count,) for key, count in changes.tallies.items()}
    for row in cells.rows(changes.cells):
        taxon = row.taxon_id and str(row.taxon_id)
        found[row.cell, taxon, row.whole, row.status, row.tile] = tuple(
            getattr(row, name) for name in CellTally.COUNTS
        )
    for model, names in ((Tally, Tally.KEY), (CellTally, (*CellTally.KEY, "tile"))):
        sums = {f"total_{name}": Sum(name) for name in model.COUNTS}
        for row in model.objects.order_by().values_list(*names).annotate(**sums):
            counter = tuple(str(each) if isinstance(each, UUID) else each for each in row[: len(names)])
            kept = row[len(names) :]
            right = found.pop(counter, (0,) * len(kept))
            if right != kept:
                found[counter] = tuple(one - other for one, other in zip(right, kept, strict=True))
    return found
