"""What the sets of photos on which detectors learn have in common: a photo, its kinds, and a box for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from labeling.imports.collection import BadLine, IncomingSighting, Unreadable
from labeling.imports.readers.table import sighting

SLACK = 0.01  # of a side: what whole pixels of a small picture move an edge
MOST = 500_000_000  # bytes of a description, which is in memory at once


Box = tuple[float, float, float, float]  # x, y, width and height, in fractions of the photo


class Organism(NamedTuple):
    """`box` is None where nobody drew one."""

    label: str
    box: Box | None = None


def photo(
    folder: Path, where: str, name: str, organisms: Sequence[Organism], *, group: str = "", licence: str = ""
) -> IncomingSighting:
    """The sighting of one photo, whose file `name` lies in `folder`; photos of a `group` with one label are one
    sighting. Raises BadLine, also where it shows several organisms: an import takes in one of a sighting.
    """
    if not organisms:
        raise BadLine("Shows nothing that has a name.")
    if len(organisms) > 1:
        raise BadLine(f"Shows {len(organisms)} organisms, and an import takes in photos of one.")
    [one] = organisms
    box = one.box and within(one.box)
    row = {"file": name, "label": one.label, "observation_id": f"{group} {one.label}" if group else ""}
    found = sighting(row, where, folder)
    found.photos = [replace(each, licence=licence, box=box) for each in found.photos]
    return found


def within(box: Box) -> Box:
    """The part of it that lies within the photo. Raises BadLine where more than `SLACK` does not."""
    x, y, width, height = box
    left, top, right, bottom = max(0.0, x), max(0.0, y), min(1.0, x + width), min(1.0, y + height)
    moved = max(left - x, top - y, x + width - right, y + height - bottom)
    if not (all(map(isfinite, box)) and moved <= SLACK and right > left and bottom > top):
        raise BadLine("Its box does not lie within the photo.")
    return left, top, right - left, bottom - top


def fractions(box: Any, width: Any, height: Any) -> Box:
    """Of a box in pixels. Raises BadLine."""
    try:
        x, y, wide, high = map(float, box)
        return x / float(width), y / float(height), wide / float(width), high / float(height)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise BadLine("Its box is not four numbers in a photo of so many pixels.") from None


def described(path: Path) -> Any:
    """What a JSON file says. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST:
            raise Unreadable(f"{path.name} is larger than {MOST // 1_000_000} MB.")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} is no JSON in UTF-8.") from error
