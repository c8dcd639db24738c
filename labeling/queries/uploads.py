"""One's own drafts and sightings."""

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
)

from accounts.models import User
from labeling.models import Identification
from species.models import (
    Consent,
    Observation,
    Occurrence,
    Photo,
)

# --- one's own --------------------------------------------------------------------------------------------


def drafts(person: User) -> QuerySet[Observation]:
    """With their photos, the consents on them, and what their owner says already; those without photos are
    left out. Oldest first.
    """
    photos = Photo.objects.order_by("position", "created", "id").prefetch_related(_standing_consents())
    return (
        Observation.objects.drafts_of(person)
        .filter(Exists(Photo.objects.filter(observation=OuterRef("pk"))))
        .select_related("place")
        .prefetch_related(
            Prefetch("photos", photos),
            Prefetch(
                "occurrences",
                Occurrence.objects.order_by("created", "id").prefetch_related(
                    "measurements",
                    Prefetch(
                        "identifications",
                        Identification.objects.filter(person=person, withdrawn_at=None).select_related(
                            "taxon"
                        ),
                        to_attr="own_words",
                    ),
                ),
            ),
        )
        .order_by("created", "id")
    )


def uploads(person: User) -> QuerySet[Observation]:
    """One's published sightings, newest first, with photos, consents and verdicts."""
    photos = Photo.objects.order_by("position", "created", "id").prefetch_related(_standing_consents())
    occurrences = Occurrence.objects.order_by("created", "id").select_related("agreed_taxon", "verdict")
    return (
        Observation.objects.published()
        .filter(observer=person)
        .select_related("place")
        .prefetch_related(Prefetch("photos", photos), Prefetch("occurrences", occurrences))
        .order_by("-created", "-id")
    )


def _standing_consents() -> "Prefetch[str]":
    return Prefetch("consents", Consent.objects.filter(superseded_at=None), to_attr="standing")
