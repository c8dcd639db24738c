"""One network learning: fastai's vision_learner on cached pixels, the head first and then the upper body.

The head starts as a logistic regression on the frozen body's features; what is unfrozen is tuned gently, with
the statistics of its batch norms left as ImageNet made them; and the outcome is averaged with the network it
started from, which on small data is steadier than either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from fastai.callback import schedule  # noqa: F401 (it gives Learner its fit_one_cycle)
from fastai.callback.channelslast import ChannelsLast
from fastai.callback.core import Callback
from fastai.callback.data import WeightedDL
from fastai.callback.fp16 import AMPMode, MixedPrecision
from fastai.callback.progress import ProgressCallback
from fastai.data.core import DataLoaders
from fastai.data.transforms import IntToFloatTensor, Normalize
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.torch_core import TensorCategory, TensorImage, params, set_seed
from fastai.vision.augment import aug_transforms
from fastai.vision.learner import vision_learner
from fastcore.foundation import L
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.vision.backbones import Backbone, blocks, head
from ml.vision.logistic import EPSILON, LogisticHead
from ml.vision.training_manifest import Options

State = dict[str, Tensor]


# How often an epoch draws one organism at most: its frames are near-copies, and the hundredth teaches nothing.
DRAWS = 4


@dataclass(frozen=True)
class Data:
    """A dataset in memory: `pixels` n x h x w x 3, the rest n; `weights` is a photo's say in training."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    occurrences: NDArray[np.str_]
    classes: int


class Pixels:
    """The photos at `indices` of a dataset, as fastai's loaders want them."""

    def __init__(self, data: Data, indices: NDArray[np.int64]) -> None:
        self.data, self.indices = data, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> tuple[TensorImage, TensorCategory]:
        at = self.indices[index]
        image = torch.from_numpy(np.array(self.data.pixels[at])).permute(2, 0, 1)
        return TensorImage(image), TensorCategory(torch.tensor(self.data.labels[at]))


class Drawn(WeightedDL):  # type: ignore[misc]
    """Draws photos by weight, `length` of them an epoch."""

    def __init__(self, dataset: Pixels, *, length: int, **options: Any) -> None:
        super().__init__(dataset, n=length, **options)

    def get_idxs(self) -> list[int]:
        drawn: NDArray[np.int64] = np.random.choice(len(self.dataset), (self.n,), p=self.wgts)
        return [int(index) for index in drawn]


class StillNorms(Callback):  # type: ignore[misc]
    """Keeps batch norms at the statistics they came with: a small batch of near-copies would ruin them."""

    def before_train(self) -> None:
        for module in self.learn.model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.eval()


class Told(Callback):  # type: ignore[misc]
    """Reports every batch and every epoch."""

    run_valid = False

    def __init__(
        self, batch: Callable[[int, int, int], None], epoch: Callable[[int, int, dict[str, float]], None]
    ) -> None:
        self.batch, self.whole = batch, epoch

    def after_batch(self) -> None:
        self.batch(len(self.learn.xb[0]), self.learn.epoch + 1, self.learn.n_epoch)

    def after_epoch(self) -> None:
        said = dict(zip(self.learn.recorder.metric_names[1:], self.learn.recorder.log[1:], strict=False))
        kept = {name: float(value) for name, value in said.items() if isinstance(value, (int, float))}
        self.whole(self.learn.epoch + 1, self.learn.n_epoch, kept)


def device_of(options: Options) -> torch.device:
    """Where to compute: what the options say, else a GPU where there is one."""
    return torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))


def epoch_length(data: Data, train: NDArray[np.int64]) -> int:
    """Photos drawn in one epoch: all, but none of the organisms more than `DRAWS` times on average."""
    return min(len(train), DRAWS * len(set(data.occurrences[train].tolist())))


def ready(model: nn.Module, device: torch.device) -> nn.Module:
    """`model` on `device`, its weights laid out for pixels with their channels last: faster everywhere."""
    model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def loaders(
    data: Data,
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
    backbone: Backbone,
    options: Options,
    device: torch.device,
) -> DataLoaders:
    """Batches of the photos at `train`, drawn by weight and varied, and at `validation`, as they are."""
    # Flips only left to right and little turning: a fish upside down is another question. Only zooming in:
    # where zooming out leaves an edge, its reflection would grow a second fish.
    varied = aug_transforms(
        flip_vert=False,
        max_rotate=6,
        max_zoom=1.15,
        max_warp=0,
        max_lighting=0.25,
        p_affine=0.6,
        p_lighting=0.6,
    )
    same = [IntToFloatTensor(), Normalize.from_stats(backbone.mean, backbone.std, cuda=device.type == "cuda")]
    length = epoch_length(data, train)
    # No loader processes: the pixels are in memory already, and a worker's children may not have children.
    common: dict[str, Any] = {"num_workers": 0, "device": device}
    training = Drawn(
        Pixels(data, train),
        length=length,
        bs=min(options.batch_size, length),
        wgts=data.weights[train],
        shuffle=True,
        drop_last=True,
        after_batch=[*same, *varied],
        **common,
    )
    # fastai leaves out what is meant for training only unless a loader says that it is the training's.
    training.after_batch.split_idx = 0
    checking = WeightedDL(Pixels(data, validation), bs=options.batch_size, after_batch=same, **common)
    return DataLoaders(training, checking, device=device)


