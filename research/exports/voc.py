"""Pascal VOC: an XML file of boxes for each photo, and a list of photos for each side."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from research.exports.archive import Content, images
from research.exports.readme import entries
from research.exports.regions import Boxed, complete

SETS = {"train": "train", "validation": "val", "test": "test"}
# Where readers look for it.
FOLDER = "VOCdevkit/VOC2012"
SAYS = [
    f"{FOLDER}/Annotations/: boxes in pixels, from 1, corners included",
    f"{FOLDER}/ImageSets/Main/: train.txt, val.txt, test.txt: the photos of each side",
    f"{FOLDER}/JPEGImages/: the photos. Only those on which everything is boxed and agreed are in it.",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    kept = list(complete(manifest))
    yield from entries(manifest, SAYS, pictures)
    for side, name in SETS.items():
        ids = [f"{photo['id']}\n" for photo, _ in kept if photo["side"] == side]
        yield f"{FOLDER}/ImageSets/Main/{name}.txt", "".join(ids).encode()
    for photo, boxed in kept:
        yield f"{FOLDER}/Annotations/{photo['id']}.xml", annotation(photo, boxed)
    if pictures:
        yield from images(
            (photo for photo, _ in kept), lambda photo: f"{FOLDER}/JPEGImages/{photo['id']}.jpg"
        )


def annotation(photo: dict[str, Any], boxed: list[Boxed]) -> bytes:
    width, height = photo["rendition"]["width"], photo["rendition"]["height"]
    return f"""<annotation>
  <folder>JPEGImages</folder>
  <filename>{photo["id"]}.jpg</filename>
  <source><database>{escape(photo["credit"])}, {escape(photo["licence"])}</database></source>
  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>
  <segmented>0</segmented>
{"".join(_object(each["label"], region, width, height) for each, region in boxed)}</annotation>
""".encode()


def _object(label: str, region: dict[str, Any], width: int, height: int) -> str:
    left, top = round(region["x"] * width), round(region["y"] * height)
    right = max(left + 1, round((region["x"] + region["width"]) * width))
    bottom = max(top + 1, round((region["y"] + region["height"]) * height))
    return f"""  <object>
    <name>{escape(label)}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>
    <bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>
  </object>
"""
