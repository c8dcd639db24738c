"""What a token may be used for, within what its person may do."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class TokenScope(models.TextChoices):
    """Every operation of the API needs one of these (`config.token_scopes`)."""

    READ = "read", "Read what you may see, places included"
    OBSERVE = "observe", "Add, change and delete your sightings and photos"
    IDENTIFY = "identify", "Name organisms, draw boxes, comment"
    REVIEW = "review", "Rule and settle reports, where you may"
    EXPORT = "export", "Take away all that is yours, and datasets; freeze those, where you may"
    ML = "ml", "Ask for predictions; train and promote models, where you may"


def everything() -> list[str]:
    """What a token may that nobody narrowed."""
    return [*TokenScope.values]


def of(auth: Any) -> list[str] | None:
    """What may be done with what was sent to say who asks, a token of a person's or of an app; None for a session."""
    return None if auth is None else [*auth.scopes]


def clean(said: Iterable[str]) -> list[str]:
    """In one order, each once. Raises ValueError for none and for one that is not known."""
    chosen = set(said)
    if unknown := chosen - {*TokenScope.values}:
        raise ValueError(f"There is no scope {min(unknown)}. They are: {', '.join(TokenScope.values)}.")
    if not chosen:
        raise ValueError("Choose at least one thing that it may.")
    return [each for each in TokenScope.values if each in chosen]
