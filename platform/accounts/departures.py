"""Leaving: an account is closed at once, deleted after a while, and until then called back by its own person.

What becomes of what they gave is `home.tasks.leaving`'s: it lies on all floors.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import delegations, second_factor, sessions
from accounts.models import Departure, Grant, KeptAnswer, PersonEdit, Role, User, named

GRACE = timedelta(days=14)
# What somebody is called whose account is closed, or was.
NOBODY = "Somebody who left"
ONLY_ADMIN = "You are the only admin here. Give somebody else that role first."
SESSION_KEY = "come_back"
TICKET_LASTS = 600  # seconds
_SALT = "accounts.departures"


@transaction.atomic
def ask(*, user: User, by: User, photos: str, words: str) -> Departure:
    """Close an account now and have it deleted after `GRACE`. Sessions and tokens end, and its name is shown nowhere.

    `photos` and `words`: what becomes of these. Raises PermissionDenied; ValidationError for the only admin.
    """
    if by != user or not by.is_active or by.is_source:
        raise PermissionDenied("Only the person themselves has their account deleted.")
    # All of them: of two who leave at once the second one sees that they are the last.
    admins = list(User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk"))
    if user in admins and len(admins) == 1:
        raise ValidationError(ONLY_ADMIN)
    now = timezone.now()
    departure = Departure(
        user=user, display_name=user.display_name, photos=photos, words=words, asked=now, due=now + GRACE
    )
    departure.full_clean()
    departure.save(force_insert=True)
    user.display_name, user.is_active = NOBODY, False
    user.save(update_fields=["display_name", "is_active"])
    named.send(sender=User, user=user)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=now)
    delegations.end_all(user)
    sessions.end_all(user)
    return departure


@transaction.atomic
def call_back(*, user: User) -> User:
    """The account is as it was, but for its sessions and tokens. Who calls has asked for the password.

    Raises PermissionDenied where it is too late, or nobody has asked.
    """
    rows = Departure.objects.select_for_update().filter(user=user, done=None, due__gt=timezone.now())
    departure = rows.first()
    if departure is None:
        raise PermissionDenied("It is too late: this account is deleted.")
    user.display_name, user.is_active = departure.display_name, True
    user.save(update_fields=["display_name", "is_active"])
    departure.delete()
    named.send(sender=User, user=user)
    return user


@transaction.atomic
def finish(departure: Departure) -> None:
    """What is left of an account: an id without a name, so that what it gave and stays is somebody's."""
    user, now = departure.user, timezone.now()
    sessions.end_all(user)
    Session.objects.filter(expire_date__lt=now).delete()
    for model in (EmailAddress, KeptAnswer):
        model.objects.filter(user=user).delete()
    # Former names are among it.
    PersonEdit.objects.filter(person=user).delete()
    user.api_tokens.all().delete()
    delegations.forget_of(user)
    second_factor.forget(user)
    # Whose places they saw may still read when that was.
    Grant.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    blank = User(display_name=NOBODY)
    for field in User._meta.concrete_fields:
        if field.name not in ("id", "created", "is_source"):
            setattr(user, field.attname, getattr(blank, field.attname))
    user.email, user.is_active = f"{user.pk}@left.invalid", False
    user.consents_to_show = user.consents_to_research = user.consents_to_train = False
    user.set_unusable_password()
    user.save()
    named.send(sender=User, user=user)
    departure.done, departure.display_name = now, ""
    departure.save(update_fields=["done", "display_name"])


def ticket(user: User) -> str:
    """Says for ten minutes that its bearer knows the password."""
    return signing.dumps(str(user.pk), salt=_SALT)


def bearer(ticket: str) -> User | None:
    """Whose ticket it is, while they can still call their account back."""
    try:
        user = User.objects.filter(pk=signing.loads(ticket, salt=_SALT, max_age=TICKET_LASTS)).first()
    except signing.BadSignature:
        return None
    return user if user is not None and user.is_leaving else None
