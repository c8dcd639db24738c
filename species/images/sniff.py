"""What a file is, by its bytes."""

from __future__ import annotations

from species.images.refusals import MAX_BYTES, ImageRefused

HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))


AVIF_BRANDS = frozenset((b"avif", b"avis"))


def sniff(data: bytes) -> str:
    """The media type of `data`, by its content alone: names and declared types lie.

    Raises ImageRefused: empty, too_large, not_an_image.
    """
    if not data:
        raise ImageRefused("empty")
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if data[:2] == b"BM":
        return "image/bmp"
    if data[4:8] == b"ftyp":
        return _sniff_brands(data)
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        raise ImageRefused(
            "not_an_image", "This is a TIFF or a camera's raw file. Save it as a JPEG and send that."
        )
    raise ImageRefused("not_an_image")


def _sniff_brands(data: bytes) -> str:
    """HEIC and AVIF share one container: the major brand decides, or the compatible ones where it names
    neither.
    """
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    brands = [box[i : i + 4] for i in (0, *range(8, len(box) - 3, 4))]
    for brand in brands:
        if brand in AVIF_BRANDS:
            return "image/avif"
        if brand in HEIC_BRANDS:
            return "image/heic"
    raise ImageRefused("not_an_image")
