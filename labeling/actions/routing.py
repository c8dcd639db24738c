"""Asking a reviewer by name to look at what the crowd leaves open; after a week another. By a job, hour by hour."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.actions import notices
from labeling.consensus import routing as rules
from labeling.models import ReviewSearch, Routing
from labeling.models.routing import WEEK
from labeling.queries import routing
from labeling.queries.routing import OPEN, Cause, Left, Ranges, Team
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence, Status, Taxon
from species.queries import taxa
from species.taxonomy.tree import TaxonId

#: That are open with one reviewer; of those that only wait long, so many.
MOST, MOST_LATE = 50, 20
Progress = Callable[[int, int | None], object]


def route(*, progress: Progress | None = None) -> int:
    """Close what is open no more, ask another where a week is over, and somebody for what nobody looks at yet; how many
    are asked anew.

    Not atomic as a whole: each is a transaction, and doing it again is harmless. `progress(done, None)` is called
    between them and may raise to stop.
    """
    now, tree = timezone.now(), taxa.tree()
    left_behind = {}
    for each in routing.of_no_use():
        if (outcome := _outcome(each.occurrence)) == Routing.Outcome.PASSED_ON:
            left_behind[each.pk] = each
        else:
            _close(each, outcome)
    team, ranges, asked = Team(tree), Ranges(tree), Counter[UUID]()
    for each in (left_behind | {each.pk: each for each in routing.overdue(now)}).values():
        found = _choose(Left(each.occurrence, each.cause), team, ranges, MOST, former=each)
        if each.reviewer_id not in team.people and found is None:
            _close(each, Routing.Outcome.PASSED_ON)
        elif found is None or found[0].pk == each.reviewer_id:
            Routing.objects.filter(pk=each.pk, closed_at=None).update(until=now + WEEK)
        elif _ask(each.occurrence, each.cause, *found, team, former=each):
            asked[found[0].pk] += 1
        if progress:
            progress(asked.total(), None)
    step = routing.quiet(now)
    for left in routing.left_open(now, [id for id, _ in step]):
        most = MOST_LATE if left.cause == Cause.LATE else MOST
        found = _choose(left, team, ranges, most) if team.is_free(most) else None
        if found is not None and _ask(left.occurrence, left.cause, *found, team):
            asked[found[0].pk] += 1
        if progress:
            progress(asked.total(), None)
    if team.is_free(MOST):
        _go_on_from(step)
    notices.tell_reviewers(people=asked)
    return asked.total()


def _choose(
    left: Left, team: Team, ranges: Ranges, most: int, former: Routing | None = None
) -> tuple[User, str] | None:
    """Who, and why. `former`: whose week is over, which counts as a turn and leaves them room."""
    id, observation = left.occurrence.pk, left.occurrence.observation
    names = routing.names_of([id], team.tree)[id]
    clade = rules.clade(names, team.tree)
    turns = routing.turns_of([id])[id]
    if former is not None:
        turns[former.reviewer_id] += 1
        team.load[former.reviewer_id] -= 1
    experts = team.experts(left.occurrence, names, clade, turns)
    if former is not None:
        team.load[former.reviewer_id] += 1
    away = ranges.away(names, observation.public_h3_5)
    expert = rules.choose(experts, away=away, most=most)
    if expert is None:
        return None
    return team.people[UUID(str(expert.person))], rules.reason(expert, _called(clade), away=away)


def _called(clade: TaxonId | None) -> str:
    if clade is None:
        return ""
    return Taxon.objects.values_list("scientific_name", flat=True).get(pk=UUID(str(clade)))


def _ask(
    occurrence: Occurrence, cause: str, person: User, reason: str, team: Team, former: Routing | None = None
) -> bool:
    """Whether they were asked: it may be settled, or gone, by now."""
    with suppress(NotYours), transaction.atomic():
        locked = occurrences.lock(occurrence)
        if not locked.listed or locked.status not in OPEN:
            return False
        if former is not None:
            _close(former, Routing.Outcome.PASSED_ON)
            team.load[former.reviewer_id] -= 1
        found, made = Routing.objects.get_or_create(
            occurrence=locked, closed_at=None, defaults={"reviewer": person, "cause": cause, "reason": reason}
        )
        if made:
            team.load[person.pk] += 1
            notices.tell_routed(routing=found)
        return made
    return False


def _outcome(occurrence: Occurrence) -> str:
    if not occurrence.listed:
        return Routing.Outcome.GONE
    is_open = occurrence.status in (Status.NEEDS_ID, Status.DISPUTED)
    return Routing.Outcome.PASSED_ON if is_open else Routing.Outcome.SETTLED


def _close(each: Routing, outcome: str) -> None:
    Routing.objects.filter(pk=each.pk, closed_at=None).update(closed_at=timezone.now(), outcome=outcome)


def _go_on_from(step: list[tuple[UUID, datetime]]) -> None:
    """The next run looks at what comes after this step; after the last at the first again."""
    if len(step) < routing.STEP:
        ReviewSearch.objects.filter(name=Cause.STALLED).delete()
        return
    last, moment = step[-1]
    ReviewSearch.objects.update_or_create(name=Cause.STALLED, defaults={"moment": moment, "last": last})


def found_right(*, occurrence: Occurrence) -> list[str]:
    """Nobody need look at one that the caller holds, as it is; which of these that closes."""
    rows = list(Routing.objects.filter(occurrence=occurrence, closed_at=None))
    for each in rows:
        _close(each, Routing.Outcome.SETTLED)
    return [str(each.pk) for each in rows]


def open_again(*, ids: list[str]) -> None:
    """As if that had not been said; unless somebody else was asked since."""
    for each in Routing.objects.filter(pk__in=ids).exclude(closed_at=None):
        if not Routing.objects.filter(occurrence=each.occurrence_id, closed_at=None).exists():
            Routing.objects.filter(pk=each.pk).update(closed_at=None, outcome="")
