from species.models.observations import Observation, PlaceSource, Privacy, State
from species.models.occurrences import Measurement, Occurrence, OccurrencePhoto, Status
from species.models.photos import Consent, ImportBatch, Photo, Purpose
from species.models.places import Place, Trip
from species.models.taxa import Rank, Taxon, titled
from species.models.taxa_version import TaxaVersion

__all__ = [
    "Consent",
    "ImportBatch",
    "Measurement",
    "Observation",
    "Occurrence",
    "OccurrencePhoto",
    "Photo",
    "Place",
    "PlaceSource",
    "Privacy",
    "Purpose",
    "Rank",
    "State",
    "Status",
    "TaxaVersion",
    "Taxon",
    "Trip",
    "titled",
]
