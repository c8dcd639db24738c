"""What waits for a name, and what it probably is."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from labeling.models import Identification, Suggestion
from labeling.queries.gallery import gallery, with_photos
from species.models import (
    Observation,
    Occurrence,
    Photo,
    Status,
    Taxon,
)

LIKELY = 9


# --- what a person may want to call it --------------------------------------------------------------------


@dataclass(frozen=True)
class Likely:
    """A name that may be meant, a verified photo of it, and how often it was verified around the place."""

    taxon: Taxon
    photo: Photo | None
    here: int


def likely(observation: Observation | None = None, limit: int = LIKELY) -> list[Likely]:
    """Names most often verified, those around the same public place first, each with a verified photo.

    What everybody may see of them counts: a number is no way to learn of a hidden sighting. Three queries.
    Models have no say in it: it stands beside a covered opinion.
    """
    cell = observation.public_h3_3 if observation is not None else ""
    here = Count("pk", filter=Q(observation__public_h3_3=cell)) if cell else Value(0)
    shown = Photo.objects.shown().filter(
        occurrence_photos__occurrence__agreed_taxon=OuterRef("agreed_taxon"),
        occurrence_photos__occurrence__status=Status.VERIFIED,
    )
    rows = list(
        Occurrence.objects.published()
        .verified()
        .filter(with_photos(Photo.objects.shown()))
        .order_by()
        .values("agreed_taxon")
        .annotate(here=here, everywhere=Count("pk"))
        .annotate(photo=Subquery(shown.order_by("created", "id").values("pk")[:1]))
        .order_by("-here", "-everywhere", "agreed_taxon")[:limit]
    )
    taxa = Taxon.objects.in_bulk([row["agreed_taxon"] for row in rows])
    photos = Photo.objects.in_bulk([row["photo"] for row in rows if row["photo"]])
    return [Likely(taxa[row["agreed_taxon"]], photos.get(row["photo"]), row["here"]) for row in rows]


def rivals(occurrence: Occurrence, person: User) -> list[Taxon]:
    """What others say of it now, which one can say it is not. One query."""
    said = Identification.objects.filter(occurrence=occurrence, withdrawn_at=None).exclude(person=person)
    return list({each.taxon_id: each.taxon for each in said.select_related("taxon")}.values())


# --- the queue --------------------------------------------------------------------------------------------


def queue(person: User, passed: Iterable[UUID] = ()) -> QuerySet[Occurrence]:
    """What needs `person`: not theirs, not named by them, not passed over; what models are least sure of
    first, then what people looked at longest ago.
    """
    said = Identification.objects.filter(occurrence=OuterRef("pk"), withdrawn_at=None)
    doubts = (
        Suggestion.objects.filter(photo__occurrence_photos__occurrence=OuterRef("pk"), region=None)
        .order_by()
        .values("photo__occurrence_photos__occurrence")
        .annotate(most=Max("uncertainty"))
    )
    last = said.order_by("-created").values("created")[:1]
    return (
        gallery(person)
        .filter(status__in=[Status.NEEDS_ID, Status.DISPUTED])
        .exclude(observation__observer=person)
        .exclude(pk__in=list(passed))
        .filter(~Exists(said.filter(person=person)))
        # What no model has seen is as uncertain as can be.
        .annotate(
            doubt=Coalesce(Subquery(doubts.values("most"), output_field=FloatField()), 1.0),
            last_said=Subquery(last),
        )
        .order_by("-doubt", F("last_said").asc(nulls_first=True), "created", "id")
    )


def named_today(person: User) -> int:
    """How many occurrences they have named since midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Identification.objects.filter(person=person, withdrawn_at=None, created__gte=midnight).count()
