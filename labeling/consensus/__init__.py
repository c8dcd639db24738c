"""What people's identifications of one organism add up to: pure functions of votes, tree and reliability.

``votes`` go in, ``community`` counts them on every taxon, ``decision`` reaches the verdict, ``explanation``
says how.
"""

from labeling.consensus.community import Stance, Tally, stance, tally
from labeling.consensus.decision import Outcome, decide
from labeling.consensus.explanation import Counts, Explanation, Kin, Reason, Status, Unreadable
from labeling.consensus.votes import PLAIN, Reliability, Ruling, Vote

__all__ = [
    "PLAIN",
    "Counts",
    "Explanation",
    "Kin",
    "Outcome",
    "Reason",
    "Reliability",
    "Ruling",
    "Stance",
    "Status",
    "Tally",
    "Unreadable",
    "Vote",
    "decide",
    "stance",
    "tally",
]
