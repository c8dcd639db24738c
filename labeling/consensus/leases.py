"""How many people may be asked about one organism at once: as many as more names would be of use. Pure."""

from __future__ import annotations

from labeling.consensus.community import PEOPLE_AT_LEAST
from labeling.consensus.explanation import Explanation

#: However far it is from being settled: what three more say tells whether a fourth is needed.
MOST = 3


def useful(explanation: Explanation | None) -> int:
    """How many more names would settle the one that is nearest, 1 to ``MOST``; as many as a first agreement takes where
    no name is nearest, or nothing is known."""
    needed = explanation.needed if explanation else None
    return min(max(needed or PEOPLE_AT_LEAST, 1), MOST)


def places(explanation: Explanation | None, leased: int) -> int:
    """How many more may be asked while so many are."""
    return max(0, useful(explanation) - leased)
