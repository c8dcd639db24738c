"""A fish in its surroundings: one picture, before a camera has touched it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from drawings import fish, hands, water
from drawings.chance import stream
from drawings.pose import Pose, shadow

Size = tuple[int, int]


def picture(label: str, key: str, rng: np.random.Generator, size: Size) -> Image.Image:
    """RGB, of that size: the individual `key`, framed as `rng` will have it."""
    one = fish.individual(key, label)
    # A fish shows one side in all its pictures: the other would have other spots.
    mirrored = bool(stream(key, "side").random() < 0.5)
    ground = water.GROUNDS[rng.integers(len(water.GROUNDS))]
    held = ground is water.valley or rng.random() < 0.2
    pose = _pose(rng, size, mirrored, held)
    page = ground(rng, (size[0] // 2, size[1] // 2)).resize(size, Image.Resampling.BILINEAR)
    seen, at = pose.placed(fish.portrait(one), size)
    if ground in water.WET:
        # What is under water takes on its colour.
        tint = Image.new("RGB", seen.size, page.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))
        seen = _tinted(seen, tint, rng.uniform(0.05, 0.22))
    reach = round(rng.uniform(6, 20) if ground not in water.WET else rng.uniform(15, 60))
    if ground is not water.valley:
        shadow(page, seen, at, (round(reach * rng.normal(0, 0.6)), reach), rng.uniform(0.3, 0.6))
    page.paste(seen, at, seen)
    for hand in hands.under(rng, pose, one.length_mm, hands.skin_of(key)) if held else ():
        hand.hold(page)
    if ground in water.WET and not held:
        water.ripples(rng, page, rng.uniform(0, 0.35))
    return page


def _tinted(seen: Image.Image, tint: Image.Image, part: float) -> Image.Image:
    mixed = Image.blend(seen.convert("RGB"), tint, part)
    mixed.putalpha(seen.getchannel("A"))
    return mixed


def _pose(rng: np.random.Generator, size: Size, mirrored: bool, held: bool) -> Pose:
    upright = size[1] > size[0]
    angle = rng.normal(0, 8 if held else 17)
    if upright and rng.random() < 0.6 and not held:
        angle += 90 * rng.choice((-1, 1)) + rng.normal(0, 12)
    elif rng.random() < 0.1 and not held:
        angle += 180
    turn = np.radians(angle)
    # The room along the fish's own line.
    room = min(size[0] / max(abs(np.cos(turn)), 1e-3), size[1] / max(abs(np.sin(turn)), 1e-3))
    # Now and then so near that a part is out of the picture.
    near = 0.14 if room < size[1] else 0.0
    length = room * (rng.uniform(0.98, 1.16) if rng.random() < 0.1 else rng.uniform(0.6, 0.92) + near)
    spare = max(0.03, 0.5 - length / room / 2)
    return Pose(
        x=size[0] * (0.5 + float(np.clip(rng.normal(0, 0.07), -spare, spare))),
        y=size[1] * (0.5 + float(np.clip(rng.normal(0, 0.09), -0.2, 0.2))) - (0.06 * size[1] if held else 0),
        length=float(length),
        angle=float(angle),
        bend=float(rng.normal(0, 26)),
        wave=float(rng.normal(0, 16)),
        flat=float(rng.uniform(0.84, 1.04)),
        mirrored=mirrored,
    )
