"""The tree, photos and sightings, as staff look after them."""

from species.admin import (
    allowances,
    cells,
    deletions,
    edits,
    import_batches,
    listing,
    observations,
    occurrences,
    photos,
    places,
    tallies,
    taxa,
    taxon_changes,
    trips,
    uploads,
)

__all__ = [
    "allowances",
    "cells",
    "deletions",
    "edits",
    "import_batches",
    "listing",
    "observations",
    "occurrences",
    "photos",
    "places",
    "tallies",
    "taxa",
    "taxon_changes",
    "trips",
    "uploads",
]
