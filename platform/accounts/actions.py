"""Every write about people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import scopes, tokens
from accounts.models import ApiToken, Grant, Licence, Role, User


@dataclass(frozen=True)
class NewToken:
    token: ApiToken
    secret: str


@transaction.atomic
def sign_up(*, email: str, password: str | None, display_name: str, role: str = Role.CONTRIBUTOR) -> User:
    """A new person. Raises ValidationError when the address is taken or the name is empty."""
    if not display_name.strip():
        raise ValidationError({"display_name": "Tell us what to call you."})
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": "Somebody already uses this address."})
    return User.objects.create_user(email, password, display_name=display_name.strip(), role=role)


@transaction.atomic
def source_account(*, name: str, within: User | None = None) -> User:
    """The account that holds the opinions that came with imported data; the same name is the same account.

    With `within` it is that of a person whom the collection `within` names: another one's "Ann" is not she.
    """
    slug = uuid5(within.pk, f"person:{name}") if within else uuid5(NAMESPACE_URL, f"source:{name}")
    user, _ = User.objects.get_or_create(
        id=slug,
        defaults={
            "email": f"{slug}@source.invalid",
            "display_name": name[:80],
            "is_source": True,
            "is_active": False,
            "password": "!",
        },
    )
    return user


@transaction.atomic
def set_role(*, user: User, role: str, by: User) -> User:
    if not by.is_admin:
        raise PermissionDenied("Only an admin gives roles.")
    if user == by and role != Role.ADMIN:
        raise PermissionDenied("Somebody else has to take the admin role from you.")
    user.role = role
    user.full_clean(exclude=["password"])
    user.save(update_fields=["role"])
    return user


@transaction.atomic
def set_defaults(
    *,
    user: User,
    by: User,
    display_name: str,
    locale: str,
    licence: str,
    show: bool,
    research: bool,
    train: bool,
) -> User:
    """What future uploads of this person start from; photos already here keep what was said of them."""
    if by != user:
        raise PermissionDenied("Only the person themselves sets this.")
    user.display_name, user.locale, user.licence = display_name.strip(), locale, Licence(licence)
    user.consents_to_show, user.consents_to_research, user.consents_to_train = show, research, train
    user.full_clean(exclude=["password"])
    user.save()
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
def make_token(*, user: User, name: str, by: User) -> NewToken:
    """A new API token; the secret is in the answer and nowhere else."""
    if by != user:
        raise PermissionDenied("A token can only be made by the person it speaks for.")
    secret = tokens.make()
    token = ApiToken.objects.create(
        user=user, name=name.strip() or "unnamed", prefix=tokens.prefix(secret), digest=tokens.digest(secret)
    )
    return NewToken(token, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    if by != token.user and not by.is_admin:
        raise PermissionDenied("This token is somebody else's.")
    token.revoked_at = token.revoked_at or timezone.now()
    token.save(update_fields=["revoked_at"])
    return token
