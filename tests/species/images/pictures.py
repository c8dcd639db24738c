"""Pictures drawn for tests of everything that takes photos."""

import io

import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 170, 60), (40, 60, 190), (240, 240, 235)


def quarters(width: int = 240, height: int = 160) -> Image.Image:
    """Four colours in four corners, so that every turn and mirroring shows."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


def texture(width: int, height: int, seed: int = 1) -> Image.Image:
    """Smooth blobs: nothing a JPEG would spoil, nothing two seeds share."""
    noise = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, form: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **({"quality": 95, "subsampling": 0} if form == "JPEG" else {}) | options)
    return out.getvalue()


def corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colours of the four corners: top left, top right, bottom left, bottom right."""
    height, width = pixels.shape[:2]
    rows, columns = (height // 4, height - 1 - height // 4), (width // 4, width - 1 - width // 4)
    return [tuple(int(value) for value in pixels[row, column]) for row in rows for column in columns]


def alike(one, other, tolerance: int = 6) -> bool:
    return bool(np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int)).max() <= tolerance)


def xmp_of_a_drawing(kind: str = "algorithmicMedia") -> bytes:
    """An XMP packet by which an image says that no camera took it."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{kind}"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()
