"""The history of published sightings: whoever changes one writes what it said before, in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from species.models import Edit, Measurement, Observation, Photo, State, TimePrecision
from species.queries import edits as edits_queries

# Of these every photo, or every organism, has its own; of one that came or went nothing was edited.
EACH = ("licence", "length_mm")
# A time is said as a whole: which of these changes says little without the others.
TIME = ("observed_at", "utc_offset", "local_date", "time_source")


class Stale(Exception):
    """The sighting was changed somewhere else since this form was drawn. Nothing has been written."""


@dataclass
class Act:
    """One act: what it says besides the fields, and the row that it became, where it changed anything."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    row: Edit | None = None


_inside: ContextVar[tuple[UUID, Act] | None] = ContextVar("inside", default=None)


@contextmanager
def act(locked: Observation, by: User) -> Iterator[Act]:
    """What is changed within it of a sighting that the caller holds is one row of its history.

    An act within another is part of that. A draft has no history: nobody else has seen it.
    """
    outer = _inside.get()
    if outer is not None and outer[0] == locked.pk:
        yield outer[1]
        return
    told = Act()
    if locked.state != State.PUBLISHED:
        yield told
        return
    before, version, level = said(locked), locked.version, edits_queries.level(locked)
    precision = locked.time_shown
    token = _inside.set((locked.pk, told))
    try:
        yield told
    finally:
        _inside.reset(token)
    held = Observation.objects.get(pk=locked.pk)
    after = said(held)
    if before["place"] != after["place"]:
        # A place is never shown by a freer rule than there was when it stood.
        for each, then in ((before, level), (after, edits_queries.level(held))):
            each["place"] = each["place"] and each["place"] | {"level": then}
    names = {name for name in before if before[name] != after[name]} - {*EACH}
    for name in names.union(TIME) if names.intersection(TIME) else names:
        told.before[name], told.after[name] = before[name], after[name]
    if names.intersection(TIME) and {precision, held.time_shown} != {TimePrecision.EXACT}:
        # Nor is a time told by one: `species.queries.edits` reads this, and shows it to nobody.
        told.before["time_shown"], told.after["time_shown"] = precision, held.time_shown
    for name in EACH:
        changed = [id for id in before[name] if id in after[name] and before[name][id] != after[name][id]]
        if changed:
            told.before[name] = {id: before[name][id] for id in changed}
            told.after[name] = {id: after[name][id] for id in changed}
    if not told.after:
        return
    if held.version == version:
        Observation.objects.filter(pk=locked.pk).update(version=F("version") + 1)
    Observation.objects.filter(pk=locked.pk).update(updated=timezone.now())
    locked.refresh_from_db(fields=["version", "updated"])
    told.row = Edit.objects.create(observation=locked, by=by, before=told.before, after=told.after)


def said(locked: Observation) -> dict[str, Any]:
    """All that an edit can change of it, as JSON: `length_mm` by organism, `licence` by photo, `photos` in order."""
    row = Observation.objects.select_related("place").get(pk=locked.pk)
    photos = Photo.objects.filter(observation=row).order_by("position", "created", "id")
    licences = {str(pk): licence for pk, licence in photos.values_list("pk", "licence")}
    return {
        "observed_at": row.observed_text,
        "utc_offset": row.utc_offset,
        "local_date": row.local_date and row.local_date.isoformat(),
        "time_source": row.time_source,
        "place": _place(row),
        "privacy": row.privacy,
        "time_precision": row.time_precision,
        "surroundings": row.surroundings,
        "note": row.note,
        "trip": row.trip_id and str(row.trip_id),
        "length_mm": lengths(row),
        "licence": licences,
        "photos": list(licences),
    }


def lengths(observation: Observation) -> dict[str, float | None]:
    """What was measured last of each organism, in millimetres."""
    found: dict[str, float | None] = {}
    of_length = Measurement.Kind.TOTAL_LENGTH
    rows = observation.occurrences.order_by("created", "id", "measurements__created", "measurements__id")
    for pk, kind, value in rows.values_list("pk", "measurements__kind", "measurements__value"):
        found.setdefault(str(pk), None)
        if kind == of_length:
            found[str(pk)] = value
    return found


def _place(row: Observation) -> dict[str, Any] | None:
    if row.latitude is None and row.place is None:
        return None
    return {
        "latitude": row.latitude,
        "longitude": row.longitude,
        "uncertainty_m": row.uncertainty_m,
        "place_source": row.place_source,
        "place": row.place and str(row.place.pk),
        "name": row.place.name if row.place else "",
        "name_uncertainty_m": row.place.uncertainty_m if row.place else None,
    }
