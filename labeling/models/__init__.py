"""What people say about occurrences, what follows from it, and what models suggest."""

from labeling.models.boxes import Box, Region
from labeling.models.drafts import DraftWords
from labeling.models.flags import Flag
from labeling.models.identifications import Identification
from labeling.models.passes import Pass
from labeling.models.reliability import Reliability
from labeling.models.rulings import Ruling
from labeling.models.suggestions import DIGEST, ShownSuggestion, Suggestion, digest
from labeling.models.verdicts import Verdict

__all__ = [
    "DIGEST",
    "Box",
    "DraftWords",
    "Flag",
    "Identification",
    "Pass",
    "Region",
    "Reliability",
    "Ruling",
    "ShownSuggestion",
    "Suggestion",
    "Verdict",
    "digest",
]
