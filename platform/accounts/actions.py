"""Every write about people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import addresses, delegations, keys, names, scopes, token_scopes, tokens
from accounts.models import (
    ApiToken,
    Grant,
    Licence,
    News,
    PersonEdit,
    Privacy,
    Role,
    Surroundings,
    TimePrecision,
    User,
    named,
)
from look.site import site

TAKEN = "Somebody already uses this address."
STAFF = (Role.REVIEWER, Role.ADMIN)
# Of an account, what its history says when staff change it.
EDITED = ("display_name", "role", "is_active", "licence")


@dataclass(frozen=True)
class NewToken:
    token: ApiToken
    secret: str


@transaction.atomic
def sign_up(
    *,
    email: str,
    password: str | None,
    display_name: str,
    role: str = Role.CONTRIBUTOR,
    confirmed: bool = True,
) -> User:
    """A new person; who calls answers for the address being theirs, but for `confirmed=False`.

    Raises ValidationError for an address that is taken or unreadable, and for a name that will not do.
    """
    if role not in STAFF:
        refuse_name_of_staff(display_name)
    _take(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, display_name=display_name, role=role)
    except IntegrityError as error:
        if User.objects.by_address(email) is None:
            raise
        raise ValidationError({"email": TAKEN}) from error
    if confirmed:
        _confirm(user)
    return user


def refuse_name_of_staff(name: str, user: User | None = None) -> None:
    """Raises ValidationError for a name that is taken for that of somebody else who reviews or runs the site."""
    staff = User.objects.filter(role__in=STAFF, is_active=True)
    others = (staff.exclude(pk=user.pk) if user else staff).values_list("display_name", flat=True)
    if names.skeleton(name) in {names.skeleton(other) for other in others}:
        raise ValidationError(
            {"display_name": "Somebody who looks after this site is called that. Take another name."}
        )


@transaction.atomic
def ask_for_address(*, user: User, email: str, by: User) -> EmailAddress:
    """A new address, which is nobody's until a link sent to it is followed; the last one asked for counts.

    Raises ValidationError for one that is somebody's.
    """
    if by != user:
        raise PermissionDenied("Only the person themselves changes their address.")
    email = _readable(email)
    if email == user.email:
        raise ValidationError({"email": "This is your address already."})
    if holder_of(email):
        raise ValidationError({"email": TAKEN})
    drop_address_asked_for(user=user, by=by)
    return EmailAddress.objects.create(user=user, email=email)


@transaction.atomic
def drop_address_asked_for(*, user: User, by: User) -> None:
    if by != user:
        raise PermissionDenied("Only the person themselves changes their address.")
    EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).delete()


@transaction.atomic
def confirm_address(*, address: EmailAddress, by: User) -> User:
    """A link sent to it was followed: from now on it is the account's one address.

    Raises ValidationError if it became somebody else's in the meantime.
    """
    if by != address.user:
        raise PermissionDenied("This address is somebody else's.")
    return _move(address.user, address.email)


@transaction.atomic
def set_address(*, user: User, email: str, by: User) -> User:
    """An admin answers for a person's new address. Raises ValidationError for one that is somebody else's."""
    if not by.is_admin:
        raise PermissionDenied("Only an admin sets somebody's address.")
    return _move(user, _readable(email))


def _move(user: User, email: str) -> User:
    User.objects.select_for_update().get(pk=user.pk)
    _take(email, user)
    user.email = email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise ValidationError({"email": TAKEN}) from error
    _confirm(user)
    return user


def holder_of(email: str) -> User | None:
    """Whose address it is. A sign-up that was never confirmed nor used holds none once its link has expired."""
    user = User.objects.by_address(email)
    return None if user and _is_expired(user) else user


def _is_expired(user: User) -> bool:
    link_lasts = timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)
    if (
        user.is_source
        or user.role != Role.CONTRIBUTOR
        or user.last_login
        or user.created > timezone.now() - link_lasts
    ):
        return False
    return not user.has_confirmed_address


def _take(email: str, user: User | None = None) -> None:
    """Make an address free for a person. Raises ValidationError for one that is somebody else's."""
    holder = User.objects.by_address(email)
    if holder is None or holder == user:
        return
    if not _is_expired(holder):
        raise ValidationError({"email": TAKEN})
    holder.delete()


def _confirm(user: User) -> None:
    """Nobody else waits for this address any more, and its account for no other."""
    EmailAddress.objects.filter(Q(user=user) | Q(email=user.email)).delete()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def _readable(email: str) -> str:
    try:
        return addresses.normal(email)
    except ValueError as error:
        raise ValidationError({"email": str(error)}) from error


@transaction.atomic
def source_account(*, name: str, within: User | None = None) -> User:
    """The account that holds the identifications that came with imported data; the same name is the same account.

    With `within` it is that of a person whom the collection `within` names: another one's "Ann" is not she.
    """
    slug = uuid5(within.pk, f"person:{name}") if within else uuid5(NAMESPACE_URL, f"source:{name}")
    user, new = User.objects.get_or_create(
        id=slug,
        defaults={
            "email": f"{slug}@source.invalid",
            "display_name": names.tidy(name)[: names.LONGEST] or "A collection",
            "is_source": True,
            "is_active": False,
            "password": "!",
        },
    )
    if new:
        named.send(sender=User, user=user)
    return user


@transaction.atomic
def set_role(*, user: User, role: str, by: User) -> User:
    if not by.is_admin:
        raise PermissionDenied("Only an admin gives roles.")
    if user == by and role != Role.ADMIN:
        raise PermissionDenied("Somebody else has to take the admin role from you.")
    before = said(user)
    user.role = role
    user.full_clean(exclude=["password"])
    user.save(update_fields=["role"])
    write_edit(user=user, before=before, by=by)
    return user


