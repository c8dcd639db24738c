"""Starting runs and keeping what they made."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from jobs.actions import enqueue
from jobs.models import Job
from ml.models import Model, TrainingRun
from ml.queries import models
from ml.vision.architectures import ARCHITECTURES
from ml.vision.training_manifest import RULES
from research.models import Dataset
from species.models import Taxon

# Where the program runs is this site's business, not the caller's.
OPTIONS = {name: rule for name, rule in RULES.items() if name not in ("device", "cache", "weights")}
# The program takes any network that its libraries know; a site only those of the list.
OPTIONS["arch"] = (lambda name: name in ARCHITECTURES, f"one of {', '.join(ARCHITECTURES)}")


@transaction.atomic
def start(
    *,
    dataset: Dataset,
    by: User,
    options: dict[str, Any] | None = None,
    kind: str = TrainingRun.Kind.MODEL,
    after: Job | None = None,
) -> TrainingRun:
    """A run on a frozen dataset, and its job. `after` is a job that will have frozen the dataset.

    Raises PermissionDenied for anybody but an admin, ValidationError for an unknown option or a dataset that
    nobody is freezing.
    """
    if not by.is_admin:
        raise PermissionDenied("Only an admin starts a training run.")
    options = {**settings.TRAIN_OPTIONS, **(options or {})}
    if unknown := set(options) - set(OPTIONS):
        raise ValidationError({"__all__": f"Unknown: {', '.join(sorted(unknown))}."})
    for name, value in options.items():
        fits, wanted = OPTIONS[name]
        if not fits(value):
            raise ValidationError({"__all__": f"{name} is {value!r}, but must be {wanted}."})
    if dataset.state != Dataset.State.FROZEN and after is None:
        raise ValidationError({"dataset": "Only a frozen dataset can be trained on."})
    run = TrainingRun.objects.create(dataset=dataset, kind=kind, options=options, created_by=by)
    title = "Train a model" if kind == TrainingRun.Kind.MODEL else "Measure by grouped k-fold"
    run.job = enqueue(
        kind="train",
        arguments={"run": str(run.pk)},
        by=by,
        after=after,
        queue=settings.TRAIN_QUEUE,
        title=f"{title} on {dataset}",
    )
    run.save(update_fields=["job"])
    return run


@transaction.atomic
def finish(
    *,
    run: TrainingRun,
    metrics: dict[str, Any],
    history: list[dict[str, Any]],
    card: dict[str, Any] | None = None,
    sha256: str = "",
    predictions: str = "",
) -> Model | None:
    """Record what the training program measured and, for a model run, the folder it wrote.

    Safe to repeat: a run has one model. The folder, and the file of predictions, must be in the store before
    this is called.
    """
    run = TrainingRun.objects.select_for_update().get(pk=run.pk)
    run.metrics, run.history, run.predictions = metrics, history, predictions
    run.finished_at = run.finished_at or timezone.now()
    run.save(update_fields=["metrics", "history", "predictions", "finished_at"])
    if card is None:
        return None
    standing = Model.objects.filter(run=run).first()
    if standing:
        return standing
    version = (Model.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    return Model.objects.create(
        run=run,
        architecture=card["architecture"],
        version=version,
        sha256=sha256,
        classes=card["classes"],
        taxa=_taxa(card),
        card=card,
    )


def _taxa(card: dict[str, Any]) -> dict[str, str]:
    """Class to taxon: as the card has it, if that is here, else by the label. From now on labels may change."""
    told = card.get("taxa") or {}
    here = {str(id) for id in Taxon.objects.filter(pk__in=told.values()).values_list("id", flat=True)}
    return models.taxa(card["classes"], {label: id for label, id in told.items() if id in here})
