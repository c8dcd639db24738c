"""Learning from some of a dataset's photos: fit, tune, choose, calibrate. What a model run does once and a
k-fold measurement once per fold, so that what is measured is what is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.vision import calibrate, fine_tuning, logistic
from ml.vision.backbones import Backbone, Pool
from ml.vision.logistic import LogisticHead
from ml.vision.progress import Progress
from ml.vision.session import softmax
from ml.vision.training_manifest import Manifest

Indices = NDArray[np.int64]
Floats = NDArray[np.float32]
# What one photo costs, in looks by the network: reading it, a look, a step of learning.
DECODE, LOOK, LEARN = 0.3, 1.0, 2.5


@dataclass(frozen=True)
class Trained:
    """A trained network and how to read it. `model` gives scores, n x classes, of normalised photos."""

    model: nn.Module
    share: float  # of the fine-tuned network in the average that `model` is
    head: LogisticHead | None  # what the frozen body with the first head would answer: the control
    temperature: float = 1.0
    threshold: float = calibrate.UNSURE
    calibrated_on: str | None = None
    validation: Floats | None = None  # scores of the validation photos


class Trainer:
    """A dataset in memory, its frozen features, and learning from parts of it."""

    def __init__(
        self, manifest: Manifest, pixels: NDArray[np.uint8], backbone: Backbone, progress: Progress
    ) -> None:
        self.photos, self.options, self.classes = manifest.photos, manifest.options, len(manifest.classes)
        self.pixels, self.backbone, self.progress = pixels, backbone, progress
        self.device = fine_tuning.device_of(self.options)
        self.labels = np.array([manifest.classes.index(photo.label) for photo in self.photos], np.int64)
        self.occurrences = np.array([photo.occurrence for photo in self.photos])
        self.groups = np.array([photo.group for photo in self.photos])
        self.features = self._look() if self.options.head == "logistic" else None

    def learn(self, train: Indices, validation: Indices) -> Trained:
        """Train on the photos at `train`; choose and calibrate on those at `validation`, if there are any."""
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
        made = Trained(fine_tuning.Mirrored(learn.model) if options.flip else learn.model, 1.0, head)

        def mix(share: float) -> None:
            learn.model.load_state_dict(fine_tuning.average(before, after, share))

        if len(validation):
            return self._choose(made, mix, validation, weights)
        mix(options.keep)
        return self._calibrate(replace(made, share=options.keep), train, weights)

    def scores(self, trained: Trained, indices: Indices, stage: str, message: str) -> Floats:
        """What a trained network gives for the photos at `indices`, n x classes."""
        return self._answers(trained.model, indices, stage, message, 2 if self.options.flip else 1)

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
        return replace(
            made,
            share=share,
            temperature=warmth,
            threshold=calibrate.threshold(softmax(scores, warmth), labels, weighed),
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
        return replace(
            made,
            temperature=warmth,
            threshold=calibrate.threshold(softmax(held_out, warmth), labels, weighed),
            calibrated_on="held-out groups, by the head alone",
        )

    def _look(self) -> Floats:
        """What the frozen body sees in each photo and in its mirror image, 2 x n x d."""
        body = self.backbone.body().eval()
        with torch.inference_mode():
            features = body(torch.zeros(1, 3, *self.options.size)).shape[1]
        pooled = fine_tuning.ready(nn.Sequential(body, Pool(features)), self.device)
        everything = np.arange(len(self.photos))
        message = "Looking at the photos."
        return np.stack(
            [
                self._answers(model, everything, "head", message, 1)
                for model in (pooled, fine_tuning.Turned(pooled))
            ]
        )

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
