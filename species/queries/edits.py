"""What anybody may read of a sighting's history."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from species import clocks
from species.models import Edit, Observation, Privacy, TimePrecision
from species.places import geoprivacy

HIDDEN = {"shown": "withheld"}


def history(observation: Observation) -> QuerySet[Edit]:
    """Its edits, the oldest first."""
    rows = Edit.objects.filter(observation=observation)
    return rows.select_related("by", "observation").order_by("created", "id")


def level(observation: Observation) -> str:
    """How much of its place anybody may know now: the observer's choice, and what its organisms ask for."""
    floors = observation.occurrences.order_by().values_list("place_floor", flat=True)
    return geoprivacy.strictest(Privacy.OPEN, observation.privacy, *floors)


def readable(edit: Edit, *, level: str, exact: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after an edit, field by field, for somebody who may see the `exact` places of the sighting or not.

    `level` is what rules its place now: of a place it shows what that and the rule of then both allow, and of a time
    what both precisions do. Only what is named here ever leaves.
    """
    return _side(edit, edit.before, level, exact), _side(edit, edit.after, level, exact)


PLAIN = (
    "time_source",
    "privacy",
    "time_precision",
    "surroundings",
    "note",
    "split_from",
    "split_off",
    "deleted",
)


def _side(edit: Edit, said: dict[str, Any], level: str, exact: bool) -> dict[str, Any]:
    shown = {name: said[name] for name in PLAIN if name in said}
    if "local_date" in said:
        shown |= said_time(said, precision=edit.observation.time_shown, exact=exact)
    if "trip" in said and exact:
        # Others are told of the trip itself only where the sighting is told as it is: species.queries.trips.
        shown["trip"] = said["trip"]
    if "place" in said:
        shown["place"] = place(said["place"], level=level, exact=exact)
    if "length_mm" in said:
        shown["length_mm"] = list(said["length_mm"].values())
    if "licence" in said:
        shown["licence"] = sorted(set(said["licence"].values()))
    if "photos" in said:
        shown |= _photos(edit.before["photos"], said["photos"], edit.after["photos"])
    return shown


def said_time(said: dict[str, Any], *, precision: str, exact: bool) -> dict[str, Any]:
    """As it was said, or no more than `precision` and that of then allow: `eventDate`, in place of what says more."""
    precision = clocks.coarsest(precision, said.get("time_shown", precision))
    if exact or precision == TimePrecision.EXACT:
        return {name: said[name] for name in ("observed_at", "utc_offset", "local_date") if name in said}
    told = clocks.told(None, None, said["local_date"] and date.fromisoformat(said["local_date"]), precision)
    day = told.day and told.day.isoformat()
    return {"observed_at": None, "utc_offset": None, "local_date": day, "eventDate": told.text}


def _photos(before: list[str], these: list[str], after: list[str]) -> dict[str, Any]:
    """How many there were, or in which order; not which: some are shown to nobody, or gone."""
    if set(before) == set(after):
        return {"photo_order": [before.index(each) + 1 for each in these]}
    return {"photos": len(these)}


def place(said: dict[str, Any] | None, *, level: str, exact: bool) -> dict[str, Any] | None:
    if said is None:
        return None
    if exact:
        names = ("latitude", "longitude", "uncertainty_m", "name")
        return {"shown": "exact"} | {name: said[name] for name in names}
    level = geoprivacy.strictest(level, said["level"])
    public = geoprivacy.public_place(said["latitude"], said["longitude"], said["uncertainty_m"], level)
    if public is None:
        return HIDDEN
    wide = said["name_uncertainty_m"]
    told = not public.generalized or (wide is not None and wide >= (public.uncertainty_m or 0))
    return {
        "shown": "generalized" if public.generalized else "exact",
        "latitude": public.latitude,
        "longitude": public.longitude,
        "uncertainty_m": public.uncertainty_m,
        "name": said["name"] if told else "",
    }
