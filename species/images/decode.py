"""From the bytes of a photo to upright pixels and public renditions.

Everything that shows, trains on or classifies a photo comes through `upright`, so that a model sees in
production exactly the pixels it was trained on: same bytes in, same pixels out, on every machine.

The steps, once per photo: the header is read and its pixel count checked before anything is decoded; a JPEG
is decoded at 1/2, 1/4 or 1/8 where that is still no smaller than what is asked for; what is left to shrink
is shrunk by Lanczos (after a box reduction where the factor is above three); then colours become sRGB and
the photo is turned upright.

Hostile files crash, hang or bloat decoders: code that serves people calls this through `species.images.decoder`."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import pi_heif
from PIL import AvifImagePlugin, Image, ImageCms, WebPImagePlugin

from species.images import exif as exif_reader
from species.images import iptc, xmp
from species.images.exif import Exif
from species.images.perceptual import phash, water
from species.images.refusals import MAX_PIXELS, ImageRefused
from species.images.sniff import sniff

# Each scan of a progressive JPEG goes over every pixel again. Encoders write about ten.
MAX_SCANS = 250


# 2016 and not 2048: half of the 4032 pixels of a phone's photo, which a JPEG can be decoded at directly.
SIZES = (320, 1008, 2016)


QUALITY = 85


# Pillow refuses above twice this wherever it meets a size, frames inside a file included.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


AvifImagePlugin.DEFAULT_MAX_THREADS = 1


assert WebPImagePlugin.SUPPORTED


FORMATS = {
    "image/jpeg": ["JPEG"],
    "image/png": ["PNG"],
    "image/webp": ["WEBP"],
    "image/gif": ["GIF"],
    "image/bmp": ["BMP"],
    "image/heic": ["HEIF"],
    "image/avif": ["AVIF"],
}


# stored pixels -> upright pixels, by the EXIF orientation
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


Crop = tuple[float, float, float, float]


@dataclass(frozen=True)
class Prepared:
    """All that is kept of a photo besides the original."""

    width: int  # pixels, upright
    height: int
    media_type: str
    sha256: str  # of the original bytes, hex
    phash: str  # 64-bit perceptual hash of the upright photo, 16 hex digits; compare by Hamming distance
    water: str  # the mat its edges ask for: a key of `perceptual.WATERS`
    renditions: dict[
        int, bytes
    ]  # longest side asked for -> JPEG: upright, sRGB, without metadata, never upscaled
    exif: Exif
    drawn: bool  # its metadata says that no camera took it


def pixels(data: bytes) -> int:
    """How many pixels the photo in `data` promises, by its header alone. Raises ImageRefused."""
    media_type = sniff(data)
    with refusing():
        image = opened(data, media_type)
        return image.width * image.height


def upright(data: bytes, size: int, crop: Sequence[float] | None = None) -> Image.Image:
    """The photo in `data` as an upright RGB (sRGB) image whose longest side is at most `size` px, never
    upscaled.

    `crop` is (x, y, width, height) in fractions of the upright photo, cut out before shrinking; it is
    clipped to the photo. Raises ImageRefused; ValueError for a `size` or `crop` that no photo could
    satisfy.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1 px, not {size}")
    box = clipped(crop)
    media_type = sniff(data)
    with refusing():
        image = opened(data, media_type)
        return _shrink(image, size, exif_reader.read(exif_of(image)).orientation, box)


def prepare(data: bytes) -> Prepared:
    """Everything to keep of the photo in `data`, from one decode. Raises ImageRefused."""
    media_type = sniff(data)
    with refusing():
        image = opened(data, media_type)
        block, packet = exif_of(image), image.info.get("xmp")
        exif = exif_reader.read(block, packet, _iptc(image))
        drawn = xmp.says_drawn(packet)
        width, height = image.size
        if exif.orientation >= 5:
            width, height = height, width
        picture = _shrink(image, max(SIZES), exif.orientation, (0.0, 0.0, 1.0, 1.0))
        renditions: dict[int, bytes] = {}
        for size in sorted(SIZES, reverse=True):
            target = fitted(picture.size, size)
            if renditions and target == picture.size:
                renditions[size] = renditions[min(renditions)]
                continue
            picture = resize(picture, target)
            renditions[size] = jpeg(picture)
        return Prepared(
            width=width,
            height=height,
            media_type=media_type,
            sha256=hashlib.sha256(data).hexdigest(),
            phash=phash(picture),
            water=water(picture),
            renditions=renditions,
            exif=exif,
            drawn=drawn,
        )


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever a decoder raises is a reason to refuse the file, put so that the sender knows what to do."""
    try:
        yield
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ImageRefused("too_many_pixels") from error
    except EOFError as error:
        raise ImageRefused("truncated") from error
    # Broad, because decoders raise SyntaxError, struct.error, KeyError and more; each means "cannot be read".
    except Exception as error:
        text = str(error).lower()
        code = (
            "truncated"
            if any(hint in text for hint in ("truncated", "end of file", "unexpected end"))
            else "broken"
        )
        raise ImageRefused(code) from error


def _whole(data: bytes, media_type: str) -> bool:
    """Whether the container ends within the file. The decoders of these formats paint over a missing end."""
    if media_type == "image/webp":
        # A pad byte may be missing from an odd last chunk.
        return int.from_bytes(data[4:8], "little") + 8 <= len(data) + 1
    if media_type not in ("image/heic", "image/avif"):
        return True
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        elif length == 0:
            return True
        if length < 8:
            break
        at += length
    return at <= len(data)


def opened(data: bytes, media_type: str) -> Image.Image:
    if not _whole(data, media_type):
        raise ImageRefused("truncated")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(data), formats=FORMATS[media_type])
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageRefused("broken")
    if width * height > MAX_PIXELS:
        raise ImageRefused("too_many_pixels")
    # A scan begins with these bytes; in a scan they cannot stand.
    if image.info.get("progressive") and data.count(b"\xff\xda\0") > MAX_SCANS:
        raise ImageRefused("timeout")
    return image


def exif_of(image: Image.Image) -> bytes | None:
    raw = image.info.get("exif")
    if image.format == "PNG" and raw is None:
        # Behind the pixels, where some programs write it, or spelt out in digits, as ImageMagick used to.
        image.load()
        raw = image.info.get("exif") or _spelt_out(image.info.get("Raw profile type exif"))
    return raw


def _iptc(image: Image.Image) -> bytes | None:
    """The records that a JPEG carries among Photoshop's resources."""
    resources = image.info.get("photoshop")
    return resources.get(iptc.RESOURCE) if isinstance(resources, dict) else None


