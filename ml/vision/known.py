"""How far a photo is from everything that a model was taught: what its probabilities cannot say.

A network is as sure of a flower as of a fish. What it sees in the photo (its features) lies elsewhere, though, and
how far is measured by the Mahalanobis distance to the nearest class (Lee et al. 2018, arXiv 1807.03888): in units
of how much photos of one class differ from each other, one covariance for all classes, shrunk toward a sphere.

A species that nobody taught the model looks like those that it was taught. That is not found by distance.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FILE = "known.safetensors"
VERSION = 1  # of what the file holds and how a distance is made of it; another one is not read


class NotKnown(ValueError):
    """A file that no distance can be measured by; `str()` says why."""


@dataclass(frozen=True)
class Known:
    """Where the classes lie among d features, each of which is first brought to mean 0 and deviation 1."""

    centre: Floats  # d
    scale: Floats  # d, above 0
    means: Floats  # classes x d
    axes: Floats  # k x d, orthonormal
    spread: Floats  # k, the variance along each axis, above 0
    rest: Floats  # 1, the variance in every other direction, above 0

    def distances(self, features: NDArray[Any]) -> Floats:
        """Of n x d `features`, to the nearest class: n, about 1 for what was learned from."""
        standard = (np.asarray(features, np.float64) - self.centre) / self.scale
        along, middles = standard @ self.axes.T, self.means @ self.axes.T
        inside = _squared(along, middles, np.ones_like(self.spread))
        outside = np.maximum(_squared(standard, self.means, np.ones_like(self.centre)) - inside, 0)
        squared = _squared(along, middles, 1 / self.spread) + outside / self.rest[0]
        measured: Floats = np.sqrt(np.maximum(squared.min(axis=1), 0) / len(self.centre))
        return measured


def save(known: Known, folder: Path) -> None:
    """Write FILE in `folder`, in single precision."""
    tensors = {
        each.name: np.ascontiguousarray(getattr(known, each.name), np.float32) for each in fields(Known)
    }
    safetensors.numpy.save_file(tensors, folder / FILE, metadata={"version": str(VERSION)})


def load(folder: Path) -> Known:
    """What FILE in `folder` holds. Raises NotKnown."""
    path = folder / FILE
    try:
        with safetensors.safe_open(path, "numpy") as file:
            version = (file.metadata() or {}).get("version")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
    except (OSError, safetensors.SafetensorError) as error:
        raise NotKnown(f"{FILE} cannot be read: {error}.") from error
    if version != str(VERSION):
        raise NotKnown(f"{FILE} is of version {version}; version {VERSION} is read here.")
    if set(tensors) != {each.name for each in fields(Known)}:
        raise NotKnown(f"{FILE} holds {', '.join(sorted(tensors)) or 'nothing'}.")
    known = Known(**{name: np.asarray(value, np.float64) for name, value in tensors.items()})
    _check(known)
    return known


def _check(known: Known) -> None:
    width, count = known.centre.shape[-1:], known.spread.shape[-1:]
    shapes = {
        "centre": width,
        "scale": width,
        "means": (len(known.means), *width),
        "axes": (*count, *width),
        "spread": count,
        "rest": (1,),
    }
    for name, shape in shapes.items():
        value = getattr(known, name)
        if value.shape != shape or (not value.size and name not in ("axes", "spread")):
            raise NotKnown(f"{FILE}: `{name}` is {value.shape}.")
        if not np.isfinite(value).all() or (name in ("scale", "spread", "rest") and not (value > 0).all()):
            raise NotKnown(f"{FILE}: `{name}` holds what is no distance.")


def _squared(points: Floats, others: Floats, weights: Floats) -> Floats:
    """Weighted squared distances of n x d `points` to m x d `others`, n x m."""
    weighed = points * weights
    crossed: Floats = weighed @ others.T
    squared: Floats = (weighed * points).sum(1)[:, None] - 2 * crossed + (np.square(others) * weights).sum(1)
    return squared
