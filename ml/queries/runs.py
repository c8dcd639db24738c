"""Training runs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

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


def measurements(models: Iterable[Model]) -> dict[UUID, TrainingRun]:
    """Model id to the run that measured the model; a model without one is not in it. One query at most.

    Its own run where that put groups aside, else the newest k-fold run of its recipe on its dataset.
    """
    models = list(models)
    found = {model.pk: model.run for model in models if is_measured(model.run)}
    others = [model for model in models if model.pk not in found]
    if not others:
        return found
    kfold = TrainingRun.objects.filter(
        kind=TrainingRun.Kind.KFOLD,
        dataset__in={model.run.dataset_id for model in others},
        finished_at__isnull=False,
    ).order_by("-created", "-id")
    candidates = [run for run in kfold if is_measured(run)]
    for model in others:
        wanted = (model.run.dataset_id, recipe(model.run))
        run = next((run for run in candidates if (run.dataset_id, recipe(run)) == wanted), None)
        if run is not None:
            found[model.pk] = run
    return found


def is_measured(run: TrainingRun) -> bool:
    """Did anything stand aside to measure on?"""
    return bool(run.metrics and run.metrics.get("photo"))


def recipe(run: TrainingRun) -> dict[str, Any]:
    """A run's options but for the number of folds: what must agree for one run to speak for another."""
    return {name: value for name, value in run.options.items() if name != "kfold"}
