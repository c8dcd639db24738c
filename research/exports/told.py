"""What several formats print of an entry in the same words."""

from collections.abc import Iterable
from typing import Any

# From what everybody may do with it to what least.
LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0")


def observed_at(sighting: dict[str, Any]) -> str | None:
    """ISO 8601, with `Z` only where somebody gave a zone: datasets frozen before format 3 say it of every time."""
    said: str | None = sighting["observed_at"]
    return said.removesuffix("Z") if said and sighting["utc_offset"] is None else said


def event_date(sighting: dict[str, Any]) -> str:
    """The same; a day or a month where no more is told, empty where nothing is."""
    return observed_at(sighting) or sighting["local_date"] or sighting.get("month") or ""


def least(licences: Iterable[str]) -> str:
    """The one of some licences that allows least; a foreign one least of all."""
    given = sorted(set(licences))
    return max(given, key=lambda each: LICENCES.index(each) if each in LICENCES else len(LICENCES))


def status(votes: dict[str, Any]) -> str:
    if votes["ruling"] == "reviewer":
        return "verified by a reviewer"
    return "verified by its source" if votes["ruling"] == "trust" else "verified by agreement"
