"""What lists can be asked for. Explore's page and `/api/v1/occurrences` have the same filters."""

from labeling.filters.occurrences import (
    OF_PHOTOS,
    SEVERAL,
    CellsFilter,
    OccurrenceFilter,
    VerifiedFilter,
    WaitingFilter,
    query_of,
)
from labeling.filters.said import (
    AllBoxedFilter,
    CommentFilter,
    DrawnFilter,
    FieldMarkFilter,
    FlagFilter,
    IdentificationFilter,
    PassFilter,
    ReportFilter,
    RulingFilter,
    SaidFilter,
    SuggestionFilter,
    SuspensionFilter,
)

__all__ = [
    "OF_PHOTOS",
    "SEVERAL",
    "AllBoxedFilter",
    "CellsFilter",
    "CommentFilter",
    "DrawnFilter",
    "FieldMarkFilter",
    "FlagFilter",
    "IdentificationFilter",
    "OccurrenceFilter",
    "PassFilter",
    "ReportFilter",
    "RulingFilter",
    "SaidFilter",
    "SuggestionFilter",
    "SuspensionFilter",
    "VerifiedFilter",
    "WaitingFilter",
    "query_of",
]
