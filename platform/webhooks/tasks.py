"""Messages are sent by a job, which is found by query: nobody who tells something waits for it."""

from django.utils import timezone

from jobs.actions import enqueue, forget
from jobs.context import Context
from jobs.registry import job, watch
from webhooks import sending
from webhooks.models import Endpoint

KIND = "deliver"


@job(KIND)
def deliver(context: Context) -> None:
    """Send what is due, until nothing is. Safe to repeat, and to stop: what was taken is due again after its lease."""
    sent = arrived = 0
    while some := sending.send_some():
        sent += len(some)
        arrived += sum(answer.arrived for answer in some)
        context.progress(arrived, sent, f"{arrived} of {sent} attempts arrived.")
    while sending.forget():
        context.check()
    # One a burst: each says no more than how many arrived.
    forget(kind=KIND, before=timezone.now() - sending.KEPT)


@watch
def watch_deliveries() -> None:
    if Endpoint.objects.to_be_asked(timezone.now()).exists():
        enqueue(kind=KIND, key=KIND, title="Send webhooks")
