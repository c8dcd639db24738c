"""When a sighting was, in words."""

from django.utils.formats import date_format

from species.models import Observation


def when(observation: Observation) -> dict:
    local = observation.local_time
    if local is None:
        day = observation.local_date
        return {"text": date_format(day, "j M Y") if day else "", "zone": "", "iso": str(day or "")}
    known = observation.utc_offset is not None
    return {
        "text": date_format(local, "j M Y, H:i"),
        "zone": local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:5] if known else "",
        "unknown_zone": not known,
        "iso": local.isoformat() if known else local.replace(tzinfo=None).isoformat(),
    }
