from accounts.models import Privacy, Surroundings, TimePrecision
from species.models.allowances import Allowance
from species.models.cells import CellTally
from species.models.deletions import Deletion
from species.models.edits import Edit, PlaceEdit, TaxonEdit
from species.models.import_batches import BatchWithdrawal, ImportBatch
from species.models.listing import Listing
from species.models.observations import (
    Observation,
    PlaceRule,
    PlaceSource,
    Shown,
    State,
    TimeSource,
    in_box,
    in_days,
    meeting_days,
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
from species.models.photos import Consent, Photo, PhotoQuerySet, Purpose, photo_visible_to
from species.models.places import Place
from species.models.tallies import Tally
from species.models.taxa import MARK_LENGTH, Rank, Taxon, titled
from species.models.taxa_version import TaxaVersion
from species.models.taxon_changes import ChangedTaxon, TaxonChange
from species.models.trips import Trip, TripEdit, TripPerson, trip_visible_to
from species.models.uploads import Upload
from species.models.words import NoteWords, PersonWords, PlaceWords, Words

__all__ = [
    "MARK_LENGTH",
    "NEVER",
    "Allowance",
    "BatchWithdrawal",
    "CellTally",
    "ChangedTaxon",
    "Consent",
    "Deletion",
    "Edit",
    "ImportBatch",
    "Listing",
    "Measurement",
    "NoteWords",
    "Observation",
    "Occurrence",
    "OccurrencePhoto",
    "OccurrenceQuerySet",
    "PersonWords",
    "Photo",
    "PhotoQuerySet",
    "Place",
    "PlaceEdit",
    "PlaceRule",
    "PlaceSource",
    "PlaceWords",
    "Privacy",
    "Purpose",
    "Rank",
    "Shown",
    "State",
    "Status",
    "Tally",
    "TaxaVersion",
    "Taxon",
    "TaxonChange",
    "TaxonEdit",
    "Surroundings",
    "TimePrecision",
    "TimeSource",
    "Trip",
    "TripEdit",
    "TripPerson",
    "Upload",
    "Words",
    "in_box",
    "in_days",
    "meeting_days",
    "observation_visible_to",
    "photo_visible_to",
    "titled",
    "trip_visible_to",
]
