"""Learning from some of a dataset's photos: fit, tune, choose, calibrate. What a model run does once and a
k-fold measurement once per fold, so that what is measured is what is made.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.vision import activations, cache, calibrate, fine_tuning, logistic, renditions, taught, tuning
from ml.vision.backbones import Backbone, Pool, head
from ml.vision.halves import Seen, Served, halves
from ml.vision.known import Known
from ml.vision.logistic import LogisticHead
from ml.vision.progress import Progress
from ml.vision.session import softmax
from ml.vision.training_manifest import Manifest

Indices = NDArray[np.int64]
Floats = NDArray[np.float32]
# What one photo costs, in looks by the network: reading it, a look, a step of learning.
DECODE, LOOK, LEARN, TUNE = 0.3, 1.0, 2.5, 1.5


@dataclass(frozen=True)
class Trained:
    """A trained network and how to read it. `model` gives scores and features of normalised photos."""

    model: Served
    share: float  # of the fine-tuned network in the average that `model` is
    head: LogisticHead | None  # what the frozen body with the first head would answer: the control
    temperature: float = 1.0
    together: float = 1.0  # the temperature of an occurrence's pooled photos
    threshold: float = calibrate.UNSURE
    calibrated_on: str | None = None
    validation: Floats | None = None  # scores of the validation photos
    knows: Known | None = None  # None where nothing was held out to set `farthest` by
    farthest: float = 1.0  # distance beyond which a photo is like nothing that was taught
    farthest_by: str | None = None
    seeds: tuple[int, ...] = ()  # of the upper halves in `model`, where several were tuned

    def distances(self, features: Floats) -> NDArray[np.float64]:
        """As `ml.vision.session.Look.distance` has it, n."""
        assert self.knows is not None
        return self.knows.distances(features) / self.farthest


class Trainer:
    """A dataset in memory, its frozen features, and learning from parts of it."""

    def __init__(
        self,
        manifest: Manifest,
        pixels: NDArray[np.uint8],
        backbone: Backbone,
        progress: Progress,
        *,
        tuned: bool,
        cache: Path,
        checkpoints: Path,
    ) -> None:
        """With `tuned`, by that recipe; what the lower half sees is kept in `cache`, and how far each seed is in the
        other folder."""
        self.tuned, self.cache, self.checkpoints = tuned, cache, checkpoints
        self.manifest = manifest
        self.photos, self.options, self.classes = manifest.photos, manifest.options, len(manifest.classes)
        self.pixels, self.backbone, self.progress = pixels, backbone, progress
        self.device = fine_tuning.device_of(self.options)
        self.labels = np.array([manifest.classes.index(photo.label) for photo in self.photos], np.int64)
        self.occurrences = np.array([photo.occurrence for photo in self.photos])
        self.groups = np.array([photo.group for photo in self.photos])
        self.features: Floats | None = None  # of the frozen body, 2 x n x d: a photo and its mirror image
        self.shallow: Floats | None = None  # of its lower half, n x d
        self._activations: activations.Kept | None = None
        if self.options.head == "logistic":
            self._look()

    def learn(self, train: Indices, validation: Indices) -> Trained:
        """Train on the photos at `train`; choose and calibrate on those at `validation`, if there are any."""
        if self.tuned:
            return self._tune(train, validation)
        options, weights = self.options, self.weights(train)
        data = fine_tuning.Data(self.pixels, self.labels, weights, self.occurrences, self.classes)
        dls = fine_tuning.loaders(data, train, validation, self.backbone, options, self.device)
        learn = fine_tuning.make(self.backbone, dls, self.classes, options, self.device)
        head = None
        if self.features is not None:
            self.progress.say("head", "Fitting the head to what the frozen network sees.")
            head = logistic.fit(
                self.features[:, train], self.labels[train], weights[train], self.classes, options.seed
            )
            fine_tuning.set_head(learn.model, head)
        before, after = fine_tuning.tune(learn, options, self._stage)
        learn.model.requires_grad_(False)
        made = Trained(self._served(learn.model), 1.0, head)

        def mix(share: float) -> None:
            learn.model.load_state_dict(fine_tuning.average(before, after, share))

        if len(validation):
            made = self._choose(made, mix, validation, weights)
        else:
            mix(options.keep)
            made = self._calibrate(replace(made, share=options.keep), train, weights)
        return self._know(made, train, validation, weights)

    def _tune(self, train: Indices, validation: Indices) -> Trained:
        """Upper halves tuned from several seeds, on what the lower half sees of the photos."""
        assert self.features is not None
        options, weights, classes = self.options, self.weights(train), self.classes
        fitted = logistic.fit(
            self.features[:, train], self.labels[train], weights[train], classes, options.seed
        )
        body = self.backbone.body().eval()
        whole = nn.Sequential(body, head(body, classes, options.size))
        fine_tuning.set_head(whole, fitted)
        cut = halves(body, options.depth, options.size)
        assert cut is not None
        lower, upper = (each.to(self.device) for each in cut)
        above, *decides = whole[1].to(self.device).children()
        first, second = nn.Sequential(*upper, above), nn.Sequential(*decides)
        lessons = tuning.Lessons(self._kept(lower), train, self.labels, weights, self.occurrences, classes)
        seeds = tuple(range(options.seed, options.seed + options.seeds))
        made = []
        for seed in seeds:
            pair = tuning.tune(
                first,
                second,
                lessons,
                seed=seed,
                folder=self.checkpoints,
                fingerprint=self._fingerprint(train),
                epochs=options.epochs_tuned,
                say=self._saying(seed, seeds, lessons.length),
            )
            made.append(pair)
        uppers, heads = [each for each, _ in made], [each for _, each in made]
        model = Served(lower, uppers, heads, deep=False, mirrored=options.flip).eval()
        trained = Trained(model, 1.0, fitted, seeds=seeds)
        if len(validation):
            scores = self.scores(trained, validation, "calibrate", "Reading it on the validation photos.")
            warmth = calibrate.temperature(scores, self.labels[validation], weights[validation])
            trained = self._read(trained, scores, warmth, validation, weights)
        else:
            trained = self._calibrate(trained, train, weights)
        return self._know(trained, train, validation, weights)

    def _kept(self, lower: nn.Module) -> activations.Kept:
        if self._activations is None:
            options = self.options
            pixels = cache.key(self.photos, options.size, options.resize)
            name = activations.key(pixels, self.backbone, options.depth, options.seed)
            message = "Looking at the photos in several renditions."
            self._activations = activations.build(
                lower,
                self.pixels,
                self.backbone,
                self.cache,
                name,
                options.seed,
                lambda count: self.progress.advance(count * renditions.VIEWS * LOOK, "renditions", message),
            )
        return self._activations

    def _fingerprint(self, train: Indices) -> str:
        """What checkpoints belong to: other photos or options make another network."""
        said = {name: value for name, value in vars(self.options).items() if name not in ("cache", "device")}
        photos = [(self.photos[index].sha256, self.photos[index].label) for index in train]
        text = json.dumps([self.manifest.dataset_hash, said, photos, self.backbone.source], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _saying(self, seed: int, seeds: tuple[int, ...], length: int) -> tuning.Say:
        def say(epoch: int, epochs: int, loss: float) -> None:
            message = f"Tuning {seeds.index(seed) + 1} of {len(seeds)}, epoch {epoch} of {epochs} done."
            self.progress.advance(length * TUNE, "tuned", message, epoch=epoch, epochs=epochs)
            said = {"train_loss": loss, "seed": float(seed)}
            self.progress.say("tuned", message, epoch=epoch, epochs=epochs, metrics=said)

        return say

    def seed_probabilities(self, trained: Trained, indices: Indices) -> dict[int, NDArray[np.float64]]:
        """What each seed's upper half says by itself, n x classes: from what is kept, so to half precision."""
        views, found = 2 if self.options.flip else 1, {}
        for seed, upper, decide in zip(
            trained.seeds, trained.model.uppers, trained.model.heads, strict=False
        ):
            assert self._activations is not None
            at = next(upper.parameters()).device
            scores = np.zeros((len(indices), self.classes), np.float32)
            with torch.inference_mode():
                for place, index in enumerate(indices):
                    seen = torch.from_numpy(self._activations[index, :views].astype(np.float32))
                    scores[place] = decide(upper(seen.to(at))).mean(0).cpu().numpy()
            found[seed] = softmax(scores, trained.temperature)
        return found

    def looks(self, trained: Trained, indices: Indices, stage: str, message: str) -> tuple[Floats, Floats]:
        """What a trained network gives for the photos at `indices`: scores, n x classes, and features, n x d."""
        both = self._answers(trained.model, indices, stage, message, 2 if self.options.flip else 1)
        return both[:, : self.classes], both[:, self.classes :]

    def scores(self, trained: Trained, indices: Indices, stage: str, message: str) -> Floats:
        return self.looks(trained, indices, stage, message)[0]

    def head_scores(self, trained: Trained, indices: Indices) -> Floats | None:
        """What the frozen body with the logistic head alone gives; None where there is no such head."""
        if trained.head is None or self.features is None:
            return None
        return trained.head.logits(self.features[:, indices].mean(axis=0))

    def weights(self, indices: Indices) -> NDArray[np.float64]:
        """How much each of all photos counts when those at `indices` are learned from.

        An organism with 146 frames counts as one with 5, unless the manifest gives weights of its own.
        """
        frames = Counter(self.occurrences[indices].tolist())
        return np.array(
            [
                photo.weight if photo.weight is not None else 1 / max(1, frames[photo.occurrence])
                for photo in self.photos
            ]
        )

    def _choose(
        self, made: Trained, mix: Callable[[float], None], validation: Indices, weights: NDArray[np.float64]
    ) -> Trained:
        """The average, of none, some or all of the fine-tuning, that explains the validation photos best."""
        options, labels, weighed = self.options, self.labels[validation], weights[validation]
        # Less than nothing gained by tuning is common on small data: then the network it started from stays.
        tuned = options.epochs_unfrozen > 0 and options.head == "logistic"
        best: tuple[float, float, float, Floats] | None = None
        for share in sorted({0.0, options.keep, 1.0}) if tuned else [1.0]:
            mix(share)
            scores = self.scores(made, validation, "calibrate", "Choosing on the validation photos.")
            warmth = calibrate.temperature(scores, labels, weighed)
            lost = calibrate.loss(scores, labels, weighed, warmth)
            if best is None or lost < best[0]:
                best = (lost, share, warmth, scores)
        assert best is not None
        _, share, warmth, scores = best
        mix(share)
        return self._read(replace(made, share=share), scores, warmth, validation, weights)

    def _read(
        self,
        made: Trained,
        scores: Floats,
        warmth: float,
        validation: Indices,
        weights: NDArray[np.float64],
    ) -> Trained:
        """How to read it, from its scores of the validation photos and the temperature that these need."""
        labels, weighed = self.labels[validation], weights[validation]
        chosen = softmax(scores, warmth)
        return replace(
            made,
            temperature=warmth,
            together=calibrate.together(chosen, labels, self.occurrences[validation]),
            threshold=calibrate.threshold(chosen, labels, weighed),
            calibrated_on="validation photos",
            validation=scores,
        )

    def _calibrate(self, made: Trained, train: Indices, weights: NDArray[np.float64]) -> Trained:
        """Without validation photos: by heads that each saw only some of the groups.

        The head is the part that overfits most, and refitting it is cheap. The temperature that its held-out
        scores need is taken for the tuned network, which a fresh tuning per fold would cost minutes to improve.
        """
        if self.features is None:
            return made
        labels, weighed = self.labels[train], weights[train]
        held_out = logistic.held_out_logits(
            self.features[:, train], labels, weighed, self.groups[train], self.classes, self.options.seed
        )
        if held_out is None or np.isnan(held_out).all():
            return made
        known = ~np.isnan(held_out).any(axis=1)
        held_out, labels, weighed = held_out[known], labels[known], weighed[known]
        warmth = calibrate.temperature(held_out, labels, weighed)
        chosen = softmax(held_out, warmth)
        return replace(
            made,
            temperature=warmth,
            together=calibrate.together(chosen, labels, self.occurrences[train][known]),
            threshold=calibrate.threshold(chosen, labels, weighed),
            calibrated_on="held-out groups, by the head alone",
        )

    def _know(
        self, made: Trained, train: Indices, validation: Indices, weights: NDArray[np.float64]
    ) -> Trained:
        """What is known, in features that training did not touch: else no photo that was learned from is held out."""
        untouched = not self.tuned and (self.options.epochs_unfrozen == 0 or made.share == 0)
        made.model.deep = untouched or self.shallow is None
        seen = self.shallow
        if untouched and self.features is not None:
            seen = (self.features if self.options.flip else self.features[:1]).mean(axis=0)
        if seen is None:
            return made
        labels, weighed = self.labels[train], weights[train]
        knows = taught.fit(seen[train], labels, weighed, self.options.seed)
        if len(validation) >= calibrate.ENOUGH:
            distances, by = knows.distances(seen[validation]), "validation photos"
        else:
            groups, by = self.groups[train], "held-out groups"
            found = taught.held_out_distances(seen[train], labels, weighed, groups, self.options.seed)
            distances = np.array([]) if found is None else found
        farthest = taught.threshold(distances)
        if farthest is None or farthest <= 0:
            return made
        return replace(made, knows=knows, farthest=farthest, farthest_by=by)

    def _served(self, model: nn.Module) -> Served:
        """The model as it will be served, over the same modules: what is learned later is in it."""
        parts: Any = model
        body, (above, *decides) = parts[0], parts[1]
        cut = halves(body, self.options.depth, self.options.size)
        lower, upper = cut or (body, nn.Sequential())
        made = Served(
            lower,
            [nn.Sequential(*upper, above)],
            [nn.Sequential(*decides)],
            deep=True,
            mirrored=self.options.flip,
        )
        return made.eval()

    def _look(self) -> None:
        """What the frozen body sees in each photo and in its mirror image, and what its lower half sees."""
        body = self.backbone.body().eval()
        cut = halves(body, self.options.depth, self.options.size)
        lower, upper = cut or (body, nn.Sequential())
        with torch.inference_mode():
            seen = lower(torch.zeros(1, 3, *self.options.size))
            width, features = seen.shape[1], upper(seen).shape[1]
        both = Seen(lower, Pool(width), nn.Sequential(*upper, Pool(features)))
        model = fine_tuning.ready(both, self.device)
        everything = np.arange(len(self.photos))
        message = "Looking at the photos."
        there, turned = (
            self._answers(each, everything, "head", message, 1) for each in (model, fine_tuning.Turned(model))
        )
        wide = Pool(width)(seen).shape[1]
        self.features = np.stack([there[:, wide:], turned[:, wide:]])
        # A lower half of nothing sees the bare pixels, one of everything what the whole body sees.
        if cut and len(cut[0]) and len(cut[1]):
            both_ways = (there + turned) / np.float32(2) if self.options.flip else there
            self.shallow = both_ways[:, :wide]

    def _answers(self, model: nn.Module, indices: Indices, stage: str, message: str, views: int) -> Floats:
        return fine_tuning.answers(
            model,
            self.pixels,
            indices,
            self.backbone,
            self.device,
            self.options.batch_size,
            lambda count: self.progress.advance(count * views * LOOK, stage, message),
        )

    def _stage(self, name: str) -> fine_tuning.Told:
        what = {"frozen": "Training the head", "unfrozen": "Training the network"}[name]

        def batch(count: int, epoch: int, epochs: int) -> None:
            message = f"{what}, epoch {epoch} of {epochs}."
            self.progress.advance(count * LEARN, name, message, epoch=epoch, epochs=epochs)

        def whole(epoch: int, epochs: int, said: dict[str, float]) -> None:
            message = f"{what}, epoch {epoch} of {epochs} done."
            self.progress.say(name, message, epoch=epoch, epochs=epochs, metrics=said)

        return fine_tuning.Told(batch, whole)
