"""When a sighting was, in words."""

from django.utils.formats import date_format

from labeling.forms.drafts import offset_words
from species import clocks
from species.models import Observation
from species.presenters import times


def when(observation: Observation, exact: bool) -> dict:
    """The time in words: what is public of it, or all of it to whoever may see the `exact` place.

    `kept`: others are told less than there is; `others`: what, for whoever sees more.
    """
    told = observation.told_time(exact)
    public = times.day(observation.told_time(False))
    kept = observation.time_generalized != ""
    about = {
        "source": observation.get_time_source_display(),
        "kept": kept,
        "others": public["date"] if kept and exact else "",
    }
    if told.at is None:
        day = times.day(told)
        return about | {"text": day["date"], "zone": "", "iso": day["datetime"]}
    local, known = observation.local_time, told.offset is not None
    assert local is not None
    return about | {
        "text": date_format(local, "j M Y, H:i"),
        "zone": local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:5] if known else "",
        "unknown_zone": not known,
        "iso": local.isoformat(),
    }


def doubt(observation: Observation) -> str:
    """What to ask the observer about the zone, or ""."""
    kind = observation.zone_doubt
    if not kind:
        return ""
    there = offset_words(clocks.nearest_hour(observation.longitude))
    if kind == "utc":
        return (
            "The clock showed the satellites’ hour, which is that of Greenwich, and by the sun it is about "
            f"{there} at this place. Was it still on UTC?"
        )
    zone = offset_words(observation.utc_offset)
    return (
        f"The clock was on {zone}, and by the sun it is about {there} at this place. Was it still on another "
        "place’s time?"
    )


def satellites(observation: Observation) -> str:
    """What the satellites' clock says, where that is all there is to know the hour by."""
    moment = observation.satellite_time if observation.observed_at is None else None
    if moment is None:
        return ""
    # Where the day there is known, that of Greenwich beside it would only confuse.
    return f"{date_format(moment, 'H:i' if observation.local_date else 'j M Y, H:i')} UTC"
