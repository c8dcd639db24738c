"""Telling people things, and their having read them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from notices.models import Notification


@transaction.atomic
def notify(*, user: User, kind: str, text: str, url: str = "") -> Notification:
    """Tell a person something, in the transaction of what it is about.

    `url` is a path on this site. Raises ValueError for an empty text or an address elsewhere: a notification
    is the site's own word, and must not lead people away from it.
    """
    text = " ".join(text.split())
    if not text:
        raise ValueError("A notification has to say something.")
    if url and not (url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)):
        raise ValueError(f"A notification leads to a path on this site, not to {url!r}.")
    if len(text) > 500:
        text = text[:499] + "…"
    return Notification.objects.create(user=user, kind=kind, text=text, url=url)


@transaction.atomic
def mark_read(*, by: User, ids: Iterable[UUID] | None = None) -> int:
    """These of a person's own notifications are read, or all of them; how many were not before."""
    unread = Notification.objects.of(by).unread()
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=timezone.now())
