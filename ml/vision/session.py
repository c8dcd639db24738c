"""A model folder, loaded to answer: onnxruntime, numpy and Pillow, no torch.

The folder holds `model.onnx` (one file), `weights.safetensors` (not read here) and `card.json`, the contract:
pixels are resized, scaled and normalised as the card says, and logits are divided by its temperature. Where the card
says `known`, `known.safetensors` measures how far a photo is from all that the model was taught; without it, as models
made earlier are, none is too far.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.vision import known
from ml.vision.known import Known
from ml.vision.onnx_file import NotOnnx, external_data
from ml.vision.resize import normalise, resize

INPUT, OUTPUT, FEATURES = "image", "logits", "features"
FARTHEST = 1e9


class ModelRefused(Exception):
    """A model folder that must not answer; `str()` says why."""


@dataclass(frozen=True)
class Look:
    """What a model says of one photo.

    `ranked` is (class, calibrated probability) of every class, the most probable first. `distance` is how far the photo
    is from all that the model was taught, 1 being the farthest at which its names mean anything; None where it
    cannot tell.
    """

    ranked: list[tuple[str, float]]
    distance: float | None = None

    @property
    def strange(self) -> bool:
        """Is it too far away for a name, whatever the probabilities say? What is no number is, too."""
        return self.distance is not None and not self.distance <= 1


class Session:
    """A loaded model. Safe to use from several threads; swap it by replacing the whole object."""

    def __init__(
        self, card: dict[str, Any], session: onnxruntime.InferenceSession, known: Known | None = None
    ) -> None:
        self.card, self.known = card, known
        self._farthest = float(card["known"]["threshold"]) if known else math.nan
        self.classes: tuple[str, ...] = tuple(card["classes"])
        self.threshold = float(card["threshold"])
        self.temperature = float(card["temperature"])
        self.upright = int(card["input"].get("upright", 1008))  # px, longest side of what `predict` expects
        contract = card["input"]
        self.size = (int(contract["size"][0]), int(contract["size"][1]))
        self._resize = str(contract["resize"])
        # what `species.images.decoder` needs to bring a photo into the frame by itself
        self.fit = (*self.size, self._resize)
        self._mean, self._std = contract["mean"], contract["std"]
        self._session = session

    @classmethod
    def load(cls, folder: Path | str, *, threads: int = 1) -> Session:
        """The model in `folder`. Raises ModelRefused.

        One thread by default: two intra-op threads on two busy cores make answers several times slower.
        """
        folder = Path(folder)
        card = _card(folder / "card.json")
        try:
            data = (folder / "model.onnx").read_bytes()
        except OSError as error:
            raise ModelRefused(f"model.onnx cannot be read: {error.strerror}.") from error
        try:
            outside = external_data(data)
        except NotOnnx as error:
            raise ModelRefused(f"model.onnx is not an ONNX file: {error}.") from error
        if outside:
            # Weights in a second file could be any file, and would be lost when the folder is copied.
            raise ModelRefused(f"model.onnx keeps weights in another file ({', '.join(outside)}).")
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen kinds, all of them "not loadable"
            raise ModelRefused(f"model.onnx cannot be loaded: {error}") from error
        made = cls(card, session, _known(card, folder))
        made._check()
        return made

    def preprocess(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Upright pixels (uint8, height x width x 3) as the network's input: float32, 1 x 3 x h x w."""
        return normalise(resize(rgb, self.size, self._resize)[None], self._mean, self._std)

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Raw scores, n x classes, of n prepared photos (float32, n x 3 x h x w); not yet calibrated."""
        (answer,) = self._session.run([OUTPUT], {INPUT: batch})
        return np.asarray(answer, np.float32)

    def looks(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64] | None]:
        """`logits` and, from the same pass, how far each photo is from what was taught, n; see `Look.distance`."""
        if self.known is None:
            return self.logits(batch), None
        answer, features = self._session.run([OUTPUT, FEATURES], {INPUT: batch})
        return np.asarray(answer, np.float32), self.known.distances(features) / self._farthest

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of raw scores, n x classes; each row sums to 1."""
        return softmax(logits, self.temperature)

    def look(self, rgb: NDArray[np.uint8]) -> Look:
        """What it says of upright pixels.

        Pixels that were brought into the frame before (`fit`) get the same answer as those they came from.
        Sorted by the unrounded probability; equal ones in the order of `classes`.
        """
        logits, distances = self.looks(self.preprocess(rgb))
        (row,) = self.probabilities(logits)
        order = np.argsort(-row, kind="stable")
        ranked = [(self.classes[place], float(row[place])) for place in order]
        if distances is None:
            return Look(ranked)
        # What is no number is as far away as a number can say.
        return Look(ranked, float(distances[0]) if np.isfinite(distances[0]) else FARTHEST)

    def predict(self, rgb: NDArray[np.uint8]) -> list[tuple[str, float]]:
        """`Look.ranked` of upright pixels."""
        return self.look(rgb).ranked

    def _check(self) -> None:
        inputs = {value.name: value for value in self._session.get_inputs()}
        outputs = [value.name for value in self._session.get_outputs()]
        wanted = [OUTPUT, FEATURES] if self.known or outputs == [OUTPUT, FEATURES] else [OUTPUT]
        if list(inputs) != [INPUT] or outputs != wanted or inputs[INPUT].type != "tensor(float)":
            raise ModelRefused(
                f"model.onnx takes {', '.join(inputs) or 'nothing'} and gives {', '.join(outputs)}; "
                f"expected `{INPUT}` (float32) and {' and '.join(f'`{name}`' for name in wanted)}."
            )
        height, width = self.size
        try:
            answer, distances = self.looks(np.zeros((2, 3, height, width), np.float32))
        except Exception as error:  # as above
            raise ModelRefused(f"model.onnx does not take 3 x {height} x {width}: {error}") from error
        if answer.shape != (2, len(self.classes)):
            raise ModelRefused(
                f"model.onnx gives scores {answer.shape[1:]}, card.json has {len(self.classes)} classes."
            )
        if not np.isfinite(answer).all():
            raise ModelRefused("model.onnx gives scores that are not numbers.")
        if distances is not None and not np.isfinite(distances).all():
            raise ModelRefused("model.onnx gives features that are not numbers.")


