"""The knock on a worker's door. Losing one costs a few seconds: the sweeper looks at the rows anyway."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction

from jobs.models import Job

log = logging.getLogger(__name__)


def send_on_commit(job: Job) -> None:
    """Tell a worker of the job's queue to look at it, once the row is there to be seen."""
    transaction.on_commit(partial(send, str(job.pk), job.queue))


def send(job_id: str, queue: str) -> bool:
    """True if the broker took the message. Never raises: whoever made the job must not fail for it."""
    try:
        current_app.send_task("jobs.run", args=[job_id], queue=queue, retry=False, ignore_result=True)
    except Exception as error:  # every transport has its own exceptions, OSError for the filesystem one
        log.warning("No wake-up for job %s, the sweeper will find it: %r", job_id, error)
        return False
    return True
