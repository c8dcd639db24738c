"""What allauth.mfa is told, and whom this site lets in with a second factor alone."""

from django.core.exceptions import ImproperlyConfigured

ROLES = ("contributor", "reviewer", "researcher", "admin")
MFA = {
    "MFA_ADAPTER": "accounts.second_factor.Adapter",
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    # A site without mail confirms no address; one with mail lets nobody in before theirs is.
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,
}


def required_of(roles: list[str]) -> tuple[str, ...]:
    """The roles of SECOND_FACTOR_FOR. Raises ImproperlyConfigured for a word that is none."""
    strange = [role for role in roles if role not in ROLES]
    if strange:
        raise ImproperlyConfigured(
            f"SECOND_FACTOR_FOR={','.join(roles)} names no role: {strange[0]}. There are {', '.join(ROLES)}."
        )
    return tuple(roles)