def said(user: User) -> dict[str, Any]:
    """What staff can change of an account and its history says, as it stands in the table."""
    return User.objects.filter(pk=user.pk).values(*EDITED).first() or {}


@transaction.atomic
def write_edit(*, user: User, before: dict[str, Any], by: User) -> None:
    """A row of the account's history, where something differs from `before` (as `said` answered it)."""
    after = said(user)
    changed = [name for name in EDITED if name in before and before[name] != after[name]]
    if changed:
        PersonEdit.objects.create(
            person=user,
            by=by,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


@transaction.atomic
def set_defaults(
    *,
    user: User,
    by: User,
    display_name: str,
    licence: str,
    privacy: str,
    show: bool,
    research: bool,
    train: bool,
    time_precision: str | None = None,
    surroundings: str | None = None,
) -> User:
    """What future uploads of this person start from; what is here already keeps what was said of it."""
    if by != user:
        raise PermissionDenied("Only the person themselves sets this.")
    try:
        user.display_name = names.clean(display_name)
    except ValueError as error:
        raise ValidationError({"display_name": str(error)}) from error
    if user.role not in STAFF:
        refuse_name_of_staff(user.display_name, user)
    user.licence, user.privacy = Licence(licence), Privacy(privacy)
    user.time_precision = TimePrecision(time_precision or user.time_precision)
    user.surroundings = Surroundings(surroundings or user.surroundings)
    user.consents_to_show, user.consents_to_research, user.consents_to_train = show, research, train
    user.full_clean(exclude=["password"])
    user.save()
    named.send(sender=User, user=user)
    return user


@transaction.atomic
def set_news(*, user: User, by: User, kinds: Iterable[str]) -> User:
    """Of which kinds (`News`) they want to be told; what they were told already stays. Raises PermissionDenied, and
    ValidationError for a kind that there is not.
    """
    if by != user:
        raise PermissionDenied("Only the person themselves sets this.")
    kinds = set(kinds)
    if kinds - set(News.values):
        raise ValidationError({"news": f"Choose some of: {', '.join(News.values)}."})
    user.muted = [each for each in News.values if each not in kinds]
    user.save(update_fields=["muted"])
    return user


@transaction.atomic
def set_keys(*, user: User, by: User, said: Mapping[str, str]) -> User:
    """Which keys the labeling room has for them: what it does (`accounts.keys`) to its key; the others are as they
    came. Raises PermissionDenied, and ValidationError by what the key does.
    """
    if by != user:
        raise PermissionDenied("Only the person themselves sets this.")
    try:
        user.keys = keys.changes(said, site()["noun"]["one"])
    except keys.Refused as refused:
        raise ValidationError(refused.said) from refused
    user.save(update_fields=["keys"])
    return user


@transaction.atomic
def switch_keys(*, user: User, by: User, on: bool) -> User:
    """Whether single letters are keys at all. Raises PermissionDenied."""
    if by != user:
        raise PermissionDenied("Only the person themselves sets this.")
    user.keys_on = on
    user.save(update_fields=["keys_on"])
    return user


@transaction.atomic
def grant(*, user: User, scope: str, purpose: str, by: User, until: datetime | None = None) -> Grant:
    """Let a person see originals and exact places in `scope`; by an admin, or by whoever owns the record.

    Ownership is checked by the caller, which knows what the scope names. Raises ValidationError.
    """
    if not purpose.strip():
        raise ValidationError({"purpose": "Say what it is for."})
    try:
        scope = scopes.read(scope)
    except ValueError as error:
        raise ValidationError({"scope": str(error)}) from error
    return Grant.objects.create(user=user, scope=scope, purpose=purpose, until=until, granted_by=by)


@transaction.atomic
def revoke(*, grant: Grant, by: User) -> Grant:
    if by != grant.granted_by and not by.is_admin:
        raise PermissionDenied("Only who gave it, or an admin, takes it back.")
    grant.revoked_at = grant.revoked_at or timezone.now()
    grant.save(update_fields=["revoked_at"])
    return grant


@transaction.atomic
def set_password(*, user: User, password: str, by: User) -> User:
    """A new password. Whoever held the old one is out: sessions end with it, and so do the tokens."""
    if by != user:
        raise PermissionDenied("Only the person themselves sets their password.")
    user.set_password(password)
    user.save(update_fields=["password"])
    revoke_tokens(user=user, by=by)
    return user


@transaction.atomic
def revoke_tokens(*, user: User, by: User) -> int:
    """All tokens of a person; how many there were. Apps that act for them end as well."""
    if by != user and not by.is_admin:
        raise PermissionDenied("These tokens are somebody else's.")
    delegations.end_all(user)
    return user.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def make_token(
    *,
    user: User,
    name: str,
    by: User,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """A new API token, for everything that its person may or for some of it; the secret is in the answer and nowhere
    else. Raises ValidationError for scopes that are none and for an end that has passed.
    """
    if by != user:
        raise PermissionDenied("A token can only be made by the person it speaks for.")
    try:
        chosen = token_scopes.everything() if scopes is None else token_scopes.clean(scopes)
    except ValueError as error:
        raise ValidationError({"scopes": str(error)}) from error
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "This has passed."})
    secret = tokens.make()
    token = ApiToken.objects.create(
        user=user,
        name=name.strip() or "unnamed",
        prefix=tokens.prefix(secret),
        digest=tokens.digest(secret),
        scopes=chosen,
        expires_at=expires_at,
    )
    return NewToken(token, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    if by != token.user and not by.is_admin:
        raise PermissionDenied("This token is somebody else's.")
    token.revoked_at = token.revoked_at or timezone.now()
    token.save(update_fields=["revoked_at"])
    return token
