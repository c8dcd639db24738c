"""What an API token looks like and how it is kept."""

import hashlib
import secrets

MARK = "aqua_"


def make() -> str:
    """A new secret; 256 bits, so a plain digest cannot be guessed back."""
    return MARK + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix(secret: str) -> str:
    return secret[: len(MARK) + 4]
