"""Photos that somebody asked about on the home page, held for an hour in case they want to keep them."""

import re
import time
import uuid

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

NAME = re.compile(r"^[0-9a-f-]{36}$")


def hold(data: bytes) -> str:
    """Keep the bytes for an hour; an unguessable token to ask for them."""
    forget_old()
    token = str(uuid.uuid4())
    default_storage.save(f"held/{token}", ContentFile(data))
    return token


def held(token: str) -> bytes | None:
    """The bytes, or None when the hour is over or the token was never given out."""
    if not NAME.match(token) or not default_storage.exists(f"held/{token}"):
        return None
    with default_storage.open(f"held/{token}") as file:
        return file.read()


def let_go(token: str) -> None:
    if NAME.match(token):
        default_storage.delete(f"held/{token}")


def forget_old() -> None:
    """What nobody kept within the hour is deleted, as the page promises."""
    if not default_storage.exists("held"):
        return
    for name in default_storage.listdir("held")[1]:
        modified = default_storage.get_modified_time(f"held/{name}").timestamp()
        if modified < time.time() - settings.HOLD_SECONDS:
            default_storage.delete(f"held/{name}")
