"""The training program: `python -m ml.vision.train MANIFEST OUT`.

Reads the manifest that a frozen dataset was written out as, and writes in OUT: `progress.jsonl` as it goes,
at the end `predictions.jsonl`, `metrics.json` and, unless it only measures by k folds, the folder `model/`.
It ends with its parent, and on SIGTERM. Exit status 2: what was asked for cannot be done, and standard error
says why.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from ml.vision import cache, export, figures, recipes, renditions
from ml.vision.backbones import Backbone, BackboneRefused, find
from ml.vision.card import card_of
from ml.vision.fine_tuning import DRAWS
from ml.vision.fold import DECODE, LEARN, LOOK, TUNE, Floats, Indices, Trained, Trainer
from ml.vision.halves import halves
from ml.vision.progress import Progress
from ml.vision.resize import normalise
from ml.vision.session import ModelRefused, Session, softmax
from ml.vision.training_manifest import Manifest, ManifestRefused, read
from ml.vision.watchdog import end_with_parent

EXPORT = 60.0  # what writing the model folder costs, in looks by the network
SAMPLE = 64  # training photos that the export is checked on where there are no others
REFUSALS = (ManifestRefused, BackboneRefused, cache.PixelsRefused, ModelRefused, export.ExportRefused)
Probabilities = NDArray[np.float64]


def main(arguments: list[str] | None = None) -> int:
    """Run the program; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m ml.vision.train", description=__doc__)
    parser.add_argument("manifest", type=Path, help="manifest.json of a frozen dataset")
    parser.add_argument("out", type=Path, help="folder to write to")
    asked = parser.parse_args(arguments)
    end_with_parent()
    # On all cores by default, or as many as the environment gives; never more than there are.
    torch.set_num_threads(max(1, min(torch.get_num_threads(), os.cpu_count() or 1)))
    try:
        run(read(asked.manifest), asked.out)
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def run(manifest: Manifest, out: Path) -> dict[str, Any]:
    """Train on `manifest`, or measure by its folds, and write everything to `out`; what `metrics.json` says.

    Raises what REFUSALS names.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    for left in out.glob(".model-*"):  # of a run that was killed
        shutil.rmtree(left)
    photos, backbone = manifest.photos, find(manifest.options.arch, manifest.options.weights)
    manifest, chosen = choose(manifest, backbone)
    options, tuned = manifest.options, chosen.recipe == recipes.TUNED
    kept = Path(options.cache) if options.cache else out / "cache"
    folds = deal(manifest)
    progress = Progress(out / "progress.jsonl", work(manifest, folds, tuned))
    progress.say("pixels", f"Reading {len(photos)} photos.")
    pixels = cache.build(
        photos,
        kept,
        options.size,
        options.resize,
        lambda count: progress.advance(count * DECODE, "pixels", "Reading the photos."),
    )
    checkpoints = out / "checkpoints"
    trainer = Trainer(manifest, pixels, backbone, progress, tuned=tuned, cache=kept, checkpoints=checkpoints)
    if folds:
        measured = measure_by_folds(manifest, trainer, folds, out)
    else:
        measured = make_model(manifest, trainer, backbone, out, started)
    measured["recipe"] = {"name": chosen.recipe, "reason": chosen.reason}
    measured["seconds"] = round(time.monotonic() - started)
    _write(out / "metrics.json", json.dumps(measured, indent=1, ensure_ascii=False) + "\n")
    shutil.rmtree(checkpoints, ignore_errors=True)
    progress.finish(f"Done in {measured['seconds']} s.")
    return measured


def choose(manifest: Manifest, backbone: Backbone) -> tuple[Manifest, recipes.Chosen]:
    """The recipe that fits what there is to learn from, and the manifest with the options that it comes to."""
    options = manifest.options
    learned = [photo for photo in manifest.photos if options.kfold or photo.split == "train"]
    of_class: dict[str, set[str]] = {}
    for photo in learned:
        of_class.setdefault(photo.label, set()).add(photo.group)
    depth = min(options.depth, recipes.TUNED_DEPTH)
    cut = halves(backbone.body(), depth, options.size) if options.head == "logistic" else None
    chosen = recipes.choose(
        options.recipe,
        groups=len({photo.group for photo in learned}),
        photos=len(learned),
        least=min(map(len, of_class.values())),
        cut=cut is not None and len(cut[0]) > 0 and len(cut[1]) > 0,
    )
    if chosen.recipe == recipes.FROZEN:
        options = replace(options, epochs_frozen=0, epochs_unfrozen=0)
    elif chosen.recipe == recipes.TUNED:
        options = replace(options, epochs_frozen=0, epochs_unfrozen=0, depth=depth)
    return replace(manifest, options=options), chosen


def deal(manifest: Manifest) -> list[tuple[str, Indices, Indices]]:
    """(name, training photos, test photos) of each fold; none when a model is to be made.

    By the photos' own `fold`, else whole groups dealt so that each fold has its share of every class. What
    shows a class that is in one fold alone is learned from and never asked about: whoever is asked has not
    seen it.
    """
    count, photos = manifest.options.kfold, manifest.photos
    if not count:
        return []
    if photos[0].fold is not None:
        of = np.array([photo.fold for photo in photos])
    else:
        groups = [photo.group for photo in photos]
        labels = [photo.label for photo in photos]
        if len(set(groups)) < count:
            raise ManifestRefused(f"{len(set(groups))} groups cannot be dealt into {count} folds.")
        of = np.zeros(len(photos), int)
        dealer = StratifiedGroupKFold(count, shuffle=True, random_state=manifest.options.seed)
        for number, (_, test) in enumerate(dealer.split(labels, labels, groups)):
            of[test] = number
    shown = np.array([photo.label for photo in photos])
    folds = []
    for fold in np.unique(of):
        train = np.flatnonzero(of != fold)
        if len(set(shown[train])) < 2:
            raise ManifestRefused(f"Without fold {fold} the photos show fewer than two classes.")
        test = np.flatnonzero((of == fold) & np.isin(shown, shown[train]))
        if len(test):
            folds.append((str(fold), train, test))
    if not folds:
        raise ManifestRefused(
            "Every class is in one fold alone, so nothing can be both learned and asked about."
        )
    return folds


def work(manifest: Manifest, folds: list[tuple[str, Indices, Indices]], tuned: bool) -> float:
    """What there is to do, in looks by the network."""
    options, photos = manifest.options, len(manifest.photos)
    views = LOOK * (2 if options.flip else 1)
    epochs = (options.epochs_frozen + options.epochs_unfrozen) * LEARN
    total = photos * DECODE + (2 * photos * LOOK if options.head == "logistic" else 0)
    if tuned:
        total += photos * renditions.VIEWS * LOOK
        epochs = options.seeds * options.epochs_tuned * TUNE

    def drawn(indices: Sequence[int]) -> int:
        organisms = {manifest.photos[index].occurrence for index in indices}
        return min(len(indices), DRAWS * len(organisms))

    if folds:
        return total + sum(drawn(train.tolist()) * epochs + len(test) * views for _, train, test in folds)
    asked = len(manifest.of("test")) or SAMPLE
    total += drawn(manifest.of("train")) * epochs + 3 * len(manifest.of("validation")) * views
    return total + EXPORT + 2 * asked * views


def make_model(
    manifest: Manifest, trainer: Trainer, backbone: Backbone, out: Path, started: float
) -> dict[str, Any]:
    """Learn from the training photos, write the model folder, test what was written; the figures."""
    train, validation, test = (
        np.array(manifest.of(split), np.int64) for split in ("train", "validation", "test")
    )
    trained = trainer.learn(train, validation)
    trainer.progress.advance(0, "export", "Writing the model.")
    card = card_of(manifest, backbone, trained)
    with export.folder(out / "model") as folder:
        model = trained.model.cpu().eval()
        served = export.write(model, card, folder, trained.knows)
        trainer.progress.advance(EXPORT, "export", "Checking the model.")
        # Tested is what will be served, not what it was made from: the file, through the code that serves it.
        asked = test if len(test) else train[:SAMPLE]
        scores, distances = _served(served, trainer, backbone, asked)
        trainer.device = torch.device("cpu")
        ours, features = trainer.looks(trained, asked, "export", "Checking the model.")
        card["onnx"] = export.compare(ours, scores)
        if distances is not None:
            card["onnx"] |= export.compare_distances(trained.distances(features), distances)
        sides = {"test": test, "validation": validation} if len(test) else {}
        measured = _measured("test" if len(test) else None, manifest, trainer, trained, sides)
        if len(test):
            probabilities = served.probabilities(scores)
            measured |= figures.figures(manifest, trainer, probabilities, test, trained, distances)
            measured["frozen_head"] = _frozen(manifest, trainer, trained, test)
            alone = trainer.seed_probabilities(trained, test)
            measured["seeds"] = figures.by_seed(manifest, trainer, alone, test)
            first = trainer.head_scores(trained, test)
            if first is not None:
                before = softmax(first, trained.temperature)
                measured["against_frozen"] = figures.against(
                    trainer, before, probabilities, test, trained.together
                )
            _predictions(out, manifest, [(None, test, probabilities)])
        if trained.validation is not None:
            chosen = softmax(trained.validation, trained.temperature)
            measured["validation"] = figures.figures(manifest, trainer, chosen, validation, trained)
        card["metrics"] = measured
        card["seconds"] = round(time.monotonic() - started)
        export.write_card(card, folder)
    return measured


def measure_by_folds(
    manifest: Manifest, trainer: Trainer, folds: list[tuple[str, Indices, Indices]], out: Path
) -> dict[str, Any]:
    """Learn once per fold from the others, answer for its photos; the figures over all held-out answers."""
    answered = np.zeros((len(manifest.photos), len(manifest.classes)))
    frozen = np.zeros_like(answered) if trainer.features is not None else None
    before = np.zeros_like(answered)
    alone: dict[int, Probabilities] = {}
    parts, thresholds = [], np.zeros(len(manifest.photos))
    together, far = np.ones(len(manifest.photos)), np.full(len(manifest.photos), np.nan)
    trained = None
    for number, (name, train, test) in enumerate(folds):
        trainer.progress.within(f"Fold {number + 1} of {len(folds)}: ")
        trained = trainer.learn(train, np.array([], np.int64))
        scores, features = trainer.looks(trained, test, "test", "Asking about its photos.")
        answered[test] = softmax(scores, trained.temperature)
        thresholds[test], together[test] = trained.threshold, trained.together
        if trained.knows is not None:
            far[test] = trained.distances(features)
        first = trainer.head_scores(trained, test)
        if frozen is not None and first is not None:
            frozen[test] = softmax(first)
            before[test] = softmax(first, trained.temperature)
        for seed, probabilities in trainer.seed_probabilities(trained, test).items():
            alone.setdefault(seed, np.zeros_like(answered))[test] = probabilities
        measures = figures.figures(manifest, trainer, answered[test], test, trained, far[test])
        parts.append(
            {"fold": name, "temperature": trained.temperature, "threshold": trained.threshold, **measures}
        )
        trainer.progress.say("test", "Tested.", metrics={"accuracy": measures["photo"]["accuracy"]})
    trainer.progress.within("")
    assert trained is not None
    asked = np.sort(np.concatenate([test for _, _, test in folds]))
    measured = _measured("folds", manifest, trainer, trained, {"folds": asked})
    if len(asked) < len(manifest.photos):
        measured["left_out"]["in_one_fold_only"] = len(manifest.photos) - len(asked)
    measured |= figures.evaluate(manifest, trainer, answered[asked], asked, together[asked])
    measured["sure"] = figures.sure(trainer, answered[asked], asked, thresholds[asked])
    measured["refused"] = figures.refused(far[asked])
    measured |= figures.over_folds(parts)
    measured["folds"] = parts
    if frozen is not None:
        measured["frozen_head"] = figures.evaluate(
            manifest, trainer, frozen[asked], asked
        ) | figures.over_folds(
            [figures.evaluate(manifest, trainer, frozen[test], test) for _, _, test in folds]
        )
        measured["against_frozen"] = figures.against(
            trainer, before[asked], answered[asked], asked, together[asked]
        )
        measured["seeds"] = figures.by_seed(
            manifest, trainer, {seed: each[asked] for seed, each in alone.items()}, asked
        )
    _predictions(out, manifest, [(name, test, answered[test]) for name, _, test in folds])
    return measured


def _served(
    served: Session, trainer: Trainer, backbone: Backbone, indices: Indices
) -> tuple[Floats, Probabilities | None]:
    """Scores and distances of the photos at `indices`, by the file."""
    size = trainer.options.batch_size
    scores, distances = [], []
    for start in range(0, len(indices), size):
        batch = np.asarray(trainer.pixels[indices[start : start + size]])
        answer, far = served.looks(normalise(batch, backbone.mean, backbone.std))
        scores.append(answer)
        if far is not None:
            distances.append(far)
        trainer.progress.advance(len(batch) * LOOK, "export", "Checking the model.")
    return np.concatenate(scores), np.concatenate(distances) if distances else None


def _measured(
    on: str | None, manifest: Manifest, trainer: Trainer, trained: Trained, asked: dict[str, Indices]
) -> dict[str, Any]:
    """What every `metrics.json` says; `photo` and `occurrence` stay null until something was held out.

    `not_asked`: the classes that the photos `asked` about do not show, for each side that has photos.
    """
    shown = {side: {manifest.photos[index].label for index in indices} for side, indices in asked.items()}
    return {
        "measured_on": on,
        "classes": list(manifest.classes),
        "left_out": dict(manifest.left_out),
        "classes_left_out": list(manifest.classes_left_out),
        "not_asked": {
            side: [label for label in manifest.classes if label not in there]
            for side, there in shown.items()
            if there
        },
        "dataset_hash": manifest.dataset_hash,
        "photos": len(manifest.photos),
        "occurrences": len(set(trainer.occurrences.tolist())),
        "groups": len(set(trainer.groups.tolist())),
        "kept": trained.share,
        "tuned": len(trained.seeds),
        "photo": None,
        "occurrence": None,
        "sure": None,
        "refused": None,
        "validation": None,
        "frozen_head": None,
        "against_frozen": None,
        "seeds": [],
    }


def _frozen(
    manifest: Manifest, trainer: Trainer, trained: Trained, indices: Indices
) -> dict[str, Any] | None:
    scores = trainer.head_scores(trained, indices)
    return None if scores is None else figures.evaluate(manifest, trainer, softmax(scores), indices)


def _predictions(
    out: Path, manifest: Manifest, parts: list[tuple[str | None, Indices, Probabilities]]
) -> None:
    """One line per held-out photo; `probs` in the order of the manifest's classes."""
    lines = []
    for fold, indices, probabilities in parts:
        for index, row in zip(indices, probabilities, strict=True):
            photo = manifest.photos[index]
            line = {"id": photo.id, "occurrence": photo.occurrence, "label": photo.label}
            said = {"answer": manifest.classes[int(row.argmax())], "probs": row.tolist()}
            lines.append(
                json.dumps(line | ({} if fold is None else {"fold": fold}) | said, ensure_ascii=False)
            )
    _write(out / "predictions.jsonl", "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main())
