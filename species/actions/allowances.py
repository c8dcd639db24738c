"""Bounds on bytes: so many in a span of time, exactly, however many requests ask at once."""

import math
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from species.models import Allowance

DAY = 24 * 3600
UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "kB"), (1, "bytes"))


class UsedUp(Exception):
    """Refused: 429 with a sentence for the person, and `retry_after` in seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(f"{sentence} Try again in {_time(retry_after)}.")
        self.retry_after = retry_after


@transaction.atomic
def take(*, who: str, size: int, limit: int, span: int, sentence: str) -> None:
    """Use `size` bytes of the `limit` that `who` has in every `span` seconds. Raises UsedUp, and takes nothing."""
    since = _since(span)
    Allowance.objects.bulk_create([Allowance(who=who, since=since)], ignore_conflicts=True)
    room = Allowance.objects.filter(who=who, since=since, used__lte=limit - size)
    if not room.update(used=F("used") + size):
        raise UsedUp(sentence, _left(span))


@transaction.atomic
def give_back(*, who: str, size: int, span: int, taken: datetime | None = None) -> None:
    """What was taken, in this span or in that of the moment `taken`, for something that was then not kept."""
    Allowance.objects.filter(who=who, since=_since(span, taken), used__gte=size).update(used=F("used") - size)


@transaction.atomic
def forget_old(*, now: datetime | None = None) -> None:
    """Spans that are long over count for nothing."""
    Allowance.objects.filter(since__lt=(now or timezone.now()) - timedelta(seconds=2 * DAY)).delete()


def check(*, who: str, size: int, limit: int, span: int, sentence: str) -> None:
    """Raises UsedUp where `take` would just now; takes nothing, so that no work is done in vain."""
    used = Allowance.objects.filter(who=who, since=_since(span)).values_list("used", flat=True).first() or 0
    if used + size > limit:
        raise UsedUp(sentence, _left(span))


def in_words(size: int) -> str:
    """Bytes as people say them: "4 GB"."""
    unit, word = next((unit, word) for unit, word in UNITS if size >= unit or unit == 1)
    return f"{size / unit:.3g} {word}"


def _since(span: int, at: datetime | None = None) -> datetime:
    return datetime.fromtimestamp((at or timezone.now()).timestamp() // span * span, UTC)


def _left(span: int) -> int:
    """Seconds until the next span begins."""
    return span - int(timezone.now().timestamp() % span)


def _time(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes > 90:
        return f"{math.ceil(minutes / 60)} hours"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
