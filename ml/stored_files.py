"""The files of runs, models and predictions: in the default storage, and what work leaves on this machine's disk."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from jobs.models import UNFINISHED, Job, JobQuerySet, State
from ml.models import Model, Promotion, TrainingRun
from ml.serving import model_store
from ml.vision.session import ModelRefused
from species.images.decode import SIZES
from species.models import Photo

PREDICTED = "predictions"  # the kind of the jobs, and their files' folder
FOLDERS = ("models", "runs", PREDICTED)
LASTS = timedelta(days=7)  # what a job of predictions said
NAME = re.compile(rf"^{PREDICTED}/([0-9a-f-]{{36}})-(\d+)\.json$")


def files_expected(folder: str) -> list[str]:
    """The storage names in one of FOLDERS that rows refer to, sorted."""
    if folder == "models":
        return sorted(
            f"{model.folder_name}/{name}" for model in Model.objects.order_by() for name in _files(model)
        )
    if folder == PREDICTED:
        return sorted(predicted(each) for each in _lasting().only("id", "fence"))
    return sorted(
        TrainingRun.objects.exclude(predictions="").order_by().values_list("predictions", flat=True)
    )


def is_expected(name: str) -> bool:
    """Does a row refer to this name now?"""
    kind, *rest = name.split("/")
    if kind == PREDICTED:
        return _is_predicted(name)
    if kind == "runs":
        return TrainingRun.objects.filter(predictions=name).exists()
    made = Model.objects.filter(sha256=rest[0]) if len(rest) == 2 else ()
    return any(rest[1] in _files(model) for model in made)


def predicted(job: Job) -> str:
    """What this attempt at a job of predictions writes: no two attempts share a name."""
    return f"{PREDICTED}/{job.pk}-{job.fence}.json"


def predictions_of(job: Job) -> bytes | None:
    """What it said, as JSON; None where it is not there, or not any more."""
    if not _lasting().filter(pk=job.pk).exists():
        return None
    try:
        with default_storage.open(predicted(job)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def forget_old_predictions() -> None:
    try:
        files = default_storage.listdir(PREDICTED)[1]
    except FileNotFoundError:
        return
    for file in files:
        if NAME.match(f"{PREDICTED}/{file}") and not _is_predicted(f"{PREDICTED}/{file}"):
            default_storage.delete(f"{PREDICTED}/{file}")


def _lasting() -> JobQuerySet:
    over = timezone.now() - LASTS
    return Job.objects.filter(kind=PREDICTED, state=State.DONE, finished_at__gt=over, owner__is_active=True)


def _is_predicted(name: str) -> bool:
    match = NAME.match(name)
    if match is None:
        return False
    job = Job.objects.filter(pk=UUID(match[1]), kind=PREDICTED).first()
    if job is None:
        return False
    return job.state in UNFINISHED or (predicted(job) == name and _lasting().filter(pk=job.pk).exists())


def bytes_of(photo: Photo, whole: bool) -> bytes:
    """A photo as it was sent, or as everybody sees it. Raises FileNotFoundError."""
    name = photo.original_name if whole else photo.rendition_name(max(SIZES), photo.shown_as)
    with default_storage.open(name) as file:
        return bytes(file.read())


def _files(model: Model) -> tuple[str, ...]:
    return (*model_store.FILES, *(model_store.NEWER if "known" in model.card else ()))


def unfinished() -> Iterator[str]:
    """A sentence for each run that no job does, and for what no two models can be at once."""
    for run in TrainingRun.objects.filter(finished_at=None).select_related("job").order_by("created", "id"):
        if run.job is None or run.job.state == State.DONE:
            yield f"{run} is not finished, and no job does it."
    live = Promotion.objects.filter(ended_at=None).count()
    if live > 1:
        yield f"{live} models are live at once."


def damaged() -> Iterator[str]:
    """A sentence for each stored model folder that is not the one it is named after. Reads them all."""
    for model in Model.objects.order_by("created", "id"):
        try:
            model_store.check(model.sha256)
        except ModelRefused as error:
            yield f"{model} in the store: {error}"


def abandoned() -> Iterator[Path]:
    """What killed trainings left on this machine, and of those that failed the decoded photos."""
    for folder in Path(settings.RUNS).glob("*-*"):
        run, _, fence = folder.name.rpartition("-")
        # Asked after the folder was seen: it is made by an attempt that has its fence already.
        job = Job.objects.filter(kind="train", arguments__run=run).first()
        if job is None or job.state == State.DONE:
            yield folder
        elif job.state == State.RUNNING:
            if str(job.fence) != fence:
                yield folder
        elif (folder / model_store.PIXELS).exists():
            # Of one that waits, the next attempt goes on from its checkpoints, which show no photo.
            yield folder / model_store.PIXELS


def temporary() -> Iterator[Path]:
    """Model folders on their way from the store to this machine's disk, or stuck on it."""
    yield from Path(settings.MODELS).glob(".incoming-*")
