"""The files in which people take away everything that is theirs: made by a job, there for a week, then gone."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from jobs.models import UNFINISHED, Job, State

log = logging.getLogger(__name__)

KIND = "takeout"
FOLDER = "takeouts"
FOLDERS = (FOLDER,)
LASTS = timedelta(days=7)
NAME = re.compile(rf"^{FOLDER}/([0-9a-f-]{{36}})-(\d+)\.zip$")


def name(job: Job) -> str:
    """Storage name of what this attempt at a job makes: no two attempts share one."""
    return f"{FOLDER}/{job.pk}-{job.fence}.zip"


def last_of(person: User) -> Job | None:
    """The last one that they asked for, whatever became of it."""
    return Job.objects.filter(owner=person, kind=KIND).order_by("-created", "-id").first()


def until(job: Job) -> datetime | None:
    """Until when its file is there; None: it never was, or is gone."""
    if job.state != State.DONE or job.finished_at is None:
        return None
    ends: datetime = job.finished_at + LASTS
    return ends if ends > timezone.now() else None


def files_expected(folder: str) -> Iterator[str]:
    """Sorted, as what is in the store is."""
    rows = Job.objects.filter(kind=KIND, state=State.DONE, finished_at__gt=timezone.now() - LASTS)
    yield from sorted(name(job) for job in rows.only("id", "fence"))


def is_expected(name_: str) -> bool:
    """May its owner still ask for it, or is a job at work on it?"""
    match = NAME.match(name_)
    if match is None:
        return False
    try:
        job = Job.objects.filter(pk=UUID(match[1]), kind=KIND).first()
    except ValueError:
        return False
    if job is None:
        return False
    return job.state in UNFINISHED or (until(job) is not None and name(job) == name_)


def forget_old() -> None:
    """What may not be asked for any more is deleted, as the page promises."""
    try:
        # Not `exists`: an object store has no folders, so there it would never be asked what is in one.
        files = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return
    for file in files:
        if NAME.match(f"{FOLDER}/{file}") and not is_expected(f"{FOLDER}/{file}"):
            _delete(f"{FOLDER}/{file}")


def forget_of(person: User) -> None:
    """Of somebody who leaves, at once."""
    for job in Job.objects.filter(owner=person, kind=KIND).only("id", "fence"):
        _delete(name(job))


def _delete(file: str) -> None:
    try:
        default_storage.delete(file)
    # Every store has errors of its own, and the usual reason is that another process was quicker.
    except Exception as error:
        log.info("%s was passed over while old files were forgotten: %s", file, error)
