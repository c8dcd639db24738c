"""A second factor beside the password: who has one, who cannot do without, and how its secrets are kept."""

import base64
import hashlib
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User
from look.site import site

MISSING = "Your role needs a second factor here. Add one to go on."
# Below /accounts/: to add one, to say the password again for that, and to leave.
OPEN = ("account_reauthenticate", "account_logout")


def has_one(user: User) -> bool:
    """Recovery codes alone are none: they replace a factor that was lost."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def is_required_of(user: User) -> bool:
    return user.role in settings.SECOND_FACTOR_FOR


def forget(user: User) -> None:
    """For whom they belong to no more, or who lost them all: the password alone opens the account again."""
    Authenticator.objects.filter(user=user).delete()


def ask_for_it(get_response):
    """Middleware: whose role needs a second factor and who has none gets no further than to adding one.

    Tokens are no sessions: who made one had a second factor then, or made it before it was asked for.
    """

    def middleware(request):
        user = request.user if settings.SECOND_FACTOR_FOR else None
        if user is None or not user.is_authenticated or not is_required_of(user) or has_one(user):
            return get_response(request)
        path = request.path
        if path.startswith((reverse("mfa_index"), settings.STATIC_URL)) or path in map(reverse, OPEN):
            return get_response(request)
        if request.path_info.startswith("/api/"):
            body = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": MISSING}
            return JsonResponse(body, status=403, content_type="application/problem+json")
        messages.info(request, MISSING)
        return redirect("mfa_index")

    return middleware


class Adapter(DefaultMFAAdapter):
    """allauth's two-factor pages, with this site's name, secrets and rules."""

    def _get_site_name(self):
        return site()["title"]

    def generate_authenticator_name(self, user, type):
        held = Authenticator.objects.filter(user=user, type=type).count()
        return "Passkey" if held == 0 else f"Passkey {held + 1}"

    def can_delete_authenticator(self, authenticator):
        """Who needs one keeps the last."""
        if not is_required_of(authenticator.user):
            return True
        kept = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return kept.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def encrypt(self, text):
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Under another SECRET_KEY nobody's codes are right, and no empty secret makes a guessable one right."""
        try:
            return _keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _keys() -> MultiFernet:
    """Who reads a copy of the database, and no settings, reads no secret of these."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(b"accounts.second_factor" + key.encode()).digest() for key in known)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
