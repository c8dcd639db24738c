"""Where people agree that an organism is: one rectangle out of those that they drew, in any order."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

#: How much of what two rectangles cover together both must cover, for their people to have meant the same.
SAME = 0.5
#: One person's rectangle is theirs; it takes another's for an agreed one.
FEWEST = 2


class Rectangle(NamedTuple):
    """Fractions 0-1 of the upright image, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def overlap(one: Rectangle, other: Rectangle) -> float:
    """What both cover, of what either covers: 0 apart, 1 the same."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (one.width * one.height + other.width * other.height - both)


def agreed(drawn: Iterable[Rectangle]) -> Rectangle | None:
    """The middle of what most people drew alike, one rectangle each; None where no two did.

    A group is grown from each rectangle, the nearest to it first, of those that lie alike with every one in it. The
    largest counts, then the closest together. Grown, and not the largest of all possible groups: to look for that
    takes longer with each person without end.
    """
    rectangles = sorted(drawn)
    groups = [_grown(rectangles, seed) for seed in rectangles]
    best = max(groups, key=lambda group: (len(group), _closeness(group), group), default=[])
    if len(best) < FEWEST:
        return None
    left, top = median(each.x for each in best), median(each.y for each in best)
    right = median(each.x + each.width for each in best)
    bottom = median(each.y + each.height for each in best)
    return Rectangle(left, top, min(right - left, 1 - left), min(bottom - top, 1 - top))


def _grown(rectangles: Sequence[Rectangle], seed: Rectangle) -> list[Rectangle]:
    group: list[Rectangle] = []
    for each in sorted(rectangles, key=lambda each: (-overlap(seed, each), each)):
        if all(overlap(each, member) >= SAME for member in [seed, *group]):
            group.append(each)
    return sorted(group)


def _closeness(group: Sequence[Rectangle]) -> float:
    return sum(overlap(one, other) for one in group for other in group)
