"""What the pages of jobs show."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from jobs.models import Job, JobQuerySet, State


def visible_to(user: User | AnonymousUser) -> JobQuerySet:
    """A person's own jobs, newest first; every job for an admin; none for somebody who is not logged in."""
    jobs = Job.objects.select_related("owner", "after").order_by("-created", "-id")
    if not user.is_authenticated:
        return jobs.none()
    return jobs if user.is_admin else jobs.of(user)


def is_visible_to(job: Job, user: User | AnonymousUser) -> bool:
    """Whether `visible_to` holds it. No query."""
    return user.is_authenticated and (user.is_admin or job.owner_id == user.pk)


def place_in_line(job: Job) -> int | None:
    """1 for the job that its queue's workers take next; None for one that is not in line just now."""
    if job.state != State.WAITING or not Job.objects.due().filter(pk=job.pk).exists():
        return None
    earlier = Q(created__lt=job.created) | Q(created=job.created, id__lt=job.id)
    return Job.objects.due(queue=job.queue).filter(earlier).count() + 1
