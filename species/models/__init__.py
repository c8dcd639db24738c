from species.models.allowances import Allowance
from species.models.observations import Observation, PlaceRule, PlaceSource, Privacy, Shown, State, TimeSource
from species.models.occurrences import Measurement, Occurrence, OccurrencePhoto, Status
from species.models.photos import Consent, ImportBatch, Photo, Purpose
from species.models.places import Place, Trip
from species.models.taxa import Rank, Taxon, titled

__all__ = [
    "Allowance",
    "Consent",
    "ImportBatch",
    "Measurement",
    "Observation",
    "Occurrence",
    "OccurrencePhoto",
    "Photo",
    "Place",
    "PlaceRule",
    "PlaceSource",
    "Privacy",
    "Purpose",
    "Rank",
    "Shown",
    "State",
    "Status",
    "Taxon",
    "TimeSource",
    "Trip",
    "titled",
]