def make(
    backbone: Backbone, dls: DataLoaders, classes: int, options: Options, device: torch.device
) -> Learner:
    """A fastai learner: the backbone's body under a new linear head, all frozen but the head."""
    set_seed(options.seed, reproducible=True)
    body = backbone.body()
    above = head(body, classes, options.size)

    def split(model: nn.Sequential) -> L:
        parts = blocks(model[0])
        first = round(len(parts) * (1 - options.depth))
        upper = [weight for part in parts[first:] for weight in part.parameters()]
        known = {id(weight) for weight in upper}
        # What belongs to no block (a class token, a position embedding) stays with the pixels' side.
        lower = [weight for weight in params(model[0]) if id(weight) not in known]
        return L(L(group) for group in (lower, upper, params(model[1])) if len(group))

    learn = vision_learner(
        dls,
        # fastai cuts a network at its last pooling, and takes no other word for where (its `cut` is not used).
        lambda pretrained=False: nn.Sequential(body, nn.AdaptiveAvgPool2d(1)),
        pretrained=False,
        normalize=False,
        n_out=classes,
        custom_head=above,
        splitter=split,
        loss_func=CrossEntropyLossFlat(),
        metrics=accuracy if len(dls[1].dataset) else None,
        train_bn=False,
        cbs=[StillNorms()] if options.head == "logistic" else None,
    )
    learn.remove_cb(ProgressCallback)
    learn.logger = lambda line: None
    learn.add_cb(ChannelsLast())
    if device.type == "cuda":
        # Only there: mixed precision on a CPU is slower.
        fast = AMPMode.BF16 if torch.cuda.is_bf16_supported() else AMPMode.FP16
        learn.add_cb(MixedPrecision(fast))
    ready(learn.model, device)
    return learn


def set_head(model: nn.Sequential, fitted: LogisticHead) -> None:
    """Put a fitted logistic regression in the place of the model's head: same scores, to rounding."""
    parts: Any = model[1]
    _, norm, _, linear = parts
    assert norm.eps == EPSILON
    with torch.no_grad():
        for target, values in (
            (norm.running_mean, fitted.mean),
            (norm.running_var, fitted.variance),
            (linear.weight, fitted.weight),
            (linear.bias, fitted.bias),
        ):
            target.copy_(torch.from_numpy(np.asarray(values, np.float32)))
        norm.weight.fill_(1)
        norm.bias.zero_()


def tune(learn: Learner, options: Options, stage: Callable[[str], Told]) -> tuple[State, State]:
    """Train the head, then what is unfrozen; the weights before and after unfreezing.

    `stage` makes the reporter of a stage: "frozen", "unfrozen".
    """
    if options.epochs_frozen:
        learn.freeze_to(-1)
        learn.fit_one_cycle(options.epochs_frozen, options.lr, cbs=stage("frozen"))
    before = state(learn.model)
    groups = len(L(learn.splitter(learn.model)))
    if options.epochs_unfrozen:
        # Three groups: pixels' side, unfrozen body, head. Two: a depth of 0 or 1, all or nothing.
        if groups == 3 or options.depth == 0:
            learn.freeze_to(1)
            rates = [options.body_lr] * (groups - 1) + [options.lr]
        else:
            learn.unfreeze()
            rates = [options.body_lr, options.lr]
        learn.fit_one_cycle(options.epochs_unfrozen, rates, pct_start=0.25, cbs=stage("unfrozen"))
    return before, state(learn.model)


def state(model: nn.Module) -> State:
    """A copy of a model's weights that training on does not change."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def average(before: State, after: State, share: float) -> State:
    """`share` of `after` and the rest of `before`, weight by weight (Wortsman et al. 2022, WiSE-FT)."""
    return {
        name: torch.lerp(before[name], value, share) if value.is_floating_point() else value
        for name, value in after.items()
    }


class Turned(nn.Module):
    """What a model gives for the mirror image."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> Any:
        return self.model(image.flip(3))


def answers(
    model: nn.Module,
    pixels: NDArray[np.uint8],
    indices: NDArray[np.int64],
    backbone: Backbone,
    device: torch.device,
    batch_size: int,
    each: Callable[[int], None] = lambda count: None,
) -> NDArray[np.float32]:
    """What `model` gives for the photos at `indices`, n x whatever it gives, without learning from them.

    Of a model that gives several things, these side by side.
    """
    was = model.training
    model.eval()
    mean = torch.tensor(backbone.mean, device=device).view(1, 3, 1, 1)
    std = torch.tensor(backbone.std, device=device).view(1, 3, 1, 1)
    made: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for start in range(0, len(indices), batch_size):
            chosen = indices[start : start + batch_size]
            batch = torch.from_numpy(np.array(pixels[chosen])).to(device).permute(0, 3, 1, 2)
            scaled = (batch.float() / 255 - mean) / std
            given = model(scaled)
            whole = torch.cat(given, 1) if isinstance(given, tuple) else given
            made.append(whole.float().cpu().numpy())
            each(len(chosen))
    model.train(was)
    return np.concatenate(made)
