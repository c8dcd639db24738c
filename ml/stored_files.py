"""The files of runs and models: in the default storage, and what work leaves on this machine's disk."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from jobs.models import Job, State
from ml.models import Model, Promotion, TrainingRun
from ml.serving import model_store
from ml.vision.session import ModelRefused

FOLDERS = ("models", "runs")


def files_expected(folder: str) -> list[str]:
    """The storage names in one of FOLDERS that rows refer to, sorted."""
    if folder == "models":
        return sorted(
            f"{model.folder_name}/{name}" for model in Model.objects.order_by() for name in _files(model)
        )
    return sorted(
        TrainingRun.objects.exclude(predictions="").order_by().values_list("predictions", flat=True)
    )


def is_expected(name: str) -> bool:
    """Does a row refer to this name now?"""
    kind, *rest = name.split("/")
    if kind == "runs":
        return TrainingRun.objects.filter(predictions=name).exists()
    made = Model.objects.filter(sha256=rest[0]) if len(rest) == 2 else ()
    return any(rest[1] in _files(model) for model in made)


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
