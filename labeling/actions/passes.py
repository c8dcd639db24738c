"""Going on without a name: skipped, or can't tell. No vote either way, and both can be taken back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.models import Identification, Pass
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence


@transaction.atomic
def add(*, occurrence: Occurrence, kind: str, by: User) -> Pass:
    """Skip it for a while, or say that one can't tell. The same again is the same one.

    Who can't tell and skips still can't tell. Raises PermissionDenied; ValidationError where one has named it.
    """
    locked = occurrences.lock(occurrence)
    if not access.can_identify(by, locked):
        raise PermissionDenied("You cannot pass over what you cannot see. Sign in first.")
    if kind not in Pass.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(Pass.Kind.values)}."})
    if Identification.objects.filter(occurrence=locked, person=by, withdrawn_at=None).exists():
        raise ValidationError("You have named this one. Take that back first.")
    mine = Pass.objects.filter(occurrence=locked, person=by, withdrawn_at=None)
    before = mine.standing().first()
    if before is not None and before.kind in (kind, Pass.Kind.CANNOT_TELL):
        return before
    mine.update(withdrawn_at=timezone.now())
    return Pass.objects.create(occurrence=locked, person=by, kind=kind)


@transaction.atomic
def withdraw(*, passed: Pass, by: User) -> Pass:
    """Take it back; one is asked again. Again is no error.

    Raises PermissionDenied; NotYours where it is gone, with what it was about.
    """
    if passed.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who passed over it takes that back.")
    Pass.objects.filter(pk=passed.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
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
