"""Saying that every organism on a photo has a box. A vote of one person, and it can be taken back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.models import AllBoxed, Box
from look.site import site
from species.access import NotYours
from species.actions import observations
from species.models import Observation, OccurrencePhoto, Photo


@transaction.atomic
def add(*, photo: Photo, by: User) -> AllBoxed:
    """Say it. While it holds, the same again is the same one; once something was added to the photo, a new one.

    Raises PermissionDenied; ValidationError where an organism on it has nobody's box.
    """
    observations.lock(Observation(pk=photo.observation_id))
    if not access.can_flag(by, photo):
        raise PermissionDenied("You cannot speak of what you cannot see. Sign in first.")
    boxed = Box.objects.filter(photo=photo, withdrawn_at=None).values("occurrence")
    bare = OccurrencePhoto.objects.filter(photo=photo).exclude(occurrence__in=boxed).count()
    if bare:
        noun = site()["noun"]
        which = f"one {noun['one']} has" if bare == 1 else f"{bare} {noun['many']} have"
        raise ValidationError({"photo": f"Not yet: {which} no box on this photo."})
    mine = AllBoxed.objects.filter(photo=photo, person=by, withdrawn_at=None)
    before = mine.holding().first()
    if before is not None:
        return before
    mine.update(withdrawn_at=timezone.now())
    return AllBoxed.objects.create(photo=photo, person=by)


@transaction.atomic
def withdraw(*, vote: AllBoxed, by: User) -> AllBoxed:
    """Take it back; it stays on record. Again is no error. Raises PermissionDenied; NotYours where it is gone."""
    if vote.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who said it takes it back.")
    AllBoxed.objects.filter(pk=vote.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    found = AllBoxed.objects.with_holds().filter(pk=vote.pk).first()
    if found is None:
        raise NotYours("You did not say so.")
    return found
