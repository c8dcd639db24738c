"""Which photos a model may learn from and which it is measured on, so that the answer never leaks.

Pure Python and numpy. The side of a photo depends on nothing but a salt and its *anchor* (the rough place
and day it was taken): photos that come later never move it. Photos on different sides that are known to show
the same thing are not merged, for merged groups change sides as data grows: the lesser side's copy is dropped
and listed. ``docs/splits.md`` explains the rule, with an example and its limits.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from research.near_duplicates import NEAR, near_pairs

Side = Literal["test", "validation", "train"]
Kind = Literal["trip_day", "individual", "near_duplicate", "group"]
PhotoId = Hashable

SIDES: tuple[Side, ...] = ("test", "validation", "train")  # from what must stay to what gives way
KINDS: tuple[Kind, ...] = ("trip_day", "individual", "near_duplicate")
TEST_GROUPS_AT_LEAST = 10


@dataclass(frozen=True)
class Item:
    """One organism on one photo. Ids are any hashable with a stable ``str``; empty strings mean unknown.

    ``cell``: the *public* H3 cell of the sighting, None where no place is public. ``local_day``: its date
    there, ISO or ``date``. ``organism_id``: the same for the same individual. ``phash``: 64 bits as 16 hex
    digits. ``sha256``: of the original. Photos of one observation share observer, day, cell and trip.
    """

    photo: PhotoId
    occurrence: Hashable
    observation: Hashable
    observer: Hashable | None
    local_day: date | str | None
    cell: str | None
    trip: Hashable | None
    organism_id: str | None
    phash: str | None
    label: str
    sha256: str


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
class Link:
    """``photo``, on ``side``, shows the same as ``other``, on ``other_side``, which goes before it."""

    photo: PhotoId
    reason: Kind
    other: PhotoId
    side: Side | int
    other_side: Side | int


@dataclass(frozen=True)
class Split:
    """``side`` and ``group`` of every photo that stays; ``dropped``: every reason for each that does not.

    Groups (``g0001`` …) are anchors, numbered by their photos' content: the unit to resample when a figure
    needs an interval. ``test_groups``: for every label, in how many test groups it is.
    """

    salt: str
    shares: Shares
    side: dict[PhotoId, Side]
    group: dict[PhotoId, str]
    dropped: tuple[Link, ...]
    test_groups: dict[str, int]
    items: tuple[Item, ...] = field(repr=False)

    def leaks(self) -> list[Link]:
        """Links between sides that are left: none, or the split is wrong."""
        return leaks(self.items, self.side)

    def report(self) -> dict[str, Any]:
        """JSON-able: photos and groups per side, photos dropped by each kind of link, leaks left."""
        groups = {
            side: {self.group[photo] for photo, on in self.side.items() if on == side} for side in SIDES
        }
        photos = Counter(self.side.values())
        kinds = Counter(link.reason for link in self.dropped)
        lost = Counter({link.photo: link.side for link in self.dropped}.values())
        return {
            "salt": self.salt,
            "shares": {"test": self.shares.test, "validation": self.shares.validation},
            "photos": {side: photos[side] for side in SIDES},
            "groups": {side: len(groups[side]) for side in SIDES},
            "dropped": sum(lost.values()),
            "dropped_from": {side: lost[side] for side in SIDES[1:]},
            "dropped_by": {kind: kinds[kind] for kind in KINDS},
            "near_duplicate_distance": NEAR,
            "test_groups": dict(sorted(self.test_groups.items())),
            "needs_kfold": needs_kfold(self),
            "leaks": len(self.leaks()),
        }


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


@dataclass(frozen=True)
class _Photo:
    id: PhotoId
    sha256: str
    anchor: tuple[str, ...]
    trip_day: tuple[str, str] | None
    phash: int | None
    organisms: frozenset[str]
    labels: frozenset[str]

    @property
    def order(self) -> tuple[str, str]:
        return self.sha256, str(self.id)


def anchor(item: Item) -> tuple[str, ...]:
    """What decides the side: (public cell, day), else (observer, day), else the observation."""
    day = _day(item)
    if item.cell and day:
        return "cell", str(item.cell), day
    if item.observer not in (None, "") and day:
        return "observer", str(item.observer), day
    return "observation", str(item.observation)


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

    A photo is dropped for what it is linked to, dropped or not: so photos that come later can only drop more.
    Raises ValueError, naming the photo or observation, for items that contradict each other.
    """
    items = tuple(items)
    photos = _photos(items)
    sides = [SIDES.index(side_of(place(salt, photo.anchor), shares)) for photo in photos]
    dropped = tuple(
        Link(photos[at].id, kind, photos[other].id, SIDES[sides[at]], SIDES[sides[other]])
        for at, kind, other in _crossings(photos, sides)
    )
    gone = {link.photo for link in dropped}
    kept = [photo for photo in photos if photo.id not in gone]
    group = _numbered(kept, [photo.anchor for photo in kept])
    side = {photo.id: SIDES[at] for photo, at in zip(photos, sides, strict=True) if photo.id not in gone}
    in_test: dict[str, set[str]] = {label: set() for photo in photos for label in sorted(photo.labels)}
    for photo in kept:
        for label in photo.labels if side[photo.id] == "test" else ():
            in_test[label].add(group[photo.id])
    return Split(
        salt=salt,
        shares=shares,
        side=side,
        group=group,
        dropped=dropped,
        test_groups={label: len(groups) for label, groups in sorted(in_test.items())},
        items=tuple(item for item in items if item.photo not in gone),
    )


