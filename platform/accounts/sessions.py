"""Where somebody is logged in: since when, from where roughly, with what."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.models import User

MOST = 50  # that a page lists, the newest first
# The first that stands in what a browser calls itself: most also claim to be others.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "Chrom": "Chrome",
    "CriOS": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class Place:
    pk: int
    since: datetime
    network: str
    program: str
    is_this: bool


def of(user: User, this: str | None) -> list[Place]:
    """Those that hold, the newest first; `this` is the key of the one that asks. Nothing is written."""
    rows = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")[:MOST]
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return [
        Place(row.pk, row.created_at, network(row.ip), program(row.user_agent), row.session_key == this)
        for row in rows
        # Another password ends a session and leaves its row.
        if store(row.session_key).get(HASH_SESSION_KEY) == user.get_session_auth_hash()
    ]


@transaction.atomic
def end(user: User, pk: int) -> bool:
    """Log out there; False where it is none of theirs (any more)."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    row.end()
    return True


@transaction.atomic
def end_all(user: User, *, but: str | None = None) -> int:
    """Log out everywhere, but for the session with this key; how many there were."""
    rows = UserSession.objects.filter(user=user)
    if but:
        rows = rows.exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


def network(ip: str) -> str:
    """Where from, roughly: without what tells one line's machines apart."""
    if ":" in ip:
        return ":".join(ip.split(":")[:4]).rstrip(":") + ":…"
    return ip.rpartition(".")[0] + ".…"


def program(user_agent: str) -> str:
    """Such as: Firefox on Android."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "Another program")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
