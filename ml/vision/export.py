"""A trained network as a model folder: `model.onnx` in one file, its weights, what it knows, `card.json`."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn

from ml.vision import known
from ml.vision.known import Known
from ml.vision.session import FEATURES, INPUT, OUTPUT, Session

OPSET = 18
# Scores this close are a tie, which rounding in another library may break the other way.
TIE = 1e-3
FAR = 1e-2  # distances are about 1
LIBRARIES = (
    "torch",
    "torchvision",
    "timm",
    "fastai",
    "onnx",
    "onnxruntime",
    "numpy",
    "Pillow",
    "scikit-learn",
)


class ExportRefused(Exception):
    """The exported model does not answer as the trained one does."""


def versions() -> dict[str, str]:
    """The libraries that made a model."""
    return {"python": platform.python_version()} | {
        name.lower(): importlib.metadata.version(name) for name in LIBRARIES
    }


def write_onnx(model: nn.Module, path: Path, size: tuple[int, int]) -> None:
    """`model` (n x 3 x h x w to n x classes and n x features) as one ONNX file for any number of photos."""
    # Two, not one: a batch of one is taken for a constant.
    sample = torch.zeros(2, 3, *size)
    torch.onnx.export(
        model,
        (sample,),
        path,
        dynamo=True,
        # Otherwise the weights land in a second file, which a copied folder loses.
        external_data=False,
        input_names=[INPUT],
        output_names=[OUTPUT, FEATURES],
        dynamic_shapes=({0: torch.export.Dim("photos")},),
        opset_version=OPSET,
        verbose=False,
    )


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends well, and is gone when it does not."""
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=".model-"))
    try:
        yield temporary
        os.chmod(temporary, 0o755)
        for made in temporary.iterdir():
            made.chmod(0o644)
        if path.exists():
            shutil.rmtree(path)
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write(model: nn.Module, card: dict[str, Any], folder: Path, knows: Known | None = None) -> Session:
    """Fill `folder` and load it as serving does. `model` is on the CPU, in eval mode; the card calls `knows` `known`.

    Raises ml.vision.session.ModelRefused if what was written would not be served.
    """
    model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    write_onnx(model, folder / "model.onnx", tuple(card["input"]["size"]))
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    safetensors.torch.save_file(weights, folder / "weights.safetensors")
    if knows is not None:
        known.save(knows, folder)
    write_card(card, folder)
    return Session.load(folder, threads=torch.get_num_threads())


def write_card(card: dict[str, Any], folder: Path) -> None:
    """`card.json`, readable: sorted, indented."""
    text = json.dumps(card, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")


def compare_distances(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> dict[str, float]:
    """How far apart the distances (n) by torch and by the file are. Raises ExportRefused."""
    apart = float(np.abs(ours - theirs).max())
    if not apart <= FAR:
        raise ExportRefused(f"Distances differ by up to {apart:.3g} between torch and ONNX.")
    return {"largest_difference_of_distances": apart}


def compare(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> dict[str, float | int]:
    """How the scores of torch (`ours`) and of the ONNX file (n x c) compare. Raises ExportRefused."""
    equal = ours.argmax(axis=1) == theirs.argmax(axis=1)
    best = np.sort(ours, axis=1)
    apart = best[:, -1] - best[:, -2]
    if np.any(~equal & (apart > TIE)):
        raise ExportRefused(f"{int((~equal).sum())} of {len(ours)} answers differ between torch and ONNX.")
    return {
        "checked": len(ours),
        "same_answer": int(equal.sum()),
        "largest_difference": float(np.abs(ours - theirs).max()),
    }