def leaks(items: Iterable[Item], sides: Mapping[PhotoId, Side | int]) -> list[Link]:
    """Links between the sides (or folds) of any split whatever, one per photo and kind.

    The kind ``group`` is a shared anchor. Photos without a side are left out.
    """
    photos = [photo for photo in _photos(tuple(items)) if photo.id in sides]
    ranks = [SIDES.index(on) if isinstance(on := sides[photo.id], str) else on for photo in photos]
    return [
        Link(photos[at].id, kind, photos[other].id, sides[photos[at].id], sides[photos[other].id])
        for at, kind, other in _crossings(photos, ranks, anchors=True)
    ]


def needs_kfold(split: Split, minimum: int = TEST_GROUPS_AT_LEAST) -> bool:
    """Whether some label is in too few test groups for the test side to say anything about it."""
    return min(split.test_groups.values(), default=0) < minimum


def grouped_folds(items: Iterable[Item], k: int = 5) -> Folds:
    """Every photo in one of k folds, no link between folds, labels spread as evenly as the groups allow.

    Unlike ``split`` this merges whatever is linked: folds are drawn anew for each measurement and nothing is
    published by them, so nothing is lost when a group grows, and every photo is measured once.
    Raises ValueError when there are fewer than k groups.
    """
    if k < 2:
        raise ValueError(f"Cross-validation takes at least 2 folds, not {k}.")
    photos = _photos(tuple(items))
    joined = _joined(photos)
    group = _numbered(photos, joined)
    members: defaultdict[str, list[_Photo]] = defaultdict(list)
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


def _crossings(
    photos: Sequence[_Photo], ranks: Sequence[int], anchors: bool = False
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
        for key in _keys(photo, anchors):
            first[key].setdefault(ranks[at], at)
    for at, photo in enumerate(photos):
        for key in _keys(photo, anchors):
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


def _keys(photo: _Photo, anchors: bool) -> Iterator[tuple[Kind, Hashable]]:
    """What photos share exactly when they are linked. The same file needs no perceptual hash."""
    if anchors:
        yield "group", photo.anchor
    if photo.trip_day:
        yield "trip_day", photo.trip_day
    for organism in photo.organisms:
        yield "individual", organism
    yield "near_duplicate", photo.sha256


def _joined(photos: Sequence[_Photo]) -> list[int]:
    """For every photo, one index that all photos tied to it by any chain of links have in common."""
    parent = list(range(len(photos)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    first: dict[Hashable, int] = {}
    for at, photo in enumerate(photos):
        for key in _keys(photo, anchors=True):
            parent[root(at)] = root(first.setdefault(key, at))
        if photo.phash is not None:
            parent[root(at)] = root(first.setdefault(photo.phash, at))
    hashes = sorted({photo.phash for photo in photos if photo.phash is not None})
    for i, j in near_pairs(np.array(hashes, dtype=np.uint64)):
        for one, other in zip(i.tolist(), j.tolist(), strict=True):
            parent[root(first[hashes[one]])] = root(first[hashes[other]])
    return [root(at) for at in range(len(photos))]


def _numbered(photos: Sequence[_Photo], keys: Sequence[Hashable]) -> dict[PhotoId, str]:
    """Names for groups in the order of their first photo's content, never of the rows."""
    number = {key: at for at, key in enumerate(dict.fromkeys(keys), start=1)}
    width = max(4, len(str(len(number))))
    return {photo.id: f"g{number[key]:0{width}d}" for photo, key in zip(photos, keys, strict=True)}


def _day(item: Item) -> str:
    day = item.local_day
    try:
        day = date.fromisoformat(day) if isinstance(day, str) and day else day
    except ValueError:
        raise ValueError(
            f"Observation {item.observation} has the day {day!r}, which is no ISO date."
        ) from None
    # A datetime is a date too, but with its time every photo would be an anchor of its own.
    return f"{day:%Y-%m-%d}" if day else ""


def _photos(items: tuple[Item, ...]) -> list[_Photo]:
    """One entry per photo, however many organisms it shows, in content order."""
    by_photo: defaultdict[PhotoId, list[Item]] = defaultdict(list)
    agreed: dict[tuple[str, Hashable], object] = {}
    for item in items:
        by_photo[item.photo].append(item)
        for what, key, value in (
            ("Photo", item.photo, (item.observation, item.sha256, item.phash)),
            ("Observation", item.observation, (item.observer, _day(item), item.cell, item.trip)),
            ("Occurrence", item.occurrence, (item.observation, item.label, item.organism_id)),
        ):
            if agreed.setdefault((what, key), value) != value:
                raise ValueError(f"{what} {key} is told in two ways: {agreed[what, key]} and {value}.")
    photos = [_photo(photo, its) for photo, its in by_photo.items()]
    return sorted(photos, key=lambda photo: photo.order)


def _photo(photo: PhotoId, items: Sequence[Item]) -> _Photo:
    if len({item.occurrence for item in items}) < len(items):
        raise ValueError(f"Photo {photo} comes twice with the same occurrence.")
    item, day = items[0], _day(items[0])
    if not item.sha256:
        raise ValueError(f"Photo {photo} has no sha256.")
    try:
        phash = int(item.phash, 16) if item.phash else None
    except ValueError:
        phash = -1
    if phash is not None and not (0 <= phash < 1 << 64 and len(item.phash or "") == 16):
        raise ValueError(f"Photo {photo} has the perceptual hash {item.phash!r}; it takes 16 hex digits.")
    return _Photo(
        id=photo,
        sha256=item.sha256,
        anchor=anchor(item),
        trip_day=(str(item.trip), day) if item.trip not in (None, "") and day else None,
        phash=phash,
        organisms=frozenset(item.organism_id for item in items if item.organism_id),
        labels=frozenset(item.label for item in items),
    )
