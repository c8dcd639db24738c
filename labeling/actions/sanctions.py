"""What is reported of people and sightings, and what reviewers do about people: warn them, suspend them, hear them.

`User.standing` follows from the rows here and is written by `_stand` alone.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Standing, User
from labeling import access
from labeling.actions import rollbacks
from labeling.actions.rollbacks import NOT_YOU, may
from labeling.models import Caution, Report, Rollback, Suspension
from labeling.queries.rollbacks import PHOTOS, VOTES
from notices.actions import notify
from species.models import Observation

LONGEST = 2000
GONE = "—"


@transaction.atomic
def report(
    *, by: User, reason: str, person: User | None = None, observation: Observation | None = None
) -> Report:
    """Point a person or a sighting out to reviewers. The same person's again, while it is open, is the same one.

    Raises PermissionDenied, ValidationError by field.
    """
    reason = _text(reason, "reason", "Say what is wrong.")
    if not access.can_report(by) or (observation is not None and not access.can_comment(by, observation)):
        raise PermissionDenied("You cannot report what you cannot see. Sign in first.")
    if (person is None) == (observation is None):
        raise ValidationError("Report a person, or a sighting.")
    about = person or (observation and observation.observer)
    if about == by:
        raise ValidationError("That is you.")
    found, made = Report.objects.get_or_create(
        person=person, observation=observation, by=by, resolved_at=None, defaults={"reason": reason}
    )
    if not made and found.reason != reason:
        found.reason = reason
        found.save(update_fields=["reason"])
    return found


@transaction.atomic
def resolve(*, report: Report, by: User) -> Report:
    """It is dealt with: said by a reviewer whom it is not about. Again is no error. Raises PermissionDenied."""
    locked = Report.objects.select_for_update().get(pk=report.pk)
    about = locked.person_id or (locked.observation and locked.observation.observer_id)
    if not by.is_reviewer or about == by.pk:
        raise PermissionDenied("Only a reviewer says so, and not of themselves.")
    if locked.resolved_at is None:
        locked.resolved_at, locked.resolved_by = timezone.now(), by
        locked.save(update_fields=["resolved_at", "resolved_by"])
        notify(user=locked.by, kind="report", text=f"{by} looked at what you reported. It is dealt with.")
    return locked


@transaction.atomic
def warn(*, person: User, reason: str, by: User) -> Caution:
    """Tell somebody that what they do here will not do. They are shown it at their next visit.

    Raises PermissionDenied, ValidationError.
    """
    if not may(by, person):
        raise PermissionDenied(NOT_YOU)
    caution = Caution.objects.create(
        person=_hold(person), by=by, reason=_text(reason, "reason", "Say why; they will read it.")
    )
    _stand(person)
    notify(
        user=person,
        kind="standing",
        text=f"A reviewer warned you: {_cut(caution.reason)}",
        url=reverse("standing"),
        about=f"caution:{caution.pk}",
    )
    return caution


@transaction.atomic
def acknowledge(*, by: User) -> int:
    """Say that one has read all one's warnings; how many there were."""
    _hold(by)
    count = Caution.objects.filter(person=by, acknowledged_at=None).update(acknowledged_at=timezone.now())
    _stand(by)
    return count


@transaction.atomic
def suspend(
    *,
    person: User,
    reason: str,
    by: User,
    until: datetime | None = None,
    votes: str = Suspension.Votes.KEEP,
    photos: str = Suspension.Photos.KEEP,
) -> Suspension:
    """Let somebody do nothing here until then, or until it is lifted. Votes and photos follow by a job.

    Raises PermissionDenied; ValidationError, also for who is suspended already.
    """
    if not may(by, person):
        raise PermissionDenied(NOT_YOU)
    if until is not None and until <= timezone.now():
        raise ValidationError({"until": "This moment is over."})
    if votes not in Suspension.Votes.values or photos not in Suspension.Photos.values:
        raise ValidationError("Choose what becomes of votes and photos.")
    _hold(person)
    if Suspension.objects.filter(person=person, lifted_at=None).exists():
        raise ValidationError("They are suspended already. Lift that first.")
    suspension = Suspension.objects.create(
        person=person,
        by=by,
        reason=_text(reason, "reason", "Say why; they will read it."),
        until=until,
        votes=votes,
        photos=photos,
    )
    _stand(person)
    leave_out = votes == Suspension.Votes.LEAVE_OUT
    kinds = [*(VOTES if leave_out else ()), *((PHOTOS,) if photos == Suspension.Photos.HIDE else ())]
    if kinds:
        rollbacks.begin(
            person=person, since=None, kinds=kinds, reason=suspension.reason, by=by, suspension=suspension
        )
    notify(
        user=person,
        kind="standing",
        text=f"You are suspended: {_cut(suspension.reason)}",
        url=reverse("standing"),
        about=f"suspension:{suspension.pk}",
    )
    return suspension


