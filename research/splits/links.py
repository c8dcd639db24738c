"""Which photos on different sides are known to show the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby

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
        for key in shared_keys(photo, anchors):
            first[key].setdefault(ranks[at], at)
    for at, photo in enumerate(photos):
        for key in shared_keys(photo, anchors):
            lowest = min(first[key])
            if lowest < ranks[at]:
                link(at, key[0], first[key][lowest])
    # The same file needs no perceptual hash, and in content order its photos stand beside each other.
    for _, same in groupby(range(len(photos)), key=lambda at: photos[at].sha256):
        of_file = list(same)
        lowest, kept = min((ranks[at], at) for at in of_file)
        for at in of_file:
            if lowest < ranks[at]:
                link(at, "near_duplicate", kept)

    # Equal hashes on one side have the same partners: the first of them stands for all.
    hashed = np.array([at for at, photo in enumerate(photos) if photo.phash is not None], dtype=np.intp)
    hashes = np.array([photo.phash for photo in photos if photo.phash is not None], dtype=np.uint64)
    rank = np.array([ranks[at] for at in hashed], dtype=np.intp)
    order = np.lexsort((hashed, hashes, rank))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(rank[order]) != 0) | (np.diff(hashes[order]) != 0)
    entry = np.empty(len(order), dtype=np.intp)
    entry[order] = np.cumsum(fresh) - 1
    stands = order[fresh]
    # By rank and then by content, which is how `partner` chooses.
    place = np.empty(len(stands), dtype=np.intp)
    by_content = np.lexsort((hashed[stands], rank[stands]))
    place[by_content] = np.arange(len(stands))
    stands, entry = stands[by_content], place[entry] if len(entry) else entry
    none = len(stands)
    partner = np.full(none, none, dtype=np.intp)
    for i, j in near_pairs(hashes[stands]):
        crossing = rank[stands[i]] < rank[stands[j]]
        np.minimum.at(partner, j[crossing], i[crossing])
    for number in np.flatnonzero(partner[entry] < none) if none else ():
        link(int(hashed[number]), "near_duplicate", int(hashed[stands[partner[entry[number]]]]))
    return [(at, kind, other) for (at, kind), other in sorted(found.items())]


def shared_keys(photo: PhotoLinks, anchors: bool) -> Iterator[tuple[Kind, Hashable]]:
    """What photos that are not the same file share exactly when they are linked."""
    if anchors:
        yield "group", photo.anchor
    if photo.trip_day:
        yield "trip_day", photo.trip_day
    for organism in photo.organisms:
        yield "individual", organism


def link_keys(photo: PhotoLinks, anchors: bool) -> Iterator[tuple[Kind, Hashable]]:
    """What photos share exactly when they are linked. The same file needs no perceptual hash."""
    yield from shared_keys(photo, anchors)
    yield "near_duplicate", photo.sha256


def numbered(photos: Sequence[PhotoLinks], keys: Sequence[Hashable]) -> dict[PhotoId, str]:
    """Names for groups in the order of their first photo's content, never of the rows."""
    number = {key: at for at, key in enumerate(dict.fromkeys(keys), start=1)}
    width = max(4, len(str(len(number))))
    return {photo.id: f"g{number[key]:0{width}d}" for photo, key in zip(photos, keys, strict=True)}
