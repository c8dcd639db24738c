"""Asking for everything that is one's own, in one file."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from home import takeouts
from jobs import actions as jobs
from jobs.models import UNFINISHED, Job, State


@transaction.atomic
def ask(*, user: User, by: User) -> Job:
    """The job that gathers it. While one is at it, it is the same one; where it failed, it is tried again.

    Raises PermissionDenied.
    """
    if by != user:
        raise PermissionDenied("Only the person themselves takes away what is theirs.")
    last = takeouts.last_of(user)
    if last is not None and last.state in UNFINISHED:
        return last
    if last is not None and last.state == State.FAILED:
        return jobs.retry(job=last, by=by)
    return jobs.enqueue(
        kind=takeouts.KIND,
        by=by,
        title="Everything that is yours, in one file",
        key=f"{takeouts.KIND}:{user.pk}",
    )
