"""YOLO detection (docs.ultralytics.com/datasets/detect): a text file of boxes beside each photo, a folder per side."""

import json
from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images
from research.exports.readme import entries
from research.exports.regions import complete

SAYS = [
    "data.yaml: where the sides lie, and the classes, numbered from 0 in the order of the manifest",
    "labels/: for each photo a line per organism: class, then the middle and the size of its box, 0 to 1",
    "Only photos on which everything is boxed and agreed are in it.",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    number = {each["id"]: at for at, each in enumerate(manifest["categories"])}
    kept = list(complete(manifest))
    yield from entries(manifest, SAYS, pictures)
    yield "data.yaml", data(manifest)
    for photo, boxed in kept:
        lines = [line(number[each["category"]], region) for each, region in boxed]
        yield f"labels/{photo['side']}/{photo['id']}.txt", "".join(lines).encode()
    if pictures:
        yield from images((photo for photo, _ in kept), _name)


def _name(photo: dict[str, Any]) -> str:
    return f"images/{photo['side']}/{photo['id']}.jpg"


def line(number: int, region: dict[str, Any]) -> str:
    """`class x y width height`: the middle of the box and its size, in fractions of the photo."""
    middle = (region["x"] + region["width"] / 2, region["y"] + region["height"] / 2)
    sides = (*middle, region["width"], region["height"])
    return f"{number} {' '.join(f'{each:.6f}' for each in sides)}\n"


def data(manifest: dict[str, Any]) -> bytes:
    """A YAML file; texts are written as JSON, which YAML is."""
    names = [f"  {at}: {json.dumps(each['label'])}" for at, each in enumerate(manifest["categories"])]
    # Without a path they lie beside this file.
    sides = ["train: images/train", "val: images/validation", "test: images/test"]
    return "\n".join([f"# {manifest['dataset']['content_hash']}", *sides, "names:", *names, ""]).encode()