@transaction.atomic
def lift(*, suspension: Suspension, by: User | None) -> Suspension:
    """They may act again, and what was left out comes back. Again is no error. `by`: nobody, once its time is over.

    Raises PermissionDenied.
    """
    locked = Suspension.objects.select_for_update().select_related("person").get(pk=suspension.pk)
    if by is not None and not may(by, locked.person):
        raise PermissionDenied(NOT_YOU)
    if locked.lifted_at is None:
        _hold(locked.person)
        locked.lifted_at, locked.lifted_by = timezone.now(), by
        locked.save(update_fields=["lifted_at", "lifted_by"])
        _stand(locked.person)
        rollback = getattr(locked, "rollback", None)
        if rollback is not None:
            rollbacks.undo(rollback=rollback, by=by)
        notify(
            user=locked.person,
            kind="standing",
            text="Your suspension is over. You can take part again.",
            about=f"suspension:{locked.pk}",
        )
    return locked


def end_those_that_are_over() -> int:
    """Lift suspensions whose time has come; how many."""
    over = Suspension.objects.filter(lifted_at=None, until__lte=timezone.now()).order_by("until")[:100]
    return len([lift(suspension=each, by=None) for each in over])


@transaction.atomic
def appeal(*, by: User, text: str) -> Suspension:
    """Say once why one's suspension is wrong; another reviewer answers. Raises PermissionDenied, ValidationError."""
    locked = Suspension.objects.select_for_update().filter(person=by, lifted_at=None).first()
    if locked is None:
        raise PermissionDenied("You are not suspended.")
    if locked.appealed_at is not None:
        raise ValidationError({"text": "You have appealed already. One of our reviewers answers."})
    locked.appeal, locked.appealed_at = _text(text, "text", "Say why."), timezone.now()
    locked.save(update_fields=["appeal", "appealed_at"])
    others = User.objects.filter(role__in=[Role.REVIEWER, Role.ADMIN], is_active=True)
    for other in others.exclude(Q(pk=locked.by_id) | Q(pk=by.pk) | Q(standing=Standing.SUSPENDED)):
        notify(
            user=other,
            kind="appeal",
            text=f"{by} appeals against being suspended.",
            url=reverse("safety_person", args=[by.pk]),
            about=f"appeal:{locked.pk}",
        )
    return locked


@transaction.atomic
def answer(*, suspension: Suspension, text: str, lifts: bool, by: User) -> Suspension:
    """Answer an appeal, and lift the suspension or let it stand. Never by who suspended.

    Raises PermissionDenied, ValidationError.
    """
    locked = Suspension.objects.select_for_update().select_related("person").get(pk=suspension.pk)
    if not may(by, locked.person):
        raise PermissionDenied(NOT_YOU)
    if locked.by_id == by.pk:
        raise PermissionDenied("Another reviewer answers: you suspended them.")
    if locked.appealed_at is None or locked.answered_at is not None:
        raise ValidationError("There is no appeal to answer.")
    locked.answer = _text(text, "text", "Say why; they will read it.")
    locked.answered_at, locked.answered_by = timezone.now(), by
    locked.save(update_fields=["answer", "answered_at", "answered_by"])
    notify(
        user=locked.person,
        kind="standing",
        text=f"{by} answered your appeal: {_cut(locked.answer)}",
        url=reverse("standing"),
        about=f"appeal:{locked.pk}",
    )
    return lift(suspension=locked, by=by) if lifts else locked


@transaction.atomic
def forget(person: User) -> None:
    """Of whose account ends: words about them go; what of theirs was left out stays so."""
    Caution.objects.filter(person=person).delete()
    Report.objects.filter(person=person).delete()
    Suspension.objects.filter(person=person).exclude(appeal="").update(appeal=GONE)
    Suspension.objects.filter(person=person).exclude(answer="").update(answer=GONE)
    Suspension.objects.filter(person=person).update(reason=GONE)
    # Nobody is suspended who is not there; nothing is given back by that.
    Suspension.objects.filter(person=person, lifted_at=None).update(lifted_at=timezone.now())
    Rollback.objects.filter(person=person).update(reason=GONE)


def _hold(person: User) -> User:
    """Two who judge one person do so one after the other."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _stand(person: User) -> None:
    standing = Standing.GOOD
    if Caution.objects.filter(person=person, acknowledged_at=None).exists():
        standing = Standing.WARNED
    if Suspension.objects.filter(person=person, lifted_at=None).exists():
        standing = Standing.SUSPENDED
    person.standing = standing
    User.objects.filter(pk=person.pk).update(standing=standing)


def _text(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({field: missing})
    if len(text) > LONGEST:
        raise ValidationError({field: f"At most {LONGEST} characters."})
    return text


def _cut(text: str) -> str:
    """As much as a notice holds."""
    return text if len(text) <= 300 else f"{text[:299]}…"
