"""Which photos a model may learn from and which it is measured on, so that the answer never leaks.

Pure Python and numpy. The side of a photo depends on nothing but a salt and its *anchor* (the rough place
and day it was taken): photos that come later never move it. Photos on different sides that are known to show
the same thing are not merged, for merged groups change sides as data grows: the lesser side's copy is dropped
and listed. ``docs/splits.md`` explains the rule, with an example and its limits."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from research.splits.items import KINDS, SIDES, Item, Link, PhotoId, PhotoLinks, Side, photo_links
from research.splits.links import crossings, numbered
from species.images.perceptual import NEAR

TEST_GROUPS_AT_LEAST = 10


@dataclass(frozen=True)
class Shares:
    """Parts of the whole, 0 to 1; what they leave is train."""

    test: float = 0.15
    validation: float = 0.15

    def __post_init__(self) -> None:
        if not (self.test >= 0 and self.validation >= 0 and self.test + self.validation <= 1):
            raise ValueError(f"Shares of test and validation lie between 0 and 1 together, not {self}.")


SHARES = Shares()


@dataclass(frozen=True)
class Split:
    """``side`` and ``group`` of every photo that stays; ``dropped``: every link for which one does not; ``anchored``:
    what is left out of test because nobody named it blind.

    Groups (``g0001`` …) are anchors, numbered by their photos' content: the unit to resample when a figure
    needs an interval. ``test_groups``: for every label, in how many test groups it is.
    """

    salt: str
    shares: Shares
    side: dict[PhotoId, Side]
    group: dict[PhotoId, str]
    dropped: tuple[Link, ...]
    test_groups: dict[str, int]
    anchored: tuple[PhotoId, ...]
    photos: tuple[PhotoLinks, ...] = field(repr=False)

    def leaks(self) -> list[Link]:
        """Links between sides that are left: none, or the split is wrong."""
        return _leaks(self.photos, self.side)

    def told(self, months: Mapping[Any, tuple[str, str]]) -> Split:
        """The same sides, with groups that do not tell on which day a photo was taken of which only a month is told.

        ``months``: where and in which month such photos were taken; those of one side that have both in common are a
        group, whatever their days.
        """
        if not months:
            return self
        keys = [
            ("month", self.side[photo.id], *months[photo.id]) if photo.id in months else photo.anchor
            for photo in self.photos
        ]
        group = numbered(self.photos, keys)
        return replace(
            self, group=group, test_groups=_test_groups(self.photos, self.side, group, self.test_groups)
        )

    def report(self) -> dict[str, Any]:
        """JSON-able: photos and groups per side, photos dropped by each kind of link, leaks left."""
        groups = {
            side: {self.group[photo] for photo, on in self.side.items() if on == side} for side in SIDES
        }
        photos = Counter(self.side.values())
        kinds = Counter(link.reason for link in self.dropped)
        lost = Counter({link.photo: link.side for link in self.dropped}.values())
        left_out = {"anchored": len(self.anchored)} if self.anchored else {}
        return {
            "salt": self.salt,
            "shares": {"test": self.shares.test, "validation": self.shares.validation},
            "photos": {side: photos[side] for side in SIDES},
            "groups": {side: len(groups[side]) for side in SIDES},
            "dropped": sum(lost.values()),
            "dropped_from": {side: lost[side] for side in SIDES[1:]},
            "dropped_by": {kind: kinds[kind] for kind in KINDS},
            # Said only where there are any: so reports were before anybody knew.
            **left_out,
            "near_duplicate_distance": NEAR,
            "test_groups": dict(sorted(self.test_groups.items())),
            "needs_kfold": needs_kfold(self),
            "leaks": len(self.leaks()),
        }


def place(salt: str, anchor: Sequence[str]) -> float:
    """Where an anchor lies in [0, 1): the first 53 bits of sha256 over salt and anchor."""
    digest = hashlib.sha256(json.dumps([salt, *anchor]).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def side_of(u: float, shares: Shares) -> Side:
    """The lowest are test: a larger share of test takes from the others and gives nothing back."""
    if u < shares.test:
        return "test"
    return "validation" if u < shares.test + shares.validation else "train"


def split(items: Iterable[Item], salt: str, shares: Shares = SHARES) -> Split:
    """Put every photo on its side and drop the lesser copy of every link between sides.

    A photo is dropped for what it is linked to, dropped or not: so photos that come later can only drop more. Test
    takes no ``anchored`` photo; what is linked to one is dropped all the same, for it may come back.
    Raises ValueError, naming the photo or observation, for items that contradict each other.
    """
    photos = photo_links(tuple(items))
    at_anchor = cache(lambda anchor: SIDES.index(side_of(place(salt, anchor), shares)))
    sides = [at_anchor(photo.anchor) for photo in photos]
    dropped = tuple(
        Link(photos[at].id, kind, photos[other].id, SIDES[sides[at]], SIDES[sides[other]])
        for at, kind, other in crossings(photos, sides)
    )
    anchored = tuple(
        photo.id for photo, at in zip(photos, sides, strict=True) if photo.anchored and SIDES[at] == "test"
    )
    gone = {link.photo for link in dropped}.union(anchored)
    kept = [photo for photo in photos if photo.id not in gone]
    group = numbered(kept, [photo.anchor for photo in kept])
    side = {photo.id: SIDES[at] for photo, at in zip(photos, sides, strict=True) if photo.id not in gone}
    labels = {label for photo in photos for label in photo.labels}
    return Split(
        salt=salt,
        shares=shares,
        side=side,
        group=group,
        dropped=dropped,
        test_groups=_test_groups(kept, side, group, labels),
        anchored=anchored,
        photos=tuple(kept),
    )


def _test_groups(
    photos: Iterable[PhotoLinks],
    side: Mapping[PhotoId, Side],
    group: Mapping[PhotoId, str],
    labels: Iterable[str],
) -> dict[str, int]:
    found: dict[str, set[str]] = {label: set() for label in sorted(labels)}
    for photo in photos:
        for label in photo.labels if side[photo.id] == "test" else ():
            found[label].add(group[photo.id])
    return {label: len(groups) for label, groups in found.items()}


def leaks(items: Iterable[Item], sides: Mapping[PhotoId, Side | int]) -> list[Link]:
    """Links between the sides (or folds) of any split whatever, one per photo and kind.

    The kind ``group`` is a shared anchor. Photos without a side are left out.
    """
    return _leaks([photo for photo in photo_links(tuple(items)) if photo.id in sides], sides)


def _leaks(photos: Sequence[PhotoLinks], sides: Mapping[PhotoId, Side | int]) -> list[Link]:
    ranks = [SIDES.index(on) if isinstance(on := sides[photo.id], str) else on for photo in photos]
    return [
        Link(photos[at].id, kind, photos[other].id, sides[photos[at].id], sides[photos[other].id])
        for at, kind, other in crossings(photos, ranks, anchors=True)
    ]


def needs_kfold(split: Split, minimum: int = TEST_GROUPS_AT_LEAST) -> bool:
    """Whether some label is in too few test groups for the test side to say anything about it."""
    return min(split.test_groups.values(), default=0) < minimum
