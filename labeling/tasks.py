"""Background work of this app."""

from accounts.models import User
from jobs.registry import job
from labeling.actions import verdicts
from labeling.queries import opinions


@job("resettle")
def resettle(context) -> None:
    """Settle anew whatever the source `arguments["source"]` has said, after trust came or went."""
    source = User.objects.get(pk=context.arguments["source"], is_source=True)
    waiting = opinions.occurrences_of_source(source).order_by("created", "id")
    verdicts.recompute(
        occurrences=waiting.values_list("pk", flat=True),
        progress=lambda done, total: context.progress(done, total, "Computing verdicts"),
    )
