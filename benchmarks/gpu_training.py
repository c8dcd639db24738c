"""How fast training goes on a GPU: photos per second, and the share of the time spent waiting for data.

    python benchmarks/gpu_training.py [--arch NAME] [--photos 2048] [--batch 128] [--epochs 3] [--device cuda]

Three loops over the same random pixels, with the same body fully unfrozen under the same head: the product's
own (fastai, as `ml.vision.fine_tuning` sets it up), and a plain torch loop with augmentation by torchvision (one draw
per batch), in the product's precision and in float32. Prints JSON. The first epoch of each warms up and is not
counted; every batch waits for the device, so that waiting for data is told from computing.
`--device cpu --photos 32` only shows that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from fastai.callback.core import Callback  # noqa: E402

from ml.vision import fine_tuning  # noqa: E402
from ml.vision.backbones import Backbone, find, head  # noqa: E402
from ml.vision.training_manifest import Options  # noqa: E402

CLASSES = 10


@dataclass
class Clock:
    """Seconds per epoch, and how many of them went by before each batch was on the device."""

    device: torch.device
    epochs: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    def said(self, photos: int) -> dict[str, float]:
        seconds, waited = self.epochs[1:], self.waits[1:]
        return {
            "photos_per_second": photos * len(seconds) / sum(seconds),
            "data_wait_share": sum(waited) / sum(seconds),
            "seconds_per_epoch": sum(seconds) / len(seconds),
        }


class Timed(Callback):  # type: ignore[misc]
    """Times a fastai learner. What lies between two batches is the wait for the next one."""

    run_valid = False

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def before_epoch(self) -> None:
        self.start = self.idle = self.clock.now()
        self.waited = 0.0

    def before_batch(self) -> None:
        self.waited += self.clock.now() - self.idle

    def after_batch(self) -> None:
        self.idle = self.clock.now()

    def after_train(self) -> None:
        self.clock.epochs.append(self.clock.now() - self.start)
        self.clock.waits.append(self.waited)


def ours(
    backbone: Backbone, data: fine_tuning.Data, options: Options, device: torch.device
) -> dict[str, Any]:
    """The product's loop. Epochs draw as many photos as there are: every organism has one."""
    train = np.arange(len(data.labels))
    dls = fine_tuning.loaders(data, train, np.array([], np.int64), backbone, options, device)
    learn = fine_tuning.make(backbone, dls, CLASSES, options, device)
    clock = Clock(device)
    learn.unfreeze()
    learn.fit(options.epochs_unfrozen, 1e-4, cbs=Timed(clock))
    return clock.said(len(dls[0]) * options.batch_size)


def plain(
    backbone: Backbone, data: fine_tuning.Data, options: Options, device: torch.device, mixed: bool
) -> dict[str, Any]:
    """A loop as torchvision's references write it: float32, or `mixed` precision with channels last."""
    body = backbone.body()
    model: nn.Module = nn.Sequential(body, head(body, CLASSES, options.size)).to(device).train()
    if mixed:
        fine_tuning.ready(model, device)
    photos = torch.from_numpy(data.pixels).permute(0, 3, 1, 2).contiguous()
    loader = DataLoader(
        TensorDataset(photos, torch.from_numpy(data.labels)),
        batch_size=options.batch_size,
        shuffle=True,
        drop_last=True,
        pin_memory=device.type == "cuda",
    )
    varied = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomAffine(6, scale=(1.0, 1.15)),
            v2.ColorJitter(0.25, 0.25),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(backbone.mean, backbone.std),
        ]
    )
    rates = torch.optim.Adam(model.parameters(), 1e-4)
    precision = torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
    clock = Clock(device)
    for _ in range(options.epochs_unfrozen):
        start = idle = clock.now()
        waited = 0.0
        for pixels, labels in loader:
            batch, truth = varied(pixels.to(device, non_blocking=True)), labels.to(device)
            waited += clock.now() - idle
            with torch.autocast("cuda", precision) if mixed and device.type == "cuda" else nullcontext():
                loss = nn.functional.cross_entropy(model(batch), truth)
            rates.zero_grad()
            loss.backward()
            rates.step()
            idle = clock.now()
        clock.epochs.append(clock.now() - start)
        clock.waits.append(waited)
    return clock.said(len(loader) * options.batch_size)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--arch", default=Options.arch)
    parser.add_argument("--weights", help="a local file of weights")
    parser.add_argument("--photos", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=3, help="at least 2; the first is not counted")
    parser.add_argument("--device", default="cuda")
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        print(
            "There is no GPU that torch can use here, so there is nothing to measure. "
            "`--device cpu --photos 32` only shows that this program runs.",
            file=sys.stderr,
        )
        return 2
    if asked.epochs < 2 or asked.photos < 2:
        parser.error("at least 2 epochs and 2 photos")
    device = torch.device(asked.device)
    options = replace(
        Options(),
        arch=asked.arch,
        weights=asked.weights,
        batch_size=min(asked.batch, asked.photos),
        epochs_unfrozen=asked.epochs,
        depth=1.0,
        device=asked.device,
    )
    random = np.random.default_rng(options.seed)
    data = fine_tuning.Data(
        pixels=random.integers(0, 256, (asked.photos, *options.size, 3), np.uint8),
        labels=random.integers(0, CLASSES, asked.photos),
        weights=np.ones(asked.photos),
        occurrences=np.arange(asked.photos).astype(str),
        classes=CLASSES,
    )
    backbone = find(options.arch, options.weights)
    said = {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu (not a measurement)",
        "torch": torch.__version__,
        "arch": options.arch,
        "size": list(options.size),
        "photos": asked.photos,
        "batch": options.batch_size,
        "ours": ours(backbone, data, options, device),
        "plain_mixed": plain(backbone, data, options, device, mixed=True),
        "plain_float32": plain(backbone, data, options, device, mixed=False),
    }
    said["ours_against_plain_mixed"] = (
        said["ours"]["photos_per_second"] / said["plain_mixed"]["photos_per_second"]
    )
    print(json.dumps(said, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
