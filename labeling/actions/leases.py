"""Handing out what waits for a name: to nobody twice, and to no more at once than more names are of use."""

import random
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.consensus import Unreadable
from labeling.consensus import leases as rules
from labeling.consensus.explanation import Explanation
from labeling.models import Lease, Verdict
from labeling.queries import leases
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence

USUAL, LONGEST = 10, 60  # minutes
HELD = 30  # that one person has in hand
GOLD = 0.07  # of those that are handed out, where there is one
ROUNDS = 3


def take(
    *, by: User, found: QuerySet[Occurrence] | None = None, minutes: int = USUAL, gold: bool = True
) -> Lease | None:
    """The next one for a person, theirs for so many minutes; out of a set, of what is `found`. Now and then, unless
    that is of a set or `gold` says otherwise, one that a reviewer has ruled on. None where nothing waits.

    Raises ValidationError for a time that is too long or short, and who has `HELD` in hand.
    """
    if not 1 <= minutes <= LONGEST:
        raise ValidationError({"minutes": f"From 1 to {LONGEST}."})
    now = timezone.now()
    if leases.held(by, now) >= HELD:
        raise ValidationError(f"You have {HELD} in hand. Name them, or go on without a name, or wait.")
    until = timedelta(minutes=minutes)
    if gold and found is None and random.random() < GOLD:  # nothing is guarded by it
        tried = leases.gold_for(by)
        if tried is not None and (lease := _take(tried, by, until, is_gold=True)):
            return lease
    for _ in range(ROUNDS):
        rows = list(leases.next_for(by, found, timezone.now())[: leases.CHUNK])
        for each in rows:
            if lease := _take(each, by, until):
                return lease
        if len(rows) < leases.CHUNK:
            break
    return None


def _take(occurrence: Occurrence, by: User, time: timedelta, is_gold: bool = False) -> Lease | None:
    """None where others were quicker, or it waits no more."""
    with suppress(NotYours), transaction.atomic():
        locked, now = occurrences.lock(occurrence), timezone.now()
        verdict, out, had = leases.standing_of(locked, by, now)
        left = rules.places(_explained(verdict), out)
        # Theirs is theirs for good; whoever else asks for this one waits until it is written.
        if had or not (is_gold or (locked.waits and left)):
            return None
        return Lease.objects.create(
            occurrence=locked,
            person=by,
            created=now,
            until=now + time,
            fills=left == 1 and not is_gold,
            is_gold=is_gold,
        )
    return None


def _explained(verdict: Verdict | None) -> Explanation | None:
    try:
        return verdict.explained() if verdict else None
    except Unreadable:
        return None
