"""Photos that somebody asked about on the home page, held for an hour in case they want to keep them."""

import json
import logging
import re
import time
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from species.actions import allowances

log = logging.getLogger(__name__)

NAME = re.compile(r"^[0-9a-f-]{36}$")
FOLDER = "held"
FOLDERS = (FOLDER,)


@dataclass(frozen=True)
class Held:
    """A photo, how its file was called, and what a model said of it: see `home.actions.keep`."""

    data: bytes
    file_name: str = ""
    said: dict | None = None


def files_expected(folder: str) -> list[str]:
    """None has to be there."""
    return []


def is_expected(name: str) -> bool:
    """May somebody still ask for it?"""
    return default_storage.exists(name) and not _is_over(name)


def check(address: str, size: int) -> None:
    """Raises UsedUp when this many bytes from this address would not be held, before any work is done on them."""
    allowances.check(**_of(address, size))


def hold(data: bytes, *, address: str, file_name: str = "", said: dict | None = None) -> str | None:
    """Keep a photo and what was said of it for an hour, in one file; an unguessable token to ask for them.

    None: there is no room for anybody's. Raises UsedUp when this address has had its share.
    """
    forget_old()
    content = json.dumps({"file_name": file_name, "said": said}).encode() + b"\n" + data
    allowances.take(**_of(address, len(content)))
    try:
        allowances.take(**_of_everybody(len(content)))
    except allowances.UsedUp:
        return None
    token = str(uuid.uuid4())
    default_storage.save(f"{FOLDER}/{token}", ContentFile(content))
    return token


def is_held(token: str) -> bool:
    """Whether there is still something to ask for."""
    name = f"{FOLDER}/{token}"
    return bool(NAME.match(token)) and is_expected(name)


def held(token: str) -> Held | None:
    """What was held, or None when the hour is over or the token was never given out."""
    name = f"{FOLDER}/{token}"
    if not NAME.match(token) or not default_storage.exists(name):
        return None
    try:
        # Asked here too: nobody may have come by since the hour was over.
        if _is_over(name):
            return None
        with default_storage.open(name) as file:
            head, _, data = file.read().partition(b"\n")
        return Held(data=data, **json.loads(head))
    except FileNotFoundError:
        return None


def _of(address: str, size: int) -> dict:
    return {
        "who": f"held for {address}",
        "size": size,
        "limit": settings.HOLD_BYTES_PER_ADDRESS,
        "span": settings.HOLD_SECONDS,
        "sentence": "You have shown us as many photos as we take from one address.",
    }


def _of_everybody(size: int) -> dict:
    return {
        "who": "held for everybody",
        "size": size,
        "limit": settings.HOLD_BYTES,
        "span": settings.HOLD_SECONDS,
        "sentence": "We hold as many photos as we have room for.",
    }


def let_go(token: str) -> None:
    if NAME.match(token):
        default_storage.delete(f"{FOLDER}/{token}")


def forget_old() -> None:
    """What nobody kept within the hour is deleted, as the page promises."""
    try:
        # Not `exists`: an object store has no folders, so there it would never be asked what is in one.
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return
    for name in names:
        try:
            if _is_over(f"{FOLDER}/{name}"):
                default_storage.delete(f"{FOLDER}/{name}")
        # Every store has errors of its own, and the usual reason is that somebody else was quicker: another
        # process forgets too, and a file that is being written changes its name.
        except Exception as error:
            log.info("%s was passed over while old photos were forgotten: %s", name, error)


def _is_over(name: str) -> bool:
    return default_storage.get_modified_time(name).timestamp() < time.time() - settings.HOLD_SECONDS
