"""A network's body cut in two: a lower half that training leaves alone, and an upper half that it tunes.

What the lower half gives is computed once per photo and kept; several upper halves can stand on one lower half.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from fastai.vision.learner import TimmBody
from torch import Tensor, nn

LIKE = 1e-4  # how far the chain's output may be from the body's, rounding being all that differs


def halves(
    body: nn.Module, depth: float, size: tuple[int, int]
) -> tuple[nn.Sequential, nn.Sequential] | None:
    """The lower half and the upper one, with `depth` of the parts that hold weights: the same modules, not copies.

    None where the body is more than a chain of its parts (a transformer's tokens and positions), which running
    it on one picture shows.
    """
    parts = _chain(body, size)
    if parts is None:
        return None
    weighty = [place for place, part in enumerate(parts) if any(True for _ in part.parameters())]
    kept = round(len(weighty) * (1 - depth))
    cut = weighty[kept] if kept < len(weighty) else len(parts)
    return nn.Sequential(*parts[:cut]), nn.Sequential(*parts[cut:])


def _chain(body: nn.Module, size: tuple[int, int]) -> list[nn.Module] | None:
    was = body.training
    body.eval()
    sample = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1)) * 2 - 1
    sample = sample.to(next(body.parameters()).device)
    try:
        with torch.inference_mode():
            wanted = body(sample)
            parts = list(_opened(body))
            # What stands above the body (its pooling, a classifier that is gone) is among its children too.
            for _ in range(4):
                if parts and _gives(parts, sample, wanted):
                    return parts
                parts = parts[:-1]
    finally:
        body.train(was)
    return None


def _opened(module: nn.Module) -> Iterator[nn.Module]:
    """Children in their order, sequences opened, blocks whole."""
    whole: nn.Module = module.model if isinstance(module, TimmBody) else module
    for child in whole.children():
        if isinstance(child, (nn.Sequential, TimmBody)):
            yield from _opened(child)
        else:
            yield child


def _gives(parts: list[nn.Module], sample: Tensor, wanted: Tensor) -> bool:
    x = sample
    try:
        for part in parts:
            x = part(x)
    except (RuntimeError, TypeError, ValueError, AttributeError):
        return False
    return x.shape == wanted.shape and bool(torch.allclose(x, wanted, atol=LIKE))


class Seen(nn.Module):
    """What the lower half and the whole body see, pooled: n x 3 x h x w to n x d and n x e."""

    def __init__(self, lower: nn.Module, pool: nn.Module, above: nn.Module) -> None:
        super().__init__()
        self.lower, self.pool, self.above = lower, pool, above

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.lower(image)
        return self.pool(seen), self.above(seen)


class Served(nn.Module):
    """What is served: mean scores over all upper halves and both mirror images, and features that were not tuned.

    `uppers` give pooled features and `heads` scores of them; with `deep` the features are the pooled ones, else those
    of the lower half. n x 3 x h x w to n x classes and n x d.
    """

    def __init__(
        self,
        lower: nn.Module,
        uppers: list[nn.Module],
        heads: list[nn.Module],
        *,
        deep: bool,
        mirrored: bool,
    ) -> None:
        super().__init__()
        self.lower, self.uppers, self.heads = lower, nn.ModuleList(uppers), nn.ModuleList(heads)
        self.deep, self.mirrored = deep, mirrored

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        # Both in one batch: calling the model twice would export it twice.
        seen = self.lower(torch.cat([image, image.flip(3)]) if self.mirrored else image)
        pooled = [upper(seen) for upper in self.uppers]
        scores = torch.stack([head(each) for head, each in zip(self.heads, pooled, strict=True)]).mean(0)
        features = pooled[0] if self.deep else torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)
        if self.mirrored:
            scores = scores.reshape(2, -1, scores.shape[1]).mean(0)
            features = features.reshape(2, -1, features.shape[1]).mean(0)
        return scores, features
