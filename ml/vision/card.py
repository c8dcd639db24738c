"""The card of a model: what it was made from and how it is to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ml.vision import cache, calibrate, export, known, taught
from ml.vision.backbones import Backbone
from ml.vision.fold import Trained
from ml.vision.training_manifest import Manifest, Photo


def card_of(manifest: Manifest, backbone: Backbone, trained: Trained) -> dict[str, Any]:
    """`card.json`, but for what is measured later."""
    options = manifest.options
    photos: list[Photo] = [photo for photo in manifest.photos if photo.split == "train"]
    return {
        "name": options.arch,
        "architecture": options.arch,
        "weights": backbone.source,
        "classes": list(manifest.classes),
        "taxa": {label: manifest.taxa[label] for label in manifest.classes if label in manifest.taxa},
        "classes_left_out": list(manifest.classes_left_out),
        "left_out": dict(manifest.left_out),
        "input": {
            "size": list(options.size),
            "resize": options.resize,
            "mean": list(backbone.mean),
            "std": list(backbone.std),
            "upright": cache.UPRIGHT,
        },
        "mirrored": options.flip,
        "temperature": trained.temperature,
        "temperature_together": trained.together,
        "threshold": trained.threshold,
        "calibrated_on": trained.calibrated_on,
        "precision_sought": calibrate.PRECISION,
        "dataset_hash": manifest.dataset_hash,
        "trained_on": {
            "photos": len(photos),
            "drawings": sum(photo.drawn for photo in photos),
            "occurrences": len({photo.occurrence for photo in photos}),
            "groups": len({photo.group for photo in photos}),
        },
        "options": {
            name: value for name, value in vars(options).items() if name not in ("cache", "weights", "device")
        },
        "metrics": None,
        "onnx": None,
        "versions": export.versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    } | _knows(trained)


def _knows(trained: Trained) -> dict[str, Any]:
    """What the card says of distances; nothing where none can be measured."""
    if trained.knows is None:
        return {}
    return {
        "known": {
            "version": known.VERSION,
            "threshold": trained.farthest,
            "set_on": trained.farthest_by,
            "refused_at_most": taught.REFUSED,
            "features": "the whole network's"
            if trained.model.deep
            else "its lower half's, which is not tuned",
        }
    }
