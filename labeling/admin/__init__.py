"""What staff look at and act on. What people said and what follows from it is read-only: actions write it."""

from labeling.admin import (
    all_boxed,
    boxes,
    campaigns,
    comments,
    drafts,
    field_marks,
    flags,
    identifications,
    passes,
    portraits,
    reliability,
    rulings,
    sets,
    suggestions,
    threads,
    verdicts,
)

__all__ = [
    "all_boxed",
    "boxes",
    "campaigns",
    "comments",
    "drafts",
    "field_marks",
    "flags",
    "identifications",
    "passes",
    "portraits",
    "reliability",
    "rulings",
    "sets",
    "suggestions",
    "threads",
    "verdicts",
]
