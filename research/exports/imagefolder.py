"""Hugging Face imagefolder (huggingface.co/docs/datasets/image_dataset): a folder per side, photos and labels in it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images
from research.exports.readme import entries

SIDES = ("train", "validation", "test")
SAYS = [
    "train/, validation/, test/: the photos of each side, and a line for each in metadata.jsonl",
    "label is empty where a photo shows several kinds; objects has them all, with boxes in pixels",
    "objects.boxed is false where nobody agreed on a box yet: that bbox is the whole photo",
    "said counts the names that people give the organisms on it, for soft labels",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    organisms = {each["id"]: each for each in manifest["occurrences"]}
    labels = [each["label"] for each in manifest["categories"]]
    for side in SIDES:
        here = [photo for photo in manifest["photos"] if photo["side"] == side]
        # A folder without a photo is no side to the reader.
        if here:
            yield f"{side}/metadata.jsonl", (line(photo, organisms, labels) for photo in here)
    if pictures:
        yield from images(manifest["photos"], lambda photo: f"{photo['side']}/{photo['id']}.jpg")


def line(photo: dict[str, Any], organisms: dict[str, dict[str, Any]], labels: list[str]) -> bytes:
    """What is known of one photo. Every line has the same keys and no empty list: from those readers guess what a
    column holds, and they take no side whose columns hold something else.
    """
    shown = [organisms[each] for each in photo["occurrences"]]
    width, height = photo["rendition"]["width"], photo["rendition"]["height"]
    regions = {
        each["id"]: region for each in shown for region in each["regions"] if region["photo"] == photo["id"]
    }
    kinds = sorted({each["label"] for each in shown})
    said = Counter(
        one["label"] for each in shown for one in each.get("identifications", []) if not one["withdrawn"]
    )
    row = {
        "file_name": f"{photo['id']}.jpg",
        "label": kinds[0] if len(kinds) == 1 else "",
        "labels": kinds,
        "objects": {
            "bbox": [_box(regions.get(each["id"]), width, height) for each in shown],
            "category": [labels.index(each["label"]) for each in shown],
            "boxed": [each["id"] in regions for each in shown],
        },
        "said": [{"label": label, "people": count} for label, count in sorted(said.items())],
        "photo_id": photo["id"],
        "observation_id": photo["observation"],
        "group": photo["group"],
        "train": photo["train"],
        "drawn": photo.get("drawn", False),
        "licence": photo["licence"],
        "credit": photo["credit"],
        "width": width,
        "height": height,
    }
    return (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _box(region: dict[str, Any] | None, width: int, height: int) -> list[float]:
    if region is None:
        return [0.0, 0.0, float(width), float(height)]
    sides = (
        (region["x"], width),
        (region["y"], height),
        (region["width"], width),
        (region["height"], height),
    )
    return [round(each * whole, 2) for each, whole in sides]
