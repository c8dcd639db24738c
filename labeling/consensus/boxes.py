"""Where people agree that an organism is: one rectangle out of those that they drew, in any order."""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import NamedTuple

#: How much of what two rectangles cover together both must cover, for their people to have meant the same.
SAME = 0.5
#: One person's rectangle is theirs; it takes another's for an agreed one, and half of those who drew.
FEWEST = 2


class Rectangle(NamedTuple):
    """Fractions 0-1 of the upright image, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x, self.y, self.x + self.width, self.y + self.height


class Agreed(NamedTuple):
    """``people``: whose rectangles it is the middle of. ``spread``: how far their edges lie from its own on average, in
    fractions of its width and height."""

    rectangle: Rectangle
    people: int
    spread: float


def overlap(one: Rectangle, other: Rectangle) -> float:
    """What both cover, of what either covers: 0 apart, 1 the same."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (one.width * one.height + other.width * other.height - both)


def agreed(drawn: Iterable[Rectangle]) -> Agreed | None:
    """The middle of what most people drew alike, one rectangle each; None where fewer than two did, or than half.

    A group is grown from each rectangle, the nearest to it first, of those that lie alike with every one in it. The
    largest counts, then the closest together. Grown, and not the largest of all possible groups: to look for that
    takes longer with each person without end.

    Each edge is the weighted median of theirs. A rectangle weighs as much as it overlaps with the others of the group:
    who drew twice too large moves an edge less than who drew as the rest did.
    """
    rectangles = sorted(drawn)
    groups = [_grown(rectangles, seed) for seed in rectangles]
    best = max(groups, key=lambda group: (len(group), _closeness(group), group), default=[])
    if len(best) < max(FEWEST, -(-len(rectangles) // 2)):
        return None
    weights = [fsum(overlap(one, other) for other in best) - 1 for one in best]
    left, top, right, bottom = (
        _median(values, weights) for values in zip(*(each.edges for each in best), strict=True)
    )
    middle = Rectangle(left, top, min(right - left, 1 - left), min(bottom - top, 1 - top))
    return Agreed(middle, len(best), spread(middle, best))


def spread(middle: Rectangle, drawn: Sequence[Rectangle]) -> float:
    """How far edges lie from those of ``middle`` on average, in fractions of its width and height."""
    size = (middle.width, middle.height, middle.width, middle.height)
    apart = [
        abs(edge - own) / side
        for each in drawn
        for edge, own, side in zip(each.edges, middle.edges, size, strict=True)
    ]
    return fsum(apart) / len(apart) if apart else 0.0


def _median(values: Sequence[float], weights: Sequence[float]) -> float:
    """Where half of the weight lies on either side; between two where it does at neither."""
    order = sorted(zip(values, weights, strict=True))
    half, passed = fsum(weights) / 2, 0.0
    for at, (value, weight) in enumerate(order):
        passed += weight
        if abs(passed - half) <= 1e-9 and at + 1 < len(order):
            return (value + order[at + 1][0]) / 2
        if passed > half:
            return value
    return order[-1][0]


def _grown(rectangles: Sequence[Rectangle], seed: Rectangle) -> list[Rectangle]:
    group: list[Rectangle] = []
    for each in sorted(rectangles, key=lambda each: (-overlap(seed, each), each)):
        if all(overlap(each, member) >= SAME for member in [seed, *group]):
            group.append(each)
    return sorted(group)


def _closeness(group: Sequence[Rectangle]) -> float:
    return sum(overlap(one, other) for one in group for other in group)
