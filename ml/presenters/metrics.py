"""What a run measured, in words and numbers: home, the model's suggestion and its pages say the same of one model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from look.site import site
from ml.models import Model, TrainingRun
from ml.queries import runs

LEVELS = ("occurrence", "photo")
NOT_MEASURED = "not measured yet"
#: Points of calibration error up to which a model's own confidence may be repeated as how often it is right.
HONEST = 5


@dataclass(frozen=True)
class Figure:
    """How often one model is right, on what it did not learn from; `run` is None where nobody knows."""

    run: TrainingRun | None

    @property
    def share(self) -> str:
        """Of the individuals, such as "66.7 %"; else that it is not measured."""
        if self.run is None:
            return NOT_MEASURED
        return percent(self.run.metrics["occurrence"]["accuracy"])

    @property
    def sentence(self) -> str:
        if self.run is None:
            return f"How often it is right is {NOT_MEASURED}."
        metrics = self.run.metrics
        how = "it never saw" if metrics["measured_on"] == "test" else "held out fold by fold"
        noun = site()["noun"]["one" if metrics["occurrence"]["n"] == 1 else "many"]
        return f"Of {metrics['occurrence']['n']} {noun} {how}, it names {self.share} rightly."

    @property
    def is_honest(self) -> bool:
        """May its confidence be read as how often it is right?"""
        return self.run is not None and self.run.metrics["photo"]["ece"] * 100 <= HONEST


def figure(model: Model) -> Figure:
    return Figure(runs.measurements([model]).get(model.pk))


def figures(models: Iterable[Model]) -> dict[UUID, Figure]:
    """Model id to its figure, in one query for them all."""
    models = list(models)
    measured = runs.measurements(models)
    return {model.pk: Figure(measured.get(model.pk)) for model in models}


def percent(value: float) -> str:
    return f"{value * 100:.1f}\N{NO-BREAK SPACE}%"


def interval(edges: Sequence[float] | None) -> str:
    return f"{edges[0] * 100:.1f} – {edges[1] * 100:.1f}" if edges else "one group: no interval"


def not_asked(metrics: Mapping[str, Any]) -> list[str]:
    """Labels that the model knows and that it was measured on no photo of."""
    labels: list[str] = metrics.get("not_asked", {}).get(metrics["measured_on"], [])
    return labels


def photos_of_unlearned(card: Mapping[str, Any]) -> int:
    """How many photos were left out because their class had too few to learn from."""
    left_out = card.get("left_out", {})
    return sum(left_out.get(reason, 0) for reason in ("no_training_photo", "too_few_of_its_class"))


def gauge(metrics: Mapping[str, Any]) -> list[dict]:
    """The context of `templates/ml/_gauge.html`."""
    named = {
        "occurrence": ("By individual", "all photos of one individual, pooled"),
        "photo": ("By photo", "one photo at a time"),
    }
    rows = []
    for level in LEVELS:
        figures = metrics[level]
        edges = figures["intervals"]["accuracy"]
        rows.append(
            {
                "name": named[level][0],
                "note": named[level][1],
                "value": percent(figures["accuracy"]),
                "interval": interval(edges),
                "low": edges[0] if edges else None,
                "high": edges[1] if edges else None,
                "point": figures["accuracy"],
            }
        )
    photo = metrics["photo"]
    edges = photo["intervals"]["macro_f1"]
    rows.append(
        {
            "name": "Every name counted alike",
            "note": "macro-F1 by photo",
            "value": f"{photo['macro_f1']:.3f}",
            "interval": f"{edges[0]:.3f} – {edges[1]:.3f}" if edges else "",
            "low": edges[0] if edges else None,
            "high": edges[1] if edges else None,
            "point": photo["macro_f1"],
        }
    )
    rows.append(
        {
            "name": "How far off its own confidence is",
            "note": "calibration error, ten bins; 5 is the limit",
            "value": f"{photo['ece'] * 100:.1f}",
            "interval": "points",
            "point": None,
        }
    )
    return rows


def checks(card: Mapping[str, Any], metrics: Mapping[str, Any] | None, reason: str) -> list[dict]:
    """The context of `templates/ml/_gate.html`: why this model is live."""
    onnx = card.get("onnx") or {}
    rows = [{"text": reason or "Not live", "note": "", "figure": "", "passed": True if reason else None}]
    if metrics:
        error = metrics["photo"]["ece"] * 100
        rows.append(
            {
                "text": "Honest about doubt",
                "note": "calibration error",
                "figure": f"{error:.1f} {'≤' if error <= HONEST else '>'} {HONEST}",
                "passed": error <= HONEST,
            }
        )
    else:
        rows.append(
            {
                "text": "Honest about doubt",
                "note": "nothing was held out to measure it on",
                "figure": NOT_MEASURED,
                "passed": None,
            }
        )
    if onnx:
        same = onnx["same_answer"] / max(1, onnx["checked"])
        rows.append(
            {
                "text": "Same answers when served",
                "note": "ONNX against torch",
                "figure": percent(same),
                "passed": same == 1,
            }
        )
    return rows


def against(metrics: Mapping[str, Any]) -> list[dict]:
    """The rows of `templates/ml/_seeds.html`: the frozen network and this one, on the same photos."""
    named = {
        "photos_right": "Photos right, each individual counted once",
        "occurrence": "Individuals right, all photos pooled",
        "photo": "Photos right",
        "nll": "Surprise at an individual, nats: less is better",
    }
    found = metrics.get("against_frozen") or {}
    rows = []
    for key, name in named.items():
        if key not in found:
            continue
        each, digits = found[key], 3 if key == "nll" else 1
        scale = 1 if key == "nll" else 100
        edges = each["interval"]
        spread = f" ({scale * edges[0]:+.{digits}f} to {scale * edges[1]:+.{digits}f})" if edges else ""
        rows.append(
            {
                "name": name,
                "before": f"{scale * each['before']:.{digits}f}",
                "after": f"{scale * each['after']:.{digits}f}",
                "difference": f"{scale * each['difference']:+.{digits}f}{spread}",
            }
        )
    return rows


def bins(metrics: Mapping[str, Any]) -> list[dict]:
    """For `{% reliability %}`."""
    return [
        {"confidence": each["confidence"], "accuracy": each["accuracy"], "count": each["n"]}
        for each in metrics["photo"]["bins"]
        if each["n"]
    ]


def by_class(metrics: Mapping[str, Any], classes: Sequence[str]) -> list[dict]:
    """One row per name: how many there were, how many were found, how many said so rightly."""
    level = metrics["photo"]
    rows = []
    for place, label in enumerate(classes):
        counts = level["per_class"].get(label, {})
        wrong = [
            (count, classes[other])
            for other, count in enumerate(level["confusion"][place])
            if other != place and count
        ]
        most, mistaken = max(wrong, default=(0, ""))
        rows.append(
            {
                "label": label,
                "n": counts.get("n", 0),
                "recall": counts.get("recall"),
                "precision": counts.get("precision"),
                "mistaken": mistaken,
                "times": most,
            }
        )
    return rows
