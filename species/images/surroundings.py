"""Which part of a photo others see where its surroundings could give the spot away; pixels: `species.images.hiding`."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence

CROPPED, SOFTENED = "cropped", "softened"
FORMS = (CROPPED, SOFTENED)
# Of the box's width and height, on each side of a cropped photo.
AIR = 0.1

Pixels = tuple[int, int, int, int]
Fractions = tuple[float, float, float, float]


def union(frames: Sequence[Fractions]) -> list[float] | None:
    """The smallest frame (x, y, width, height in fractions of the upright photo) that holds all these."""
    if not frames:
        return None
    left, top = (min(each[at] for each in frames) for at in (0, 1))
    right, bottom = (min(1.0, max(each[at] + each[at + 2] for each in frames)) for at in (0, 1))
    return [round(value, 6) for value in (left, top, right - left, bottom - top)]


def key(chosen: str, frame: Sequence[float] | None) -> str:
    """Names the renditions: the form, and a digest of the frame. Empty where the whole photo is shown."""
    if chosen not in FORMS:
        return ""
    if frame is None:
        return SOFTENED
    digest = hashlib.sha256(json.dumps([round(value, 6) for value in frame]).encode()).hexdigest()
    return f"{chosen}-{digest[:12]}"


def pixels(form: str, frame: Sequence[float], width: int, height: int) -> Pixels:
    """Left, upper, right and lower edge of what stays, in whole pixels of an upright photo of `width` × `height`.

    None of them is outside of the frame, with its air where the photo is cropped; one pixel at least stays.
    """
    x, y, w, h = frame
    air = AIR if form == CROPPED else 0.0
    left, right = inside(x - air * w, x + (1 + air) * w, width)
    top, bottom = inside(y - air * h, y + (1 + air) * h, height)
    return left, top, right, bottom


def inside(low: float, high: float, length: int) -> tuple[int, int]:
    """The first pixel of `length` that lies between two fractions, and the one after the last."""
    # A thousandth of a pixel: a fraction that was rounded still means the edge of its pixel.
    first = min(length - 1, max(0, math.ceil(low * length - 1e-3)))
    return first, max(first + 1, min(length, math.floor(high * length + 1e-3)))


def part(form: str, frame: Sequence[float] | None, width: int, height: int) -> Fractions | None:
    """Which part of the upright photo is shown, in fractions; None for all of it."""
    if form != CROPPED or frame is None:
        return None
    left, top, right, bottom = pixels(form, frame, width, height)
    return left / width, top / height, (right - left) / width, (bottom - top) / height


def within(box: Fractions, part: Fractions | None) -> Fractions | None:
    """A box of the whole photo, in fractions of the `part` that is shown; None where none of it is."""
    if part is None:
        return box
    left, top = max(box[0], part[0]), max(box[1], part[1])
    right, bottom = (min(box[at] + box[at + 2], part[at] + part[at + 2]) for at in (0, 1))
    if not (left < right and top < bottom):
        return None
    return (
        (left - part[0]) / part[2],
        (top - part[1]) / part[3],
        (right - left) / part[2],
        (bottom - top) / part[3],
    )


def of_whole(box: Fractions, part: Fractions | None) -> Fractions:
    """A box of the part that is shown, in fractions of the whole photo: what `within` makes of that is the box."""
    if part is None:
        return box
    x, y, width, height = box
    return part[0] + x * part[2], part[1] + y * part[3], width * part[2], height * part[3]


def point_within(point: tuple[float, float], part: Fractions | None) -> tuple[float, float] | None:
    """A point of the whole photo, in fractions of the `part` that is shown; None where that does not hold it."""
    if part is None:
        return point
    x, y = ((point[at] - part[at]) / part[at + 2] for at in (0, 1))
    return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None


def point_of_whole(point: tuple[float, float], part: Fractions | None) -> tuple[float, float]:
    """A point of the part that is shown, in fractions of the whole photo."""
    if part is None:
        return point
    x, y = (min(1.0, part[at] + point[at] * part[at + 2]) for at in (0, 1))
    return x, y