def softmax(logits: NDArray[Any], temperature: float = 1.0) -> NDArray[np.float64]:
    """Rows of `logits` (n x c) as probabilities, in double precision."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    total: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return total


def _known(card: dict[str, Any], folder: Path) -> Known | None:
    if "known" not in card:
        return None
    said = card["known"]
    if not isinstance(said, dict) or not _numbers([said.get("threshold")], 1, above=0):
        raise ModelRefused("card.json: `known` must say a threshold above 0.")
    try:
        return known.load(folder)
    except known.NotKnown as error:
        raise ModelRefused(str(error)) from error


def _card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelRefused(f"card.json cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ModelRefused(f"card.json is not JSON: {error}.") from error
    if not isinstance(card, dict) or not isinstance(card.get("input"), dict):
        raise ModelRefused("card.json has no input contract.")
    classes, contract = card.get("classes"), card["input"]
    if (
        not isinstance(classes, list)
        or len(classes) < 2
        or not all(isinstance(label, str) and label for label in classes)
        or len(set(classes)) != len(classes)
    ):
        raise ModelRefused("card.json: `classes` must be at least two different labels.")
    taxa = card.get("taxa", {})
    if not isinstance(taxa, dict) or not all(isinstance(id, str) for id in taxa.values()):
        raise ModelRefused("card.json: `taxa` must be a table of classes to the ids of their taxa.")
    if not _numbers(contract.get("size"), 2, above=0) or contract.get("resize") not in ("squash", "pad"):
        raise ModelRefused("card.json: `input` must say size [height, width] and resize (squash or pad).")
    if not _numbers(contract.get("mean"), 3) or not _numbers(contract.get("std"), 3, above=0):
        raise ModelRefused("card.json: `input` must say mean and std of three channels.")
    if not _numbers([card.get("temperature")], 1, above=0) or not _numbers([card.get("threshold")], 1):
        raise ModelRefused("card.json: `temperature` (above 0) and `threshold` must be numbers.")
    return card


def _numbers(values: Any, count: int, above: float = -math.inf) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(
            isinstance(value, (int, float)) and math.isfinite(value) and value > above for value in values
        )
    )
