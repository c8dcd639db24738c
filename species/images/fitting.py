"""From an upright photo to a network's frame: the one place that does it, for training and for serving.

A long organism is squashed or padded into the frame, never cropped: a centre crop cuts off head and tail.
"""

from __future__ import annotations

from PIL import Image

WAYS = ("squash", "pad")


def fit(image: Image.Image, size: tuple[int, int], how: str) -> Image.Image:
    """`image` (RGB) in exactly `size` (height, width). What fits already comes back with the same pixels.

    "squash" stretches to the frame; "pad" keeps the proportions and fills the rest with black, half on each
    side. Raises ValueError for a `how` it does not know.
    """
    height, width = size
    if how == "squash":
        return image.resize((width, height), Image.Resampling.BICUBIC)
    if how != "pad":
        raise ValueError(f"Resize {how!r} is not known: {' or '.join(WAYS)}.")
    scale = min(width / image.width, height / image.height)
    inner = (
        min(width, max(1, round(image.width * scale))),
        min(height, max(1, round(image.height * scale))),
    )
    frame = Image.new("RGB", (width, height))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    frame.paste(image.resize(inner, Image.Resampling.BICUBIC), (left, top))
    return frame
