"""Training runs."""

from typing import Any

from django.db.models import QuerySet

from jobs.models import UNFINISHED
from ml.models import Model, TrainingRun


def runs() -> QuerySet[TrainingRun]:
    return TrainingRun.objects.select_related("dataset", "job", "model", "created_by").order_by(
        "-created", "-id"
    )


def unfinished_runs() -> QuerySet[TrainingRun]:
    """Waiting or under way: the job is neither done nor given up."""
    return runs().filter(finished_at=None, job__state__in=UNFINISHED)


def kfold_run(model: Model) -> TrainingRun | None:
    """The newest finished k-fold measurement of the model's own recipe on its dataset."""
    measured = TrainingRun.objects.filter(
        kind=TrainingRun.Kind.KFOLD, dataset=model.run.dataset, finished_at__isnull=False
    ).order_by("-created", "-id")
    return next((run for run in measured if recipe(run) == recipe(model.run)), None)


def recipe(run: TrainingRun) -> dict[str, Any]:
    """A run's options but for the number of folds: what must agree for one run to speak for another."""
    return {name: value for name, value in run.options.items() if name != "kfold"}
