"""Somebody says that something is wrong with a photo, and a reviewer looks at it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.models import Flag
from labeling.queries import doubts
from notices.actions import notify
from species.access import NotYours
from species.models import Observation, Photo


@transaction.atomic
def raise_flag(*, photo: Photo, kind: str, by: User, reason: str = "") -> Flag:
    """Point out what is wrong. The same flag again, while it stands, is the same one; its reason is the last.

    Raises PermissionDenied, ValidationError.
    """
    if not access.can_flag(by, photo):
        raise PermissionDenied("You cannot flag what you cannot see. Sign in first.")
    if kind not in Flag.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(Flag.Kind.values)}."})
    reason = reason.strip()
    if kind == Flag.Kind.OTHER and not reason:
        raise ValidationError({"reason": "Say what is wrong."})
    flag, _ = Flag.objects.get_or_create(
        photo=photo, by=by, kind=kind, resolved_at=None, defaults={"reason": reason}
    )
    if reason and flag.reason != reason:
        flag.reason = reason
        flag.save(update_fields=["reason"])
    return flag


def raise_noticed(observation: Observation, **sent: object) -> None:
    """Receives `species.actions.observations.published`: what the site noticed, for a reviewer; nothing twice.

    Whoever imported a collection answers for all of it.
    """
    if observation.batch_id is not None:
        return
    for each in doubts.about([observation], observation.observer)[observation.pk]:
        Flag.objects.get_or_create(
            photo=each.photo, by=None, kind=each.kind, resolved_at=None, defaults={"reason": each.reason}
        )


@transaction.atomic
def resolve(*, flag: Flag, by: User) -> Flag:
    """The matter is dealt with: said by a reviewer whose photo it is not, or by who raised it.

    Again is no error. Raises PermissionDenied; NotYours where it is gone, with its photo.
    """
    locked = (
        Flag.objects.select_for_update(of=("self",)).select_related("photo", "by").filter(pk=flag.pk).first()
    )
    if locked is None:
        raise NotYours("No such flag.")
    raiser = locked.by_id == by.pk
    reviewer = by.is_authenticated and by.is_reviewer and locked.photo.owner_id != by.pk
    if not (raiser or reviewer):
        raise PermissionDenied("Only a reviewer resolves a flag, and not on their own photo.")
    if locked.resolved_at is None:
        locked.resolved_at, locked.resolved_by = timezone.now(), by
        locked.save(update_fields=["resolved_at", "resolved_by"])
        if locked.by is not None and not raiser:
            said = locked.get_kind_display()
            notify(user=locked.by, kind="flag", text=f"{by} looked at your flag: “{said}”. It is dealt with.")
    flag.resolved_at, flag.resolved_by = locked.resolved_at, locked.resolved_by
    return flag


@transaction.atomic
def reopen(*, flag: Flag, by: User) -> Flag:
    """It is not dealt with after all: said by who dealt with it. Nothing where the same was raised again since."""
    locked = Flag.objects.select_for_update().filter(pk=flag.pk, resolved_by=by).first()
    if locked is None:
        return flag
    again = Flag.objects.filter(photo=locked.photo_id, by=locked.by_id, kind=locked.kind, resolved_at=None)
    if not again.exists():
        locked.resolved_at, locked.resolved_by = None, None
        locked.save(update_fields=["resolved_at", "resolved_by"])
    return locked
