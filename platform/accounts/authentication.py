from datetime import timedelta
from functools import wraps

from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.models import AccessToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from accounts import token_scopes, tokens
from accounts.models import ApiToken, User
from accounts.token_scopes import TokenScope

NOT_IN_SCOPE = "This token was made for other things: this takes the scope “{}”."


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token aqua_…` (or `Bearer`); any other header is refused, not passed over.

    Whoever sends one means to be somebody: answered as nobody, they would take the public part for the whole.
    """

    def authenticate(self, request):
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() not in (b"token", b"bearer"):
            raise AuthenticationFailed("Send the header as: Authorization: Token aqua_…")
        secret = words[1].decode("latin-1")
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=tokens.digest(secret), revoked_at=None, user__is_active=True)
            .first()
        )
        if token is None:
            return _of_an_app(secret)
        if token.has_ended():
            ended = f"This token ended on {token.expires_at:%Y-%m-%d %H:%M} UTC. Make another one."
            raise AuthenticationFailed(ended, code="token_ended")
        if token.user.is_suspended and request.method not in SAFE_METHODS:
            raise PermissionDenied("You are suspended: you can read, and take away what is yours.")
        now = timezone.now()
        # Once a minute is enough to see that a token is in use. Asked of the row that was read: on SQLite an
        # update that finds nothing to change waits for its turn to write all the same.
        if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request):
        return "Token"


def _of_an_app(secret: str) -> tuple[User, AccessToken]:
    """Whom an app acts for, by the token that it was given (`accounts.delegations`)."""
    token = (
        AccessToken.objects.select_related("user")
        .filter(token_checksum=tokens.digest(secret), user__is_active=True)
        .first()
    )
    if token is None:
        raise AuthenticationFailed("This token is unknown or was revoked.")
    if token.is_expired():
        raise AuthenticationFailed(
            "This token ended. Ask for the next one by the refresh token.", "token_ended"
        )
    return token.user, token


def by_token_too(view):
    """For an address that the API hands out and that is no part of it: whose token is sent asks, as there."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            found = TokenAuthentication().authenticate(request)
        except AuthenticationFailed as refusal:
            refused = JsonResponse({"detail": str(refusal.detail)}, status=refusal.status_code)
            refused["WWW-Authenticate"] = "Token"
            return refused
        if found is not None:
            request.user, token = found
            if TokenScope.READ not in (token_scopes.of(token) or []):
                return JsonResponse({"detail": NOT_IN_SCOPE.format(TokenScope.READ)}, status=403)
        return view(request, *args, **kwargs)

    return wrapped


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = ("token", "oauth2")

    def get_security_requirement(self, auto_schema):
        """One or the other."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema):
        code = {
            "authorizationUrl": reverse("oauth2_provider:authorize"),
            "tokenUrl": reverse("oauth2_provider:token"),
            "refreshUrl": reverse("oauth2_provider:token"),
            "scopes": {str(name): str(label) for name, label in TokenScope.choices},
        }
        return (
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token aqua_…"},
            {
                "type": "oauth2",
                "description": "For apps that act for others: a code, with PKCE by S256. Bearer …",
                "flows": {"authorizationCode": code},
            },
        )
