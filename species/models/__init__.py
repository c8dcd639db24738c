from species.models.allowances import Allowance
from species.models.listing import Listing
from species.models.observations import (
    Observation,
    PlaceRule,
    PlaceSource,
    Privacy,
    Shown,
    State,
    TimeSource,
    in_box,
    observation_visible_to,
)
from species.models.occurrences import (
    NEVER,
    Measurement,
    Occurrence,
    OccurrencePhoto,
    OccurrenceQuerySet,
    Status,
)
from species.models.photos import Consent, ImportBatch, Photo, PhotoQuerySet, Purpose, photo_visible_to
from species.models.places import Place, Trip
from species.models.tallies import Tally
from species.models.taxa import Rank, Taxon, titled
from species.models.taxa_version import TaxaVersion

__all__ = [
    "NEVER",
    "Allowance",
    "Consent",
    "ImportBatch",
    "Listing",
    "Measurement",
    "Observation",
    "Occurrence",
    "OccurrencePhoto",
    "OccurrenceQuerySet",
    "Photo",
    "PhotoQuerySet",
    "Place",
    "PlaceRule",
    "PlaceSource",
    "Privacy",
    "Purpose",
    "Rank",
    "Shown",
    "State",
    "Status",
    "Tally",
    "TaxaVersion",
    "Taxon",
    "TimeSource",
    "Trip",
    "in_box",
    "observation_visible_to",
    "photo_visible_to",
    "titled",
]
