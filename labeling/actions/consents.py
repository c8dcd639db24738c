"""One word on the uses of many photos: photo by photo, each in a transaction of its own, and taken back as one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from species.access import NotYours
from species.actions import photos
from species.models import Consent, Photo, Purpose

# More than that takes longer than a page may wait.
AT_ONCE = 100
KIND = "consents"


@dataclass
class Result:
    """How many photos: of which something changed, nothing had to, and something could not."""

    changed: int = 0
    same: int = 0
    refused: int = 0

    def sentence(self) -> str:
        parts = [f"{self.changed} photo{'' if self.changed == 1 else 's'} changed"]
        if self.same:
            parts.append(f"{self.same} said so already")
        if self.refused:
            parts.append(
                f"{self.refused} ha{'s' if self.refused == 1 else 've'} no licence, so it stays unused"
            )
        return ", ".join(parts) + "."


def own(person: User) -> QuerySet[Photo]:
    return Photo.objects.filter(owner=person).kept()


def say(
    *, ids: Iterable[UUID], said: Mapping[str, bool], by: User, progress: Callable[[int], object] = int
) -> Result:
    """Say it of these photos of theirs; what is not theirs (any more) is passed over. Safe to repeat."""
    result = Result()
    for done, pk in enumerate(ids):
        progress(done)
        photo = own(by).filter(pk=pk).first()
        if photo is not None:
            try:
                changed = _say(photo, said, by)
            except ValidationError:
                result.refused += 1
            except (NotYours, PermissionDenied):
                continue  # deleted meanwhile
            else:
                result.changed += changed
                result.same += not changed
    return result


@transaction.atomic
def _say(photo: Photo, said: Mapping[str, bool], by: User) -> bool:
    """Whether anything changed. All of it or nothing."""
    standing = Consent.objects.filter(photo=photo, superseded_at=None)
    before = dict(standing.values_list("purpose", "granted"))
    for purpose, granted in said.items():
        photos.say(photo=photo, purpose=purpose, granted=granted, by=by)
    return any(before.get(purpose) != granted for purpose, granted in said.items())


def said_then(person: User, said: Mapping[str, bool], since: datetime, until: datetime) -> QuerySet[Consent]:
    """What one such word changed and still stands: rows of that time that took the place of others."""
    moments = (since, until)
    before = Consent.objects.filter(
        photo=OuterRef("photo"), purpose=OuterRef("purpose"), superseded_at__range=moments
    ).exclude(granted=OuterRef("granted"))
    rows = Consent.objects.filter(photo__owner=person, by=person, superseded_at=None, created__range=moments)
    chosen = reduce(or_, (Q(purpose=purpose, granted=granted) for purpose, granted in said.items()))
    return rows.filter(chosen, Exists(before))


def undo(
    *,
    said: Mapping[str, bool],
    since: datetime,
    until: datetime,
    by: User,
    progress: Callable[[int], object] = int,
) -> Result:
    """Say the opposite where this changed something and nobody said anything since. Safe to repeat."""
    result, ids = Result(), set()
    for done, pk in enumerate(list(said_then(by, said, since, until).values_list("pk", flat=True))):
        progress(done)
        consent = Consent.objects.select_related("photo").get(pk=pk)
        try:
            photos.say(photo=consent.photo, purpose=consent.purpose, granted=not consent.granted, by=by)
        except ValidationError:
            result.refused += 1
        except (NotYours, PermissionDenied):
            continue
        else:
            ids.add(consent.photo_id)
    result.changed = len(ids)
    return result


@transaction.atomic
def ask(
    *,
    said: Mapping[str, bool],
    by: User,
    ids: Iterable[UUID] | None = None,
    undoes: tuple[datetime, datetime] | None = None,
) -> Job:
    """The job that says it of these photos, or of all that are theirs; or that takes back what was said between two
    moments (`undoes`). Raises ValidationError where nothing is said.
    """
    if not said or set(said) - set(Purpose.values):
        raise ValidationError("Say for at least one use whether it is allowed.")
    arguments = {
        "said": dict(said),
        "photos": None if ids is None else [str(pk) for pk in ids],
        "undoes": [moment.isoformat() for moment in undoes] if undoes else None,
    }
    title = "Undo what many photos may be used for" if undoes else "What many photos may be used for"
    return jobs.enqueue(kind=KIND, arguments=arguments, by=by, title=title)
