from celery import shared_task

from jobs import sweeper, worker

# Imported for its signal handlers: a worker without its sweeper would strand every retry and lost wake-up.
__all__ = ["run", "sweeper"]


@shared_task(name="jobs.run", ignore_result=True)
def run(job_id: str) -> None:
    """A wake-up: look at this job. The row decides whether there is anything to do."""
    worker.run(job_id)
