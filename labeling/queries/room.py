"""What waits for a name, and what it probably is."""

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
from labeling.models import Flag, Identification, Pass, Suggestion
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


WAITING = (Status.NEEDS_ID, Status.DISPUTED)


def askable(person: User) -> QuerySet[Occurrence]:
    """What `person` may say something of in the labeling room, whether or not it still waits for a name."""
    return gallery(person).exclude(observation__observer=person)


def queue(person: User) -> QuerySet[Occurrence]:
    """What needs `person`: not theirs, neither named nor passed over by them, nor said to show nothing; what
    models are least sure of first, then what people looked at longest ago.
    """
    passed = Pass.objects.standing().filter(occurrence=OuterRef("pk"), person=person)
    # A reviewer who found the flag mistaken does not make its person look again.
    flagged = Flag.objects.filter(
        Q(resolved_at=None) | ~Q(resolved_by=person),
        photo__occurrence_photos__occurrence=OuterRef("pk"),
        kind=Flag.Kind.NOT_SUBJECT,
        by=person,
    )
    said = Identification.objects.filter(occurrence=OuterRef("pk"), withdrawn_at=None)
    doubts = (
        Suggestion.objects.filter(photo__occurrence_photos__occurrence=OuterRef("pk"), region=None)
        .order_by()
        .values("photo__occurrence_photos__occurrence")
        .annotate(most=Max("uncertainty"))
    )
    last = said.order_by("-created").values("created")[:1]
    return (
        askable(person)
        .filter(status__in=WAITING)
        .filter(~Exists(said.filter(person=person)), ~Exists(passed), ~Exists(flagged))
        # What no model has seen is as uncertain as can be.
        .annotate(
            doubt=Coalesce(Subquery(doubts.values("most"), output_field=FloatField()), 1.0),
            last_said=Subquery(last),
        )
        .order_by("-doubt", F("last_said").asc(nulls_first=True), "created", "id")
    )


def skipped(person: User) -> int:
    """How many they would be asked about, had they not skipped them."""
    return Pass.objects.standing().filter(person=person, kind=Pass.Kind.SKIP).count()


def own_word(occurrence: Occurrence, person: User) -> Identification | None:
    """What they say of it now."""
    mine = Identification.objects.filter(occurrence=occurrence, person=person, withdrawn_at=None)
    return mine.select_related("taxon").first()


def act(person: User, kind: str, id: UUID | None) -> Identification | Pass | Flag | None:
    """Something that `person` did in the labeling room, whether or not they took it back since."""
    if id is None:
        return None
    if kind == "name":
        return (
            Identification.objects.select_related("taxon", "disagrees_with")
            .filter(person=person, pk=id)
            .first()
        )
    if kind == "pass":
        return Pass.objects.filter(person=person, pk=id).first()
    if kind == "flag":
        return Flag.objects.filter(by=person, kind=Flag.Kind.NOT_SUBJECT, pk=id).first()
    return None


def named_today(person: User) -> int:
    """How many occurrences they have named since midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Identification.objects.filter(person=person, withdrawn_at=None, created__gte=midnight).count()
