"""Telling people things, and their having read them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import News, Role, User
from notices.models import Letter, Notification

BATCH = 100


def notify(*, user: User, kind: str, text: str, url: str = "", about: str = "") -> None:
    """Tell a person something, in the transaction of what it is about, unless they don't want that kind of news.

    What is said again `about` the same matter takes the place of what was said before, and is unread. `url` is a
    path on this site. Raises ValueError for an empty text or an address elsewhere: a notification is the site's
    own word, and must not lead people away from it.
    """
    said = {"kind": kind, "text": _sentence(text), "url": _path(url)}
    if kind in user.muted:
        return
    if not about:
        Notification.objects.create(user=user, **said)
        return
    anew = said | {"created": timezone.now(), "read_at": None}
    of_it = Notification.objects.filter(user=user, about=about)
    if of_it.update(**anew):
        return
    # Fewer statements than update_or_create's, for those who wait meanwhile.
    first = Notification(user=user, about=about, **anew)
    Notification.objects.bulk_create([first], ignore_conflicts=True)
    if not Notification.objects.filter(pk=first.pk).exists():  # somebody told them of it just now
        of_it.update(**anew)


@transaction.atomic
def notify_each(*, texts: Mapping[UUID, str], kind: str, url: str, about: str) -> None:
    """The same news to many in a few statements: user id to the sentence. Who was told of this matter stays so, and
    who does not want this kind of news is not told.

    Raises ValueError as `notify` does.
    """
    _write(_wanted(texts, kind), kind=kind, url=url, about=about)


@transaction.atomic
def renew_each(*, texts: Mapping[UUID, str], kind: str, url: str, about: str) -> None:
    """News to many, in the place of what each was told before of this matter, and unread. As `notify_each` else."""
    texts = _wanted(texts, kind)
    Notification.objects.filter(user__in=list(texts), about=about).delete()
    _write(texts, kind=kind, url=url, about=about)


def _wanted(texts: Mapping[UUID, str], kind: str) -> dict[UUID, str]:
    """Without those who don't want it."""
    if kind not in News.values:
        return dict(texts)
    people, muted = list(texts), set()
    for first in range(0, len(people), BATCH):
        rows = User.objects.filter(pk__in=people[first : first + BATCH]).exclude(muted=[])
        muted |= {pk for pk, kinds in rows.values_list("pk", "muted") if kind in kinds}
    return {person: text for person, text in texts.items() if person not in muted}


def _write(texts: Mapping[UUID, str], *, kind: str, url: str, about: str) -> None:
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


@transaction.atomic
def write(
    *, kind: str, text: str, about: str = "", name: str = "", email: str = "", by: User | None = None
) -> Letter:
    """Write to those who run the site; every admin is told. How often somebody may is asked by the caller."""
    letter = Letter(kind=kind, text=text.strip(), about=about.strip(), name=name.strip(), email=email, by=by)
    letter.full_clean()
    letter.save(force_insert=True)
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
    notify_each(
        texts=dict.fromkeys(
            admins, f"Somebody wrote to those who run the site: {letter.get_kind_display()}."
        ),
        kind="letter",
        url=reverse("admin:notices_letter_change", args=[letter.pk]),
        about=f"letter:{letter.pk}",
    )
    return letter


@transaction.atomic
def resolve(*, letter: Letter, by: User) -> Letter:
    """It is dealt with. Again is no error. Raises PermissionDenied."""
    if not by.is_admin:
        raise PermissionDenied("Only an admin deals with letters.")
    if letter.resolved_at is None:
        letter.resolved_at, letter.resolved_by = timezone.now(), by
        letter.save(update_fields=["resolved_at", "resolved_by"])
    return letter
