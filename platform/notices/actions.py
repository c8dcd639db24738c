"""Telling people things, and their having read them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from notices.models import Notification

BATCH = 100


@transaction.atomic
def notify(*, user: User, kind: str, text: str, url: str = "", about: str = "") -> Notification:
    """Tell a person something, in the transaction of what it is about.

    What is said again `about` the same matter takes the place of what was said before, and is unread. `url` is a
    path on this site. Raises ValueError for an empty text or an address elsewhere: a notification is the site's
    own word, and must not lead people away from it.
    """
    said = {"kind": kind, "text": _sentence(text), "url": _path(url)}
    if not about:
        return Notification.objects.create(user=user, **said)
    notice, _ = Notification.objects.update_or_create(
        user=user, about=about, defaults=said | {"created": timezone.now(), "read_at": None}
    )
    return notice


@transaction.atomic
def notify_each(*, texts: Mapping[Any, str], kind: str, url: str, about: str) -> None:
    """The same news to many in a few statements: user id to the sentence. Who was told of this matter stays so.

    Raises ValueError as `notify` does.
    """
    Notification.objects.bulk_create(
        [
            Notification(user_id=user, kind=kind, text=_sentence(text), url=_path(url), about=about)
            for user, text in texts.items()
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ValueError("A notification has to say something.")
    return text if len(text) <= 500 else text[:499] + "…"


def _path(url: str) -> str:
    if url and not (url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)):
        raise ValueError(f"A notification leads to a path on this site, not to {url!r}.")
    return url


@transaction.atomic
def mark_read(*, by: User, ids: Iterable[UUID] | None = None) -> int:
    """These of a person's own notifications are read, or all of them; how many were not before."""
    unread = Notification.objects.of(by).unread()
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=timezone.now())
