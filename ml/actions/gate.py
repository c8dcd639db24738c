"""May a model go live without a person's word? Each thing that is asked, with its answer and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.models import Model
from ml.queries import runs
from ml.queries.promotions import live_promotion
from ml.vision.recipes import FROZEN

#: How much worse it may be at most, at the lower end of the interval: share of an organism's photos that are right.
MARGIN = 0.02
#: How far off its confidence may be: calibration error.
CALIBRATED = 0.05


@dataclass(frozen=True)
class Check:
    """`passed` is None for what nobody could measure, which stops a model as a failure does."""

    text: str
    passed: bool | None


def judge(model: Model) -> list[Check]:
    """Everything that is asked of a model that would go live by itself."""
    measured = runs.measurements([model]).get(model.pk)
    metrics: Mapping[str, Any] = measured.metrics if measured else {}
    return [_same(model), _against(metrics), _calibrated(metrics), _compared(model)]


def passes(checks: list[Check]) -> bool:
    return all(check.passed is True for check in checks)


def _same(model: Model) -> Check:
    onnx = model.card.get("onnx") or {}
    checked, same = onnx.get("checked", 0), onnx.get("same_answer", 0)
    if not checked:
        return Check("Nobody compared what is served with what was trained.", None)
    return Check(f"{same} of {checked} answers are the same when served.", same == checked)


def _against(metrics: Mapping[str, Any]) -> Check:
    found = (metrics.get("against_frozen") or {}).get("photos_right")
    if not found or not found["interval"]:
        return Check("Nothing was held out to compare it with the frozen network on.", None)
    low, high = (100 * edge for edge in found["interval"])
    text = (
        f"Of an organism's photos, each counted once, {100 * found['after']:.1f} % are right; by the frozen network "
        f"{100 * found['before']:.1f} %. The difference lies between {low:+.1f} and {high:+.1f} points."
    )
    # Written so that what is no number does not pass.
    return Check(text, found["interval"][0] >= -MARGIN and found["difference"] > 0)


def _calibrated(metrics: Mapping[str, Any]) -> Check:
    photo = metrics.get("photo")
    if not photo:
        return Check("Nothing was held out to measure its confidence on.", None)
    error = photo["ece"]
    return Check(
        f"Its calibration error is {100 * error:.1f} points, at most {100 * CALIBRATED:.0f}.",
        error <= CALIBRATED,
    )


def _compared(model: Model) -> Check:
    """What it was compared with must be what is live: the frozen network, on the same dataset."""
    promotion = live_promotion()
    if promotion is None:
        return Check("Nothing is live that it could be compared with.", None)
    live = promotion.model
    if live.run.dataset_id != model.run.dataset_id:
        return Check(f"{live} learned from another dataset: a person decides between them.", None)
    recipe = (live.run.metrics.get("recipe") or {}).get("name")
    if recipe != FROZEN:
        return Check(f"{live} is no frozen network, which it was compared with: a person decides.", None)
    if (model.run.metrics.get("recipe") or {}).get("name") == FROZEN:
        return Check(f"It is made as {live} was: nothing would be gained.", False)
    return Check(f"{live} is the frozen network that it was compared with.", True)
