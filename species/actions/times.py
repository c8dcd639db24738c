"""When a sighting was, as its owner or its photos say it: written only as far as somebody said it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone as clock

from species import clocks
from species.clocks import EARLIEST_YEAR
from species.models import (
    Observation,
    TimeSource,
)

# Clocks of cameras and phones run ahead, and "today" begins 14 hours early east of the date line.
FUTURE_SLACK = timedelta(days=1)


TOO_OLD = "No photo is as old as this. Check the camera's clock."


def apply(observation: Observation, fields: dict[str, Any]) -> None:
    before = _said_time(observation)
    if fields.keys() & TIME:
        _apply_moment(observation, fields)
    changed = _said_time(observation) != before
    if changed or fields.get("time_source"):
        observation.time_source = fields.get("time_source") or TimeSource.SAID
    if observation.local_date is None:
        observation.time_source = ""
    elif observation.time_source not in ("", *TimeSource.values):
        raise ValidationError({"time_source": f"Choose one of: {', '.join(TimeSource.values)}."})


TIME = frozenset({"observed_at", "utc_offset", "local_date"})


def _said_time(observation: Observation) -> tuple[Any, ...]:
    return observation.observed_at, observation.utc_offset, observation.local_date


def _apply_moment(observation: Observation, fields: dict[str, Any]) -> None:
    offset = fields.get("utc_offset", observation.utc_offset)
    moment: datetime | date | None = fields.get("observed_at", observation.observed_at)
    asked = "local_date"
    if isinstance(moment, date) and not isinstance(moment, datetime):
        asked = "observed_at"
        if fields.get("local_date") not in (None, moment):
            raise ValidationError({"local_date": f"The day given is {moment}."})
        fields = fields | {"observed_at": None, "local_date": moment}
        moment = None
    if moment is not None:
        moment, offset = _moment(moment, offset, observation, fields)
    if offset is not None and not -14 * 60 <= offset <= 14 * 60:
        raise ValidationError({"utc_offset": "No clock is more than 14 hours from UTC."})
    if moment is None:
        if "observed_at" in fields and observation.observed_at is not None:
            # The day was that of the time which goes; a day that was said without one stays.
            observation.local_date = None
        day: date | None = fields.get("local_date", observation.local_date)
        if day is not None and day > (clock.now() + FUTURE_SLACK).date():
            raise ValidationError({asked: "This day has not come yet."})
        if day is not None and day.year < EARLIEST_YEAR:
            raise ValidationError({asked: TOO_OLD})
        observation.observed_at, observation.utc_offset, observation.local_date = None, offset, day
        return
    # Also because the first and the last day of the calendar have no time in every zone.
    if moment.year < EARLIEST_YEAR:
        raise ValidationError({"observed_at": TOO_OLD})
    zone = clocks.zone(offset or 0)
    # A naive time without an offset is kept as if it were UTC: the day and the hour on the wall stay right.
    instant = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
    if instant > clock.now() + FUTURE_SLACK:
        raise ValidationError({"observed_at": "This time has not come yet. Check the camera's clock."})
    observation.observed_at = instant.astimezone(UTC)
    observation.utc_offset = offset
    observation.local_date = instant.astimezone(zone).date()
    if fields.get("local_date") not in (None, observation.local_date):
        raise ValidationError({"local_date": f"The time given is on {observation.local_date}."})


def _moment(
    moment: datetime, offset: int | None, observation: Observation, fields: dict[str, Any]
) -> tuple[datetime, int | None]:
    """The moment, naive where it is an hour on a wall, and its zone."""
    if "observed_at" not in fields:
        if observation.utc_offset is None or offset is None:
            # Only its zone becomes known, or is taken away: the hour on the wall stays.
            return moment.astimezone(clocks.zone(observation.utc_offset or 0)).replace(tzinfo=None), offset
        return moment, offset
    if moment.tzinfo is None:
        return moment, offset
    if "utc_offset" not in fields:
        own = int(moment.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]
        # `Z` says which moment it was, not which clock hung there, where that is known already.
        return moment, own if own or offset is None else offset
    # Said in one breath that the zone is not known: then what is written is the hour on the wall.
    return (moment.replace(tzinfo=None) if offset is None else moment), offset
