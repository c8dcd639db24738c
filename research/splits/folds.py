"""Cross-validation without leaks, where the test side is too small to measure on."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from research.splits.items import Item, PhotoId, PhotoLinks, photo_links
from research.splits.links import link_keys, numbered
from research.splits.near_duplicates import near_pairs


@dataclass(frozen=True)
class Folds:
    """``fold`` of every photo, 0 to k-1, and its ``group``: photos tied by an anchor or any chain of links.

    ``class_groups``: how many groups hold each label; a label with fewer than k is missing from some folds.
    ``largest``: the share of all photos that the largest group holds.
    """

    k: int
    fold: dict[PhotoId, int]
    group: dict[PhotoId, str]
    class_groups: dict[str, int]
    largest: float


def grouped_folds(items: Iterable[Item], k: int = 5) -> Folds:
    """Every photo in one of k folds, no link between folds, labels spread as evenly as the groups allow.

    Unlike ``split`` this merges whatever is linked: folds are drawn anew for each measurement and nothing is
    published by them, so nothing is lost when a group grows, and every photo is measured once.
    Raises ValueError when there are fewer than k groups.
    """
    if k < 2:
        raise ValueError(f"Cross-validation takes at least 2 folds, not {k}.")
    photos = photo_links(tuple(items))
    joined = _joined(photos)
    group = numbered(photos, joined)
    members: defaultdict[str, list[PhotoLinks]] = defaultdict(list)
    for photo in photos:
        members[group[photo.id]].append(photo)
    if len(members) < k:
        raise ValueError(
            f"{k} folds need at least {k} groups that show different things, not {len(members)}."
        )
    labels = {name: Counter(label for each in its for label in each.labels) for name, its in members.items()}
    total = Counter(label for photo in photos for label in photo.labels)
    folds = [Counter[str]() for _ in range(k)]
    chosen: dict[str, int] = {}
    for name in sorted(members, key=lambda name: (-len(members[name]), name)):
        # Unevenness is the sum of squared shares per label: each group goes where it adds the least of it.
        added = [
            math.fsum(n * (2 * fold[label] + n) / total[label] ** 2 for label, n in labels[name].items())
            for fold in folds
        ]
        chosen[name] = min(range(k), key=lambda at: (added[at], folds[at].total(), at))
        folds[chosen[name]] += labels[name]
    return Folds(
        k=k,
        fold={photo.id: chosen[group[photo.id]] for photo in photos},
        group=group,
        class_groups=dict(sorted(Counter(label for its in labels.values() for label in its).items())),
        largest=max(map(len, members.values())) / len(photos),
    )


def _joined(photos: Sequence[PhotoLinks]) -> list[int]:
    """For every photo, one index that all photos tied to it by any chain of links have in common."""
    parent = list(range(len(photos)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    first: dict[Hashable, int] = {}
    for at, photo in enumerate(photos):
        for key in link_keys(photo, anchors=True):
            parent[root(at)] = root(first.setdefault(key, at))
        if photo.phash is not None:
            parent[root(at)] = root(first.setdefault(photo.phash, at))
    hashes = sorted({photo.phash for photo in photos if photo.phash is not None})
    for i, j in near_pairs(np.array(hashes, dtype=np.uint64)):
        for one, other in zip(i.tolist(), j.tolist(), strict=True):
            parent[root(first[hashes[one]])] = root(first[hashes[other]])
    return [root(at) for at in range(len(photos))]
