"""Rows of difference of what is counted in each hexagon of the map; `species.actions.tallies` says when."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from species.models import CellTally
from species.places import cells

Key = tuple[str, str | None, bool, str, int]  # cell, id of the taxon, whether of all taxa, status, month or 0


def keys(counted: dict[str, Any] | None) -> Iterator[Key]:
    """The counters that something counts in: in each cell around it by its taxon, and with all others."""
    if counted is not None:
        month = int(counted["month"][5:] or 0)
        for cell in cells.line(counted["cell"]):
            yield cell, counted["taxon"], False, counted["status"], month
            yield cell, None, True, counted["status"], month


def rows(changes: Counter[Key]) -> Iterator[CellTally]:
    """One for each counter that changes, whatever months it changes in."""
    found: dict[tuple[str, str | None, bool, str], Counter[str]] = {}
    for (cell, taxon, whole, status, month), count in changes.items():
        if count:
            counts = found.setdefault((cell, taxon, whole, status), Counter())
            counts["count"] += count
            if month:
                counts[f"m{month:02d}"] += count
    for (cell, taxon, whole, status), counts in found.items():
        yield CellTally(
            tile=cells.tile(cell), cell=cell, taxon_id=taxon, whole=whole, status=status, **counts
        )
