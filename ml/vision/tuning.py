"""Upper halves of a network, tuned on what the lower half sees of each photo: past the dip, averaged, several seeds.

Tuning on few organisms first gets worse and only then better than the frozen network, so epochs are many; the mean of
the weights over the second half of them is steadier than where they end; and ten points lie between two seeds of one
recipe, so several are tuned and answer together.

After every epoch all that the next one needs is kept in a file: a run that was killed goes on there, and on a CPU with
as many threads makes the very same weights. Random numbers come from seed and epoch, not from what was drawn before.
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.vision.activations import Kept

EPOCHS, BATCH, DRAWS = 20, 32, 4
RATE, DECAY, RISE = 5e-4, 1e-2, 0.25
MIXUP, SMOOTHING = 0.2, 0.1
BALANCE = 0.5  # classes are drawn at their count to the power of 1 minus this
CHECKPOINT = "{fingerprint:.12}-{seed}.safetensors"

Say = Callable[[int, int, float], None]  # epoch, epochs, loss


@dataclass(frozen=True)
class Lessons:
    """What is learned from: kept activations of all photos, and which of them, with how much weight each."""

    kept: Kept  # photos x views x c x h x w
    train: NDArray[np.int64]
    labels: NDArray[np.int64]  # of all photos
    weights: NDArray[np.float64]  # of all photos
    occurrences: NDArray[np.str_]  # of all photos
    classes: int

    @property
    def length(self) -> int:
        """Photos drawn in one epoch."""
        organisms = len(set(self.occurrences[self.train].tolist()))
        return max(BATCH, min(len(self.train), DRAWS * organisms))

    def chances(self) -> NDArray[np.float64]:
        """How likely each of `train` is drawn: organisms alike within a class, classes half balanced."""
        weights, labels = self.weights[self.train], self.labels[self.train]
        shown = np.bincount(labels, weights, self.classes)
        chances = weights * np.maximum(shown, 1e-12)[labels] ** -BALANCE
        share: NDArray[np.float64] = chances / chances.sum()
        return share


def tune(
    upper: nn.Module,
    head: nn.Module,
    lessons: Lessons,
    *,
    seed: int,
    folder: Path,
    fingerprint: str,
    epochs: int = EPOCHS,
    say: Say = lambda epoch, epochs, loss: None,
) -> tuple[nn.Module, nn.Module]:
    """`upper` (to pooled features) and `head` after training, as new modules: their weights averaged over epochs.

    Goes on from the checkpoint in `folder` if that is of the same `fingerprint`, seed and number of epochs.
    """
    network = nn.Sequential(copy.deepcopy(upper), copy.deepcopy(head))
    device = next(network.parameters()).device
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = max(1, lessons.length // BATCH)
    path = folder / CHECKPOINT.format(fingerprint=fingerprint, seed=seed)
    told = {"fingerprint": fingerprint, "seed": str(seed), "epochs": str(epochs)}
    done, mean = _resume(path, told, network, optimiser)
    for epoch in range(done, epochs):
        random = np.random.default_rng([seed, epoch])
        torch.manual_seed(int(random.integers(2**31)))
        drawn = random.choice(lessons.train, lessons.length, p=lessons.chances())
        _learn_mode(network)
        lost = 0.0
        for step in range(steps):
            chosen = drawn[step * BATCH : (step + 1) * BATCH]
            seen = _batch(lessons.kept, chosen, random).to(device)
            truth = torch.from_numpy(lessons.labels[chosen]).to(device)
            for group in optimiser.param_groups:
                group["lr"] = RATE * _schedule((epoch * steps + step) / (epochs * steps))
            lost += _step(network, optimiser, seen, truth, random)
        if epoch >= epochs // 2:
            count = epoch - epochs // 2 + 1
            for name, value in network.state_dict().items():
                if value.is_floating_point():
                    before = mean.get(name, torch.zeros_like(value))
                    mean[name] = before + (value.detach() - before) / count
        _keep(path, told | {"done": str(epoch + 1)}, network, optimiser, mean)
        say(epoch + 1, epochs, lost / steps)
    network.load_state_dict(network.state_dict() | mean)
    network.requires_grad_(False)
    return network[0].eval(), network[1].eval()


def _learn_mode(network: nn.Module) -> None:
    network.train()
    for module in network.modules():
        # A small batch of near-copies would ruin their statistics.
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.eval()


def _batch(kept: Kept, chosen: NDArray[np.int64], random: np.random.Generator) -> Tensor:
    views = random.integers(0, kept.shape[1], len(chosen))
    seen = np.stack([kept[place, view] for place, view in zip(chosen, views, strict=True)])
    return torch.from_numpy(seen.astype(np.float32))


def _step(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    seen: Tensor,
    truth: Tensor,
    random: np.random.Generator,
) -> float:
    """One step on photos mixed with others of their batch (manifold mixup, Verma et al. 2019); its loss."""
    share = float(random.beta(MIXUP, MIXUP))
    other = torch.from_numpy(random.permutation(len(seen))).to(seen.device)
    scores = network(share * seen + (1 - share) * seen[other])
    loss = share * nn.functional.cross_entropy(scores, truth, label_smoothing=SMOOTHING) + (
        1 - share
    ) * nn.functional.cross_entropy(scores, truth[other], label_smoothing=SMOOTHING)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach())


def _schedule(gone: float) -> float:
    """Share of the top rate after so much of the training: up to it, and down again (one-cycle)."""
    if gone < RISE:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * gone / RISE)) / 2
    return (1 + math.cos(math.pi * (gone - RISE) / (1 - RISE))) / 2


def _keep(
    path: Path, told: dict[str, str], network: nn.Module, optimiser: Any, mean: dict[str, Tensor]
) -> None:
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"mean.{name}": value for name, value in mean.items()}
    for place, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{place}.{name}": value for name, value in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    kept = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    safetensors.torch.save_file(kept, temporary, metadata=told)
    os.replace(temporary, path)


def _resume(
    path: Path, told: dict[str, str], network: nn.Module, optimiser: Any
) -> tuple[int, dict[str, Tensor]]:
    """Epochs done, and the mean of weights so far; 0 where there is nothing of this very run, or it is broken."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            said = file.metadata() or {}
            if any(said.get(name) != value for name, value in told.items()):
                return 0, {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
    except (OSError, safetensors.SafetensorError):
        return 0, {}

    def under(prefix: str) -> dict[str, Tensor]:
        return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}

    device = next(network.parameters()).device
    network.load_state_dict(under("network."))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in under("optimiser.").items():
        place, _, what = name.partition(".")
        state.setdefault(int(place), {})[what] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    return int(said["done"]), {name: value.to(device) for name, value in under("mean.").items()}
