"""Training, and the first promotion."""

import errno
import json
import logging
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage

from jobs.outcomes import Permanent
from jobs.programs import run_program
from jobs.registry import job, watch
from ml import stored_files
from ml.actions import promotions, runs
from ml.models import Model, TrainingRun
from ml.serving import model_store
from research.manifest.training_manifest import training_manifest
from research.models import Dataset

log = logging.getLogger(__name__)


@job("train", queue="gpu", max_attempts=3, asks="is_admin")
def train(context) -> None:
    """Write the dataset out as files, run the training program on them, keep what it made."""
    context.check_right()
    run = TrainingRun.objects.select_related("dataset").get(pk=context.arguments["run"])
    if run.finished_at:
        return
    if run.dataset.state != Dataset.State.FROZEN:
        raise Permanent(f"{run.dataset} is not frozen, so there is nothing to train on.")
    # One folder per attempt: an attempt that lost its lease may still be writing into its own.
    folder = Path(settings.RUNS) / f"{run.pk}-{context.job.fence}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _go_on_from_earlier_attempts(run, folder)
    try:
        _train(context, run, folder)
    finally:
        # Whatever became of it: a photo that is erased must not live on in what was decoded for a training.
        shutil.rmtree(folder / model_store.PIXELS, ignore_errors=True)
    for attempt in Path(settings.RUNS).glob(f"{run.pk}-*"):
        shutil.rmtree(attempt, ignore_errors=True)
    _forget_other_predictions(run)


def _go_on_from_earlier_attempts(run: TrainingRun, folder: Path) -> None:
    """Copies, since an earlier attempt may still be writing its own; what half was written there has another name."""
    for attempt in Path(settings.RUNS).glob(f"{run.pk}-*"):
        if attempt != folder:
            # Gone meanwhile: then it begins anew, as it would without.
            with suppress(OSError):
                kept = attempt / "out" / model_store.CHECKPOINTS
                ignored = shutil.ignore_patterns(".*")
                shutil.copytree(kept, folder / "out" / kept.name, ignore=ignored, dirs_exist_ok=True)


def _train(context, run: TrainingRun, folder: Path) -> None:
    manifest = training_manifest(run.dataset, folder / model_store.PIXELS, kfold=run.options.get("kfold"))
    if manifest.pop("needs_kfold") and run.kind == TrainingRun.Kind.MODEL:
        # Too few test groups to measure on: learn from everything, and let the k-fold run measure the recipe.
        for photo in manifest["photos"]:
            photo["split"] = "train"
    left_out = manifest["left_out"]
    manifest["options"] = run.options | {"cache": str(folder / model_store.PIXELS)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    log.info("Training on %d photos of %s; left out: %s", len(manifest["photos"]), run.dataset, left_out)

    history: list[dict] = []

    def on_line(line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if said.get("metrics"):
            history.append({key: said[key] for key in ("stage", "epoch", "metrics") if key in said})
        context.progress(said.get("done", 0), said.get("total"), said.get("message", ""))

    argv = [sys.executable, "-m", "ml.vision.train", str(folder / "manifest.json"), str(folder / "out")]
    threads = os.environ.get("TRAIN_THREADS", str(os.cpu_count() or 1))
    finished = run_program(
        context,
        argv,
        on_line,
        env=os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
        cwd=settings.ROOT,
    )
    context.check()
    if finished.returncode and os.strerror(errno.ENOSPC) in finished.errors:
        raise OSError(errno.ENOSPC, finished.errors)
    if finished.returncode:
        raise RuntimeError(f"The training program ended with {finished.returncode}.\n{finished.errors}")
    metrics = json.loads((folder / "out" / "metrics.json").read_text(encoding="utf-8"))
    card, sha256 = None, ""
    if run.kind == TrainingRun.Kind.MODEL:
        made = folder / "out" / "model"
        card = json.loads((made / "card.json").read_text(encoding="utf-8"))
        sha256 = model_store.store(made)
    predictions = _keep_predictions(run, context.job.fence, folder / "out" / "predictions.jsonl")
    with context.commit():
        runs.finish(
            run=run, metrics=metrics, history=history, card=card, sha256=sha256, predictions=predictions
        )


def _keep_predictions(run: TrainingRun, fence: int, path: Path) -> str:
    """Per-photo answers of the run's test, for the page of misses; the name they have in the store, if any.

    A name per attempt: one that lost its lease must not replace the newer one's.
    """
    if not path.exists():
        return ""
    name = f"runs/{run.pk}/predictions-{fence}.jsonl"
    with path.open("rb") as file:
        default_storage.save(name, File(file))
    return name


def _forget_other_predictions(run: TrainingRun) -> None:
    """Of attempts that were killed between writing them and saying so."""
    run.refresh_from_db(fields=["predictions"])
    try:
        names = default_storage.listdir(f"runs/{run.pk}")[1]
    except FileNotFoundError:
        return
    for name in names:
        if f"runs/{run.pk}/{name}" != run.predictions:
            default_storage.delete(f"runs/{run.pk}/{name}")


@job("promote_first", asks="is_admin")
def promote_first(context) -> None:
    """Put a run's model live if nothing is; from then on a person decides."""
    context.check_right()
    model = Model.objects.filter(run=context.arguments["run"]).select_related("run__dataset").first()
    if model is None:
        raise Permanent("The run made no model, so there is nothing to promote.")
    try:
        made = promotions.promote_first(model=model, commit=context.commit)
    except ValidationError as error:
        raise Permanent("; ".join(error.messages)) from error
    said = f"{model} is live." if made else "Another model is live already; a person decides between them."
    log.info(said)
    context.progress(1, 1, said)


@job("promote_better", asks="is_admin")
def promote_better(context) -> None:
    """Put a run's model live if the gate lets it through; else say what stopped it, and a person decides."""
    context.check_right()
    model = Model.objects.filter(run=context.arguments["run"]).select_related("run__dataset").first()
    if model is None:
        raise Permanent("The run made no model, so there is nothing to promote.")
    try:
        made, checks = promotions.promote_better(model=model, commit=context.commit)
    except ValidationError as error:
        raise Permanent("; ".join(error.messages)) from error
    stopped = " ".join(check.text for check in checks if not check.passed)
    said = f"{model} is live." if made else f"{model} waits for a person. {stopped}"
    log.info(said)
    context.progress(1, 1, said)


@watch
def forget_attempts() -> None:
    for folder in stored_files.abandoned():
        shutil.rmtree(folder, ignore_errors=True)
