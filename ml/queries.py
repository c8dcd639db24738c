"""What is asked about runs and models."""

from django.db.models import QuerySet

from jobs.models import UNFINISHED
from ml.models import Model, Promotion, TrainingRun


def live_promotion() -> Promotion | None:
    return Promotion.objects.filter(ended_at=None).select_related("model__run__dataset").first()


def live_model() -> Model | None:
    promotion = live_promotion()
    return promotion.model if promotion else None


def previous_model() -> Model | None:
    """What a roll-back goes to: the model that was live before this one and is not this one."""
    live = live_promotion()
    if live is None:
        return None
    earlier = (
        Promotion.objects.filter(created__lt=live.created)
        .exclude(model=live.model)
        .select_related("model__run__dataset")
        .order_by("created", "id")
        .last()
    )
    return earlier.model if earlier else None


def models() -> QuerySet[Model]:
    return Model.objects.select_related("run__dataset").prefetch_related("promotions").order_by("-version")


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


def recipe(run: TrainingRun) -> dict:
    """A run's options but for the number of folds: what must agree for one run to speak for another."""
    return {name: value for name, value in run.options.items() if name != "kfold"}
