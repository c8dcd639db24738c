"""A model folder, loaded to answer: onnxruntime, numpy and Pillow, no torch.

The folder holds `model.onnx` (one file), `weights.safetensors` (not read here) and `card.json`, the contract:
pixels are resized, scaled and normalised as the card says, and logits are divided by its temperature.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.vision.onnx_file import NotOnnx, external_data
from ml.vision.resize import normalise, resize

INPUT, OUTPUT = "image", "logits"


class ModelRefused(Exception):
    """A model folder that must not answer; `str()` says why."""


class Session:
    """A loaded model. Safe to use from several threads; swap it by replacing the whole object."""

    def __init__(self, card: dict[str, Any], session: onnxruntime.InferenceSession) -> None:
        self.card = card
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
        made = cls(card, session)
        made._check()
        return made

    def preprocess(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Upright pixels (uint8, height x width x 3) as the network's input: float32, 1 x 3 x h x w."""
        return normalise(resize(rgb, self.size, self._resize)[None], self._mean, self._std)

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Raw scores, n x classes, of n prepared photos (float32, n x 3 x h x w); not yet calibrated."""
        (answer,) = self._session.run([OUTPUT], {INPUT: batch})
        return np.asarray(answer, np.float32)

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of raw scores, n x classes; each row sums to 1."""
        return softmax(logits, self.temperature)

    def predict(self, rgb: NDArray[np.uint8]) -> list[tuple[str, float]]:
        """(class, calibrated probability) of every class, the most probable first, for upright pixels.

        Pixels that were brought into the frame before (`fit`) get the same answer as those they came from.
        Sorted by the unrounded probability; equal ones in the order of `classes`.
        """
        (row,) = self.probabilities(self.logits(self.preprocess(rgb)))
        order = np.argsort(-row, kind="stable")
        return [(self.classes[place], float(row[place])) for place in order]

    def _check(self) -> None:
        inputs = {value.name: value for value in self._session.get_inputs()}
        outputs = [value.name for value in self._session.get_outputs()]
        if list(inputs) != [INPUT] or outputs != [OUTPUT] or inputs[INPUT].type != "tensor(float)":
            raise ModelRefused(
                f"model.onnx takes {', '.join(inputs) or 'nothing'} and gives {', '.join(outputs)}; "
                f"expected `{INPUT}` (float32) and `{OUTPUT}`."
            )
        height, width = self.size
        try:
            answer = self.logits(np.zeros((2, 3, height, width), np.float32))
        except Exception as error:  # as above
            raise ModelRefused(f"model.onnx does not take 3 x {height} x {width}: {error}") from error
        if answer.shape != (2, len(self.classes)):
            raise ModelRefused(
                f"model.onnx gives scores {answer.shape[1:]}, card.json has {len(self.classes)} classes."
            )
        if not np.isfinite(answer).all():
            raise ModelRefused("model.onnx gives scores that are not numbers.")


def softmax(logits: NDArray[Any], temperature: float = 1.0) -> NDArray[np.float64]:
    """Rows of `logits` (n x c) as probabilities, in double precision."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    total: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return total


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
