"""What waits for reviewers about people, and what was said of one person."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from labeling.models import Caution, Report, Suspension

MOST = 50  # that a page lists of each


def open_reports(person: User) -> list[Report]:
    """The oldest first; nothing that is about who asks. One query."""
    about = Q(person=person) | Q(observation__observer=person)
    rows = Report.objects.filter(resolved_at=None).exclude(about)
    rows = rows.select_related("person", "observation__observer", "by")
    return list(rows.order_by("created", "id")[:MOST])


def appeals_for(person: User) -> list[Suspension]:
    """Those that wait for another reviewer than who suspended; the oldest first. One query."""
    waiting = Suspension.objects.filter(appealed_at__isnull=False, answered_at=None, lifted_at=None)
    rows = waiting.exclude(by=person).exclude(person=person).select_related("person", "by")
    return list(rows.order_by("appealed_at", "id")[:MOST])


def suspended() -> list[Suspension]:
    rows = Suspension.objects.filter(lifted_at=None).select_related("person", "by")
    return list(rows.order_by("-created", "-id")[:MOST])


def standing_suspension(person: User) -> Suspension | None:
    rows = Suspension.objects.filter(person=person, lifted_at=None)
    return rows.select_related("by", "rollback").first()


def history(person: User) -> dict[str, list[Any]]:
    """All that was reported and done about one person, the newest first. Three queries."""
    about = Q(person=person) | Q(observation__observer=person)
    return {
        "reports": _newest(Report.objects.filter(about).select_related("by", "observation", "person")),
        "cautions": _newest(Caution.objects.filter(person=person).select_related("by")),
        "suspensions": _newest(
            Suspension.objects.filter(person=person).select_related("by", "answered_by", "lifted_by")
        ),
    }


def unread(person: User) -> list[Caution]:
    return list(Caution.objects.filter(person=person, acknowledged_at=None).order_by("created", "id"))


def _newest(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("-created", "-id")[:MOST])
