"""How far people say the same, in the measures of the field, each with an interval; never of one person.

alpha: Krippendorff's, for names (nominal data) by any number of people with gaps: K. Krippendorff (2011), Computing
Krippendorff's Alpha-Reliability. kappa: Cohen's (1960), for pairs. wilson: E. B. Wilson (1927), as in R. G. Newcombe
(1998). 1 is agreement, 0 what chance alone would give.
"""

import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from math import ceil, sqrt
from typing import NamedTuple, TypeVar

Unit = Sequence[Hashable]  # what several people called one thing
Item = TypeVar("Item")
Z = 1.959964  # of 95 %
DRAWN, TIMES = 4000, 200  # units of one sample, and how many samples an interval is read from


class Figure(NamedTuple):
    """value: None where it says nothing, with too few; low, high: of 95 %; of: how many it was read from."""

    value: float | None
    low: float | None
    high: float | None
    of: int

    def to_json(self) -> dict[str, float | int | None]:
        said: dict[str, float | int | None] = {"count": self.of}
        for name, each in (("value", self.value), ("low", self.low), ("high", self.high)):
            said[name] = None if each is None else round(each, 4)
        return said


def alpha(units: Sequence[Unit]) -> float | None:
    """None where fewer than two units were named twice, or all names are one: then chance explains everything."""
    totals: Counter[Hashable] = Counter()
    disagreeing = 0.0
    pairable = 0
    for unit in units:
        said = len(unit)
        if said < 2:
            continue
        counts = Counter(unit)
        totals.update(counts)
        pairable += said
        same = sum(count * (count - 1) for count in counts.values())
        disagreeing += (said * (said - 1) - same) / (said - 1)
    by_chance = pairable * (pairable - 1) - sum(count * (count - 1) for count in totals.values())
    if not by_chance:
        return None
    return 1 - (pairable - 1) * disagreeing / by_chance


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """None where there are none, or both sides always say the same one name."""
    total = len(pairs)
    if not total:
        return None
    same = sum(a == b for a, b in pairs) / total
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(count * second[name] for name, count in first.items()) / total**2
    return None if by_chance == 1 else (same - by_chance) / (1 - by_chance)


def wilson(right: int, total: int) -> Figure:
    """A share with its interval."""
    if not total:
        return Figure(None, None, None, 0)
    share = right / total
    middle = share + Z**2 / (2 * total)
    half = Z * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    whole = 1 + Z**2 / total
    return Figure(share, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole), total)


def bootstrapped(items: Sequence[Item], measure: Callable[[Sequence[Item]], float | None]) -> Figure:
    """A measure with its interval, read from samples of the items; the same items give the same interval.

    Beyond `DRAWN` items samples are smaller than what is measured, and the interval is drawn in accordingly.
    """
    value = measure(items)
    if value is None:
        return Figure(None, None, None, len(items))
    chance = random.Random(len(items))
    size = min(len(items), DRAWN)
    found = sorted(
        each for each in (measure(chance.choices(items, k=size)) for _ in range(TIMES)) if each is not None
    )
    if not found:
        return Figure(value, None, None, len(items))
    narrower = sqrt(size / len(items))
    low, high = found[int(0.025 * (len(found) - 1))], found[ceil(0.975 * (len(found) - 1))]
    return Figure(value, value - (value - low) * narrower, value + (high - value) * narrower, len(items))


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that this share of all is at or below."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