def _spelt_out(profile: str | None) -> bytes:
    """The bytes of a "raw profile": a line that is empty, its name, its length, then hexadecimal digits."""
    try:
        return bytes.fromhex("".join((profile or "").split("\n")[3:]))
    except ValueError:
        return b""


def clipped(crop: Sequence[float] | None) -> Crop:
    """The part of `crop` that lies on the photo; all of it for None. ValueError where nothing does."""
    if crop is None:
        return (0.0, 0.0, 1.0, 1.0)
    x, y, width, height = (float(value) for value in crop)
    left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + width, 1.0), min(y + height, 1.0)
    if not (left < right and top < bottom):
        raise ValueError(f"crop must be a rectangle in fractions of the photo, not {crop}")
    return left, top, right - left, bottom - top


def stored(box: Crop, orientation: int) -> Crop:
    """`box` of the upright photo as a box of the stored, not yet turned one."""
    x, y, w, h = box
    if orientation >= 5:
        x, y, w, h = y, x, h, w
    if orientation in (2, 3, 7, 8):
        x = 1.0 - x - w
    if orientation in (3, 4, 6, 7):
        y = 1.0 - y - h
    return max(x, 0.0), max(y, 0.0), w, h


def fitted(extent: tuple[float, float], size: int) -> tuple[int, int]:
    width, height = extent
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _shrink(image: Image.Image, size: int, orientation: int, crop: Crop) -> Image.Image:
    """Decode `image` no larger than needed and return its part `crop`, upright, in sRGB, at most `size` px
    long.
    """
    x, y, w, h = stored(crop, orientation)
    extent = (image.width * w, image.height * h)
    target = fitted(extent, size)
    scale = min(1.0, size / max(extent))
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    profile = image.info.get("icc_profile")
    image.load()
    part = (x * image.width, y * image.height, min(x + w, 1.0) * image.width, min(y + h, 1.0) * image.height)
    picture = resize(resizable(image), target, part)
    picture = srgb(picture, profile)
    turn = TURNS.get(orientation)
    return picture.transpose(turn) if turn is not None else picture


def resizable(image: Image.Image) -> Image.Image:
    """`image` in a mode whose values can be averaged: not palette numbers, not 1-bit, not 16-bit."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("1", "F"):
        return image.convert("L")
    return image


def resize(
    image: Image.Image, target: tuple[int, int], part: tuple[float, float, float, float] | None = None
) -> Image.Image:
    whole = (0.0, 0.0, float(image.width), float(image.height))
    if target == image.size and (part is None or part == whole):
        return image
    return image.resize(target, Image.Resampling.LANCZOS, box=part, reducing_gap=3.0)


def srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` as RGB in sRGB. A profile that is broken or of another kind than the pixels is left out of
    account.
    """
    if image.mode in ("RGBA", "LA", "La", "RGBa"):
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, (255, 255, 255))
        paper.paste(image.convert("RGB"), mask=image.getchannel("A"))
        image = paper
    if profile and image.mode in ("RGB", "CMYK", "L"):
        transform = _transform(profile, image.mode)
        if transform is not None:
            return transform.apply(image)
    return image.convert("RGB") if image.mode != "RGB" else image


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Phones embed one of a handful of profiles, so the tables built from them are kept."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        name = (source.profile.profile_description or "").lower()
        if space != {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}[mode] or "srgb" in name:
            return None
        return ImageCms.buildTransform(source, _srgb_profile(), mode, "RGB")
    # The colour library raises its own error, OSError, ValueError or TypeError; without it the colours are a
    # bit off.
    except Exception:
        return None


@lru_cache(maxsize=1)
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    # A comment of the original would be written again from here.
    image.info = {}
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
