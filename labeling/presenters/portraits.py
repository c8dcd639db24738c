"""Pictures beside names, cut to the organism."""

from labeling.presenters.surroundings import on_shown
from labeling.queries.boxes import SIDES
from labeling.queries.room import Likely
from species.images.surroundings import AIR
from species.presenters.plates import plate, rendition_url

SMALL, LARGER = 320, 1008
# Pixels of the longer side under which the larger rendition is taken.
ENOUGH = 110


def picture(likely: Likely | None) -> dict:
    """`photo`: what parts/plate.html takes; `crop`: the part of it that shows the organism, see _crop.html, or None."""
    photo = likely.photo if likely else None
    return {"photo": plate(photo, size=SMALL), "crop": _crop(likely) if likely else None}


def _crop(likely: Likely) -> dict | None:
    photo, box = likely.photo, likely.box
    if photo is None or box is None:
        return None
    seen = on_shown(dict(zip(SIDES, box, strict=True)), photo, whole=False)
    if seen is None:
        return None
    width, height = photo.rendition_size(SMALL)
    size = SMALL if max(seen["width"] * width, seen["height"] * height) >= ENOUGH else LARGER
    width, height = photo.rendition_size(size)
    left, top = max(0.0, seen["x"] - AIR * seen["width"]), max(0.0, seen["y"] - AIR * seen["height"])
    right = min(1.0, seen["x"] + (1 + AIR) * seen["width"])
    low = min(1.0, seen["y"] + (1 + AIR) * seen["height"])
    part = (left * width, top * height, (right - left) * width, (low - top) * height)
    return {
        "src": rendition_url(photo, size),
        "width": width,
        "height": height,
        "part": " ".join(f"{value:.1f}" for value in part),
        "water": photo.water,
    }
