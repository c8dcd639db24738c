"""A small collection to import, and what an import comes to."""

from accounts.models import User
from labeling.imports.run import import_collection
from labeling.models import Identification, Ruling
from species.models import (
    Consent,
    ImportBatch,
    Measurement,
    Observation,
    Occurrence,
    Photo,
)

COLUMNS = "file,observation_id,scientific_name,observed_at,length_mm"


def take(path, by, **more):
    given = {"source": "cameras", "licence": "MIT", "consents": ["show", "research"], "credit": "© K"} | more
    return import_collection(path=path, by=by, **given)


def rows_there():
    """Everything an import writes, without the clock."""
    return {
        "photos": sorted(Photo.objects.values_list("id", "sha256", "observation", "position")),
        "observations": sorted(Observation.objects.values_list("id", "state", "observed_at", "local_date")),
        "occurrences": sorted(Occurrence.objects.values_list("id", "status", "agreed_taxon__label")),
        "opinions": sorted(Identification.objects.values_list("occurrence", "taxon__label", "withdrawn_at")),
        "lengths": sorted(Measurement.objects.values_list("occurrence", "value")),
        "consents": sorted(Consent.objects.values_list("photo", "purpose", "granted")),
        "rulings": Ruling.objects.count(),
        "batches": ImportBatch.objects.count(),
        "accounts": User.objects.filter(is_source=True).count(),
    }
