"""What people said of one organism, as a manifest lists it: who is a number there.

`person` is an id here; `research.manifest.spool.Spool.kept_organisms` puts the numbers in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labeling.models import Box, FieldMark, Identification

if TYPE_CHECKING:
    from research.queries.photos import Gathered

SIDES = ("x", "y", "width", "height")


def number(value: float | None, digits: int) -> float | None:
    # Adding zero turns -0.0 into 0.0, which are one number and two texts.
    return None if value is None else round(float(value), digits) + 0.0


def identifications(organism: Gathered) -> list[dict[str, Any]]:
    """Every one, taken back or not, in the order in which they were said. No notes: nobody was asked whether those may
    be handed on.
    """
    # Of a sighting whose month alone is told, the day of the first name would tell more.
    dated = organism.observation.told_time(False).month is None
    said = sorted(organism.all_identifications, key=lambda each: (each.created, each.pk))
    return [_identification(each, organism, dated) for each in said]


def _identification(each: Identification, organism: Gathered, dated: bool) -> dict[str, Any]:
    return {
        "person": str(each.person_id),
        "imported": each.person.is_source,
        "uploader": each.person_id == organism.observation.observer_id,
        "label": each.taxon.label,
        "scientific_name": each.taxon.scientific_name,
        "rank": each.taxon.rank,
        "confidence": each.confidence,
        "rejects": each.disagrees_with.label if each.disagrees_with else "",
        "cannot_improve": each.cannot_improve,
        "day": each.created.date().isoformat() if dated else None,
        "withdrawn": each.withdrawn_at is not None,
        "model_on_screen": each.model_on_screen,
        "others_on_screen": each.others_on_screen,
    }


def boxes(organism: Gathered) -> list[dict[str, Any]]:
    """Each person's rectangles that stand; fractions 0-1 of the upright photo."""
    return [_box(each) for each in sorted(organism.all_boxes, key=lambda each: (str(each.photo_id), each.pk))]


def _box(each: Box) -> dict[str, Any]:
    sides = {side: number(getattr(each, side), 6) for side in SIDES}
    return {"photo": str(each.photo_id), "person": str(each.person_id), **sides}


def marks(organism: Gathered) -> list[dict[str, Any]]:
    """What people pointed at, and where; fractions 0-1 of the upright photo."""
    return [
        _mark(each) for each in sorted(organism.all_marks, key=lambda each: (str(each.photo_id), each.pk))
    ]


def _mark(each: FieldMark) -> dict[str, Any]:
    return {
        "photo": str(each.photo_id),
        "person": str(each.person_id),
        "label": each.taxon.label if each.taxon else "",
        "mark": each.mark,
        "x": number(each.x, 6),
        "y": number(each.y, 6),
    }


def people(entry: dict[str, Any]) -> Iterator[str]:
    """Ids of those who said something, in the order of an organism's entry."""
    for kind in ("identifications", "boxes", "marks"):
        yield from (each["person"] for each in entry[kind])
