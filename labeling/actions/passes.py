"""Going on without a name: skipped, can't tell and why, a bad photo, more than one. No votes; each is taken back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions import queue
from labeling.models import Identification, Pass
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence


@transaction.atomic
def add(*, occurrence: Occurrence, kind: str, by: User, reason: str = "") -> Pass:
    """Skip it for a while, or say that one can't tell (for a `reason`), that the photo is bad, that there is more than
    one. The same again is the same one, and who skips what they said something of still says it.

    What lies in the photo counts for the queue: `labeling.queries.passes`. Raises PermissionDenied; ValidationError
    where one has named it.
    """
    locked = occurrences.lock(occurrence)
    if not access.can_identify(by, locked):
        raise PermissionDenied("You cannot pass over what you cannot see. Sign in first.")
    if kind not in Pass.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(Pass.Kind.values)}."})
    if reason and (kind != Pass.Kind.CANNOT_TELL or reason not in Pass.Reason.values):
        raise ValidationError({"reason": f"Of who can’t tell, one of: {', '.join(Pass.Reason.values)}."})
    if Identification.objects.filter(occurrence=locked, person=by, withdrawn_at=None).exists():
        raise ValidationError("You have named this one. Take that back first.")
    mine = Pass.objects.filter(occurrence=locked, person=by, withdrawn_at=None)
    before = mine.standing().first()
    if before is not None and _says(before, kind, reason):
        return before
    mine.update(withdrawn_at=timezone.now())
    made = Pass.objects.create(occurrence=locked, person=by, kind=kind, reason=reason)
    queue.passed(locked)
    return made


def _says(before: Pass, kind: str, reason: str) -> bool:
    """Whether it says as much as that: a skip says nothing, and a reason more than none."""
    if kind == Pass.Kind.SKIP:
        return True
    return before.kind == kind and reason in ("", before.reason)


@transaction.atomic
def withdraw(*, passed: Pass, by: User) -> Pass:
    """Take it back; one is asked again. Again is no error.

    Raises PermissionDenied; NotYours where it is gone, with what it was about.
    """
    if passed.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who passed over it takes that back.")
    locked = occurrences.lock(Occurrence(pk=passed.occurrence_id))
    if Pass.objects.filter(pk=passed.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        queue.passed(locked)
    try:
        passed.refresh_from_db(fields=["withdrawn_at"])
    except Pass.DoesNotExist as error:
        raise NotYours("You did not pass over this.") from error
    return passed


@transaction.atomic
def look_again(*, by: User) -> int:
    """Everything that one skipped is asked again; how many there were. What one can't tell stays said."""
    skipped = Pass.objects.filter(person=by, kind=Pass.Kind.SKIP, withdrawn_at=None)
    return skipped.update(withdrawn_at=timezone.now())
