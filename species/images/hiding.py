"""A photo without what stands around: cropped to the box of what it shows, or softened outside of it.

What is taken away is in no pixel of the result. The part that stays is cut out of the decoded photo before it is
shrunk, since a filter that shrinks reaches over the edge of what it is told to shrink; and what is softened is
averaged to a dozen colours first, so that no later blur has anything left to give back.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageFilter

from species.images import decode
from species.images import exif as exif_reader
from species.images.sniff import sniff
from species.images.surroundings import CROPPED, inside, pixels

# Colours along the longest side of what is softened.
COLOURS = 12


def renditions(data: bytes, form: str, frame: Sequence[float] | None) -> dict[int, bytes]:
    """JPEGs of the photo in `data` at `decode.SIZES`, as `decode.prepare` makes them of the whole. Raises ImageRefused.

    `form` is cropped or softened; without a `frame` all of it is softened. It decodes a stranger's file: called by
    `species.images.child`.
    """
    with decode.refusing():
        return _renditions(data, form, frame)


def _renditions(data: bytes, form: str, frame: Sequence[float] | None) -> dict[int, bytes]:
    image = decode.opened(data, sniff(data))
    orientation = exif_reader.read(decode.exif_of(image)).orientation
    turned = orientation >= 5
    width, height = (image.height, image.width) if turned else image.size
    largest = max(decode.SIZES)
    box = pixels(form, frame, width, height) if frame else None
    extent = (box[2] - box[0], box[3] - box[1]) if form == CROPPED and box else (width, height)
    target = decode.fitted(extent, largest)
    if image.format in ("JPEG", "MPO"):
        scale = min(1.0, largest / max(extent))
        image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    profile = image.info.get("icc_profile")
    image.load()
    source = decode.resizable(image)

    def upright(picture: Image.Image) -> Image.Image:
        turn = decode.TURNS.get(orientation)
        picture = decode.srgb(picture, profile)
        return picture.transpose(turn) if turn is not None else picture

    def cut(size: tuple[int, int]) -> Image.Image:
        """What stays, in this upright size, of pixels within it alone."""
        assert box is not None
        fractions = (
            box[0] / width,
            box[1] / height,
            (box[2] - box[0]) / width,
            (box[3] - box[1]) / height,
        )
        x, y, w, h = decode.stored(fractions, orientation)
        left, right = inside(x, x + w, source.width)
        top, bottom = inside(y, y + h, source.height)
        inner = source.crop((left, top, right, bottom))
        return upright(decode.resize(inner, size[::-1] if turned else size))

    if form == CROPPED and box:
        picture = cut(target)
    else:
        picture = _soft(upright(_few(source))).resize(target, Image.Resampling.BICUBIC)
        if box:
            left, right = inside(box[0] / width, box[2] / width, target[0])
            top, bottom = inside(box[1] / height, box[3] / height, target[1])
            picture.paste(cut((right - left, bottom - top)), (left, top))
    made: dict[int, bytes] = {}
    for size in sorted(decode.SIZES, reverse=True):
        picture = decode.resize(picture, decode.fitted(picture.size, size))
        made[size] = decode.jpeg(picture)
    return made


def _few(image: Image.Image) -> Image.Image:
    """The means of a dozen fields along its longest side."""
    return image.resize(decode.fitted(image.size, COLOURS), Image.Resampling.BOX)


def _soft(few: Image.Image) -> Image.Image:
    """Its colours run into each other, so that no edge of a field shows."""
    wide = few.resize((few.width * 20, few.height * 20), Image.Resampling.BICUBIC)
    return wide.filter(ImageFilter.GaussianBlur(20))
