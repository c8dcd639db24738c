"""Words for the pages of jobs."""

from datetime import timedelta

from django import template

from jobs.models import Job, State

register = template.Library()


@register.filter
def state_words(job: Job) -> str:
    """What a job is doing, or how it ended: "running", "done in 41 s", "stopped after 5 min"."""
    if job.state == State.WAITING:
        return "waiting"
    if job.state == State.RUNNING:
        return "stopping" if job.cancel_requested else "running"
    if job.state == State.DONE:
        return f"done in {span(job.took)}" if job.took is not None else "done"
    return f"stopped after {span(job.took)}" if job.took is not None else "stopped"


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
