"""Which photos on different sides are known to show the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from research.splits.items import Kind, PhotoId, PhotoLinks
from research.splits.near_duplicates import near_pairs


def crossings(
    photos: Sequence[PhotoLinks], ranks: Sequence[int], anchors: bool = False
) -> list[tuple[int, Kind, int]]:
    """(photo, kind, the first photo of the lowest rank below its own that it is linked to), by index.

    ``photos`` are in content order, which alone decides which of several partners is named.
    """
    found: dict[tuple[int, Kind], int] = {}

    def link(at: int, kind: Kind, other: int) -> None:
        held = found.get((at, kind))
        if held is None or (ranks[other], other) < (ranks[held], held):
            found[at, kind] = other

    first: dict[tuple[Kind, Hashable], dict[int, int]] = defaultdict(dict)
    for at, photo in enumerate(photos):
        for key in link_keys(photo, anchors):
            first[key].setdefault(ranks[at], at)
    for at, photo in enumerate(photos):
        for key in link_keys(photo, anchors):
            lowest = min(first[key])
            if lowest < ranks[at]:
                link(at, key[0], first[key][lowest])

    # Equal hashes on one side have the same partners: one of them stands for all.
    stands: dict[tuple[int, int], int] = {}
    for at, photo in enumerate(photos):
        if photo.phash is not None:
            stands.setdefault((ranks[at], photo.phash), at)
    entries = sorted(stands, key=lambda entry: (entry[0], stands[entry]))
    rank = np.array([entry[0] for entry in entries], dtype=np.intp)
    partner = np.full(len(entries), len(entries), dtype=np.intp)
    for i, j in near_pairs(np.array([entry[1] for entry in entries], dtype=np.uint64)):
        crossing = rank[i] < rank[j]
        np.minimum.at(partner, j[crossing], i[crossing])
    partner_of = dict(zip(entries, partner.tolist(), strict=True))
    for at, photo in enumerate(photos):
        if photo.phash is not None and (best := partner_of[ranks[at], photo.phash]) < len(entries):
            link(at, "near_duplicate", stands[entries[best]])
    return [(at, kind, other) for (at, kind), other in sorted(found.items())]


def link_keys(photo: PhotoLinks, anchors: bool) -> Iterator[tuple[Kind, Hashable]]:
    """What photos share exactly when they are linked. The same file needs no perceptual hash."""
    if anchors:
        yield "group", photo.anchor
    if photo.trip_day:
        yield "trip_day", photo.trip_day
    for organism in photo.organisms:
        yield "individual", organism
    yield "near_duplicate", photo.sha256


def numbered(photos: Sequence[PhotoLinks], keys: Sequence[Hashable]) -> dict[PhotoId, str]:
    """Names for groups in the order of their first photo's content, never of the rows."""
    number = {key: at for at, key in enumerate(dict.fromkeys(keys), start=1)}
    width = max(4, len(str(len(number))))
    return {photo.id: f"g{number[key]:0{width}d}" for photo, key in zip(photos, keys, strict=True)}
