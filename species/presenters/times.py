"""When a sighting was, in words."""

from django.utils.formats import date_format

from species import clocks


def day(told: clocks.Told) -> dict[str, str]:
    """`date`, in words and no finer than a day, and `datetime`, for an element `time`; both empty of no day."""
    if told.day is not None:
        return {"date": date_format(told.day, "j M Y"), "datetime": told.day.isoformat()}
    return {"date": date_format(told.month, "M Y") if told.month else "", "datetime": told.text}
