"""Apps that act for people: which ones there are, whom each may act for, and how that ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken, clear_expired
from oauth2_provider.models import Grant as Code
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.settings import oauth2_settings

from accounts.models import User
from accounts.token_scopes import TokenScope

MOST_APPS = 20  # of one person
MOST_ADDRESSES = 10
AT_HOME = {"127.0.0.1", "::1", "localhost"}
ADDRESS = "“{}” is no address to come back to. Write https://…, or http://127.0.0.1:… for one's own machine."


class Scopes(BaseScopes):
    """The same six as of personal tokens; who asks for none may read."""

    def get_all_scopes(self) -> dict[str, str]:
        return {str(name): str(label) for name, label in TokenScope.choices}

    def get_available_scopes(self, application=None, request=None, *args, **kwargs) -> list[str]:
        return [*TokenScope.values]

    def get_default_scopes(self, application=None, request=None, *args, **kwargs) -> list[str]:
        return [str(TokenScope.READ)]


@dataclass(frozen=True)
class Allowed:
    """An app that may act for somebody now, for what, and since when."""

    pk: int
    name: str
    may: list[str]
    since: datetime


def of(user: User) -> list[Allowed]:
    """Apps that may act for them, by name."""
    standing = Q(expires__gt=timezone.now()) | Q(refresh_token__isnull=False, refresh_token__revoked=None)
    rows = AccessToken.objects.filter(standing, user=user, application__isnull=False)
    found: dict[int, Allowed] = {}
    for row in rows.select_related("application").order_by("created", "pk"):
        app = row.application
        before = found.get(app.pk)
        may = [
            each for each in TokenScope.values if each in row.scope.split() or before and each in before.may
        ]
        found[app.pk] = Allowed(app.pk, app.name, may, before.since if before else row.created)
    return sorted(found.values(), key=lambda each: (each.name, each.pk))


def apps_of(user: User) -> list[Application]:
    """Those that they registered."""
    return list(Application.objects.filter(user=user).order_by("created", "pk"))


@transaction.atomic
def register(*, user: User, name: str, addresses: Iterable[str], by: User) -> Application:
    """An app of somebody's, which anybody may let act for them. `addresses`: where it may have people sent back to.

    Raises ValidationError.
    """
    if by != user and not by.is_admin:
        raise PermissionDenied("People register their own apps.")
    said = [each for each in addresses if each]
    if not 0 < len(said) <= MOST_ADDRESSES:
        raise ValidationError({"addresses": f"Write one to {MOST_ADDRESSES} addresses, each on a line."})
    for each in said:
        check_address(each)
    # Held, so that of two at once the second one sees the first.
    User.objects.select_for_update().get(pk=user.pk)
    if Application.objects.filter(user=user).count() >= MOST_APPS:
        raise ValidationError(f"You have {MOST_APPS} apps here, the most that one person may.")
    app = Application(user=user, name=name.strip(), redirect_uris=" ".join(said))
    narrow(app)
    app.full_clean()
    app.save()
    return app


def narrow(app: Application) -> None:
    """What every app is, whoever registers it: one that keeps no secret, and asks each person."""
    app.client_type = Application.CLIENT_PUBLIC
    app.authorization_grant_type = Application.GRANT_AUTHORIZATION_CODE
    app.client_secret, app.hash_client_secret = "", False
    app.skip_authorization, app.algorithm = False, ""


def check_address(text: str) -> None:
    """Raises ValidationError for where nobody should be sent with a code: it opens what they may see."""
    try:
        parts = urlsplit(text)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in AT_HOME)
        found = bool(parts.hostname) and not parts.fragment and parts.username is None
    except ValueError:
        safe = found = False
    if not (safe and found) or "*" in text or any(each.isspace() for each in text):
        raise ValidationError({"addresses": ADDRESS.format(text[:200])})


@transaction.atomic
def withdraw(*, app: Application, by: User) -> None:
    """It acts for nobody from now on, and is gone."""
    if app.user_id != by.pk and not by.is_admin:
        raise PermissionDenied("This app is somebody else's.")
    app.delete()


@transaction.atomic
def revoke(*, user: User, app: int, by: User) -> bool:
    """The app acts for them no more; whether it did."""
    if by != user:
        raise PermissionDenied("Only the person themselves says who acts for them.")
    return _end(user, application=app)


@transaction.atomic
def end_all(user: User) -> None:
    """No app acts for them any more: of a new password, or when they leave."""
    _end(user)


def _end(user: User, **narrowed: int) -> bool:
    # Codes that were given out a moment ago become tokens otherwise.
    kinds = (Code, RefreshToken, AccessToken)
    return sum(model.objects.filter(user=user, **narrowed).delete()[0] for model in kinds) > 0


def forget_of(user: User) -> None:
    """Of somebody who left: their own apps, too."""
    end_all(user)
    Application.objects.filter(user=user).delete()


def forget_old() -> None:
    """Codes and tokens that open nothing any more."""
    now = timezone.now()
    last = now - timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS)
    over = (
        Code.objects.filter(expires__lt=now),
        AccessToken.objects.filter(expires__lt=now, refresh_token=None),
        RefreshToken.objects.filter(Q(revoked__lt=last) | Q(access_token__expires__lt=last)),
    )
    # Asked first: the library says in the log what it did not find, and this is called every minute.
    if any(each.exists() for each in over):
        clear_expired()
