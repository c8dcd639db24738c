"""Words for the pages of jobs."""

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def span(length: timedelta | None) -> str:
    """A length of time: "0.4 s", "41 s", "14 min", "3 h 5 min", "2 days 4 h"; empty for None."""
    if length is None:
        return ""
    seconds = max(0.0, length.total_seconds())
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    word = "day" if days == 1 else "days"
    return f"{days} {word} {hours} h" if hours else f"{days} {word}"
