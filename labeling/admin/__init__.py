"""What staff look at and act on. What people said and what follows from it is read-only: actions write it."""

from labeling.admin import (
    boxes,
    drafts,
    flags,
    identifications,
    passes,
    reliability,
    rulings,
    suggestions,
    verdicts,
)

__all__ = [
    "boxes",
    "drafts",
    "flags",
    "identifications",
    "passes",
    "reliability",
    "rulings",
    "suggestions",
    "verdicts",
]
