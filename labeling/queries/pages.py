"""What the pages of labeling ask: one function per list, each with a bounded number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.models import Box, Identification, Region, Ruling, Suggestion, Verdict
from species import access
from species.models import (
    Consent,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Rank,
    Shown,
    Status,
    Taxon,
)
from species.queries import taxa as taxon_queries
from species.tree import Tree

LIKELY = 9


# --- gallery ----------------------------------------------------------------------------------------------


def gallery(person) -> QuerySet[Occurrence]:
    """Published organisms of which `person` may see a photo, newest first."""
    return (
        Occurrence.objects.published()
        .filter(_with_photos(Photo.objects.visible_to(person)))
        .order_by("-created", "-id")
    )


def _with_photos(photos: QuerySet[Photo]) -> Exists:
    """Whether an occurrence is in one of `photos`."""
    return Exists(OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"), photo__in=photos))


def of_taxa(taxa: Iterable[UUID]) -> Q:
    """Agreed to be one of these; while nothing is agreed, said to be one."""
    taxa = list(taxa)
    said = Identification.objects.filter(occurrence=OuterRef("pk"), withdrawn_at=None, taxon__in=taxa)
    return Q(agreed_taxon__in=taxa) | (Q(agreed_taxon=None) & Exists(said))


def inside(found: Iterable[Taxon]) -> set[UUID]:
    """These taxa with everything under them."""
    found = list(found)
    if not found:
        return set()
    tree = taxon_queries.tree()
    below = {UUID(id) for each in found for id in tree.descendants(str(each.pk))}
    accepted = below | {UUID(tree.accepted(str(each.pk))) for each in found}
    synonyms = Taxon.objects.filter(synonym_of__in=accepted).order_by().values_list("id", flat=True)
    return accepted | set(synonyms)


def named_place(text: str) -> Q:
    """In a place of this name, where that name is public (see `panels.names_nothing_hidden`)."""
    exact = Q(observation__place_shown=Shown.EXACT)
    rough = Q(observation__place_shown=Shown.GENERALIZED)
    wide = Q(observation__place__uncertainty_m__gte=F("observation__public_uncertainty_m"))
    return Q(observation__place__name__icontains=text) & (exact | rough & wide)


def by_whom(text: str) -> Q:
    """By the id of a person, or a part of their name."""
    try:
        return Q(observation__observer=UUID(text))
    except ValueError:
        return Q(observation__observer__display_name__icontains=text)


def search(text: str) -> Q:
    """What the search box means: a name, a place or a person."""
    taxa = inside(taxon_queries.search(text))
    found = named_place(text) | by_whom(text)
    return found | of_taxa(taxa) if taxa else found


def in_months(months: Iterable[int]) -> Q:
    return Q(observation__local_date__month__in=list(months))


def between(since: date | None, until: date | None) -> Q:
    found = Q()
    if since:
        found &= Q(observation__local_date__gte=since)
    if until:
        found &= Q(observation__local_date__lte=until)
    return found


def in_box(bbox: tuple[float, float, float, float]) -> Q:
    """By the public place alone, like every public filter."""
    return Q(observation__in=Observation.objects.in_bbox(*bbox))


@dataclass(frozen=True)
class Summary:
    """Counts of some occurrences, and how many names are verified among them."""

    by_status: dict[str, int]
    species: int
    hybrids: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def summary(occurrences: QuerySet[Occurrence]) -> Summary:
    """One query."""
    hybrid = Q(agreed_taxon__rank=Rank.HYBRID)
    species = Q(agreed_taxon__rank__in=[Rank.SPECIES, Rank.SUBSPECIES, Rank.FORM])
    verified = Q(status=Status.VERIFIED)
    counts = occurrences.order_by().aggregate(
        species=Count("agreed_taxon", distinct=True, filter=species & verified),
        hybrids=Count("agreed_taxon", distinct=True, filter=hybrid & verified),
        **{status: Count("pk", filter=Q(status=status)) for status in Status.values},
    )
    return Summary({status: counts[status] for status in Status.values}, counts["species"], counts["hybrids"])


# --- one sighting -----------------------------------------------------------------------------------------


def observation_of(id: UUID, person) -> Observation | None:
    """The sighting, if `person` may see it: by what is shown, or by a grant."""
    rows = Observation.objects.select_related("observer", "place", "batch").filter(pk=id)
    found = rows.visible_to(person).first()
    if found is not None:
        return found
    hidden = rows.published().first()
    return hidden if hidden is not None and access.can_see_exact_place(person, hidden) else None


@dataclass
class ObservationPage:
    """Everything a sighting's page is made of, read in a number of queries that its size does not change."""

    observation: Observation
    photos: list[Photo]
    occurrences: list[Occurrence]
    verdicts: dict[UUID, Verdict]
    identifications: dict[UUID, list[Identification]]
    rulings: dict[UUID, list[Ruling]]
    suggestions: dict[UUID, list[Suggestion]]
    frames: dict[UUID, list[tuple[UUID, Box | Region]]]
    tree: Tree
    exact: bool


def observation_page(observation: Observation, person) -> ObservationPage:
    exact = access.can_see_exact_place(person, observation)
    photos = observation.photos.all() if exact else observation.photos.visible_to(person)
    photos = list(photos.order_by("position", "created", "id"))
    occurrences = list(
        observation.occurrences.select_related("agreed_taxon").prefetch_related(
            "measurements",
            Prefetch("occurrence_photos", OccurrencePhoto.objects.order_by("photo__position", "photo_id")),
        )
    )
    for each in occurrences:
        each.observation = observation
    ids = [each.pk for each in occurrences]
    people = Identification.objects.filter(occurrence__in=ids).select_related(
        "person", "taxon", "disagrees_with"
    )
    identifications = _grouped(people.order_by("created", "id"))
    verdicts = Verdict.objects.in_bulk(ids)
    return ObservationPage(
        observation=observation,
        photos=photos,
        occurrences=occurrences,
        verdicts=verdicts,
        identifications=identifications,
        rulings=_rulings(ids, identifications),
        suggestions=_suggestions(photos),
        frames=_frames(ids, photos),
        tree=taxon_queries.tree(),
        exact=exact,
    )


def _grouped(rows) -> dict[UUID, list]:
    found: dict[UUID, list] = {}
    for row in rows:
        found.setdefault(row.occurrence_id, []).append(row)
    return found


def _rulings(occurrences: list[UUID], said: dict[UUID, list[Identification]]) -> dict[UUID, list[Ruling]]:
    """Those on each, with the standing trust in sources that named it."""
    sources = {
        each.person_id: None
        for rows in said.values()
        for each in rows
        if each.person.is_source and each.withdrawn_at is None
    }
    about = Q(occurrence__in=occurrences) | Q(source__in=list(sources), withdrawn_at=None)
    rows = Ruling.objects.filter(about).select_related("reviewer", "taxon").order_by("created", "id")
    found: dict[UUID, list[Ruling]] = {}
    for row in rows:
        if row.occurrence_id is not None:
            found.setdefault(row.occurrence_id, []).append(row)
            continue
        for occurrence, identifications in said.items():
            if any(each.person_id == row.source_id and not each.withdrawn_at for each in identifications):
                found.setdefault(occurrence, []).append(row)
    return found


def _suggestions(photos: list[Photo]) -> dict[UUID, list[Suggestion]]:
    """Of each photo as a whole, the newest first."""
    found: dict[UUID, list[Suggestion]] = {}
    rows = Suggestion.objects.filter(photo__in=photos, region=None).select_related("taxon")
    for row in rows.order_by("-created", "-id"):
        found.setdefault(row.photo_id, []).append(row)
    return found


def _frames(occurrences: list[UUID], photos: list[Photo]) -> dict[UUID, list[tuple[UUID, Box | Region]]]:
    """Photo to (occurrence, rectangle): the agreed one, and where there is none, the last that stands."""
    chosen: dict[tuple[UUID, UUID], Box | Region] = {}
    boxes = Box.objects.filter(occurrence__in=occurrences, photo__in=photos, withdrawn_at=None)
    regions = Region.objects.filter(occurrence__in=occurrences, photo__in=photos)
    for row in [*boxes.order_by("created", "id"), *regions.order_by("created", "id")]:
        chosen[row.photo_id, row.occurrence_id] = row
    found: dict[UUID, list[tuple[UUID, Box | Region]]] = {}
    for (photo, occurrence), row in chosen.items():
        found.setdefault(photo, []).append((occurrence, row))
    return found


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
        .filter(_with_photos(Photo.objects.shown()))
        .order_by()
        .values("agreed_taxon")
        .annotate(here=here, everywhere=Count("pk"))
        .annotate(photo=Subquery(shown.order_by("created", "id").values("pk")[:1]))
        .order_by("-here", "-everywhere", "agreed_taxon")[:limit]
    )
    taxa = Taxon.objects.in_bulk([row["agreed_taxon"] for row in rows])
    photos = Photo.objects.in_bulk([row["photo"] for row in rows if row["photo"]])
    return [Likely(taxa[row["agreed_taxon"]], photos.get(row["photo"]), row["here"]) for row in rows]


def rivals(occurrence: Occurrence, person) -> list[Taxon]:
    """What others say of it now, which one can say it is not. One query."""
    said = Identification.objects.filter(occurrence=occurrence, withdrawn_at=None).exclude(person=person)
    return list({each.taxon_id: each.taxon for each in said.select_related("taxon")}.values())


def every_name() -> list[Taxon]:
    """Accepted taxa, for the list under a field where any name may be typed. One query."""
    return list(Taxon.objects.accepted().order_by("scientific_name"))


# --- the queue --------------------------------------------------------------------------------------------


def queue(person, passed: Iterable[UUID] = ()) -> QuerySet[Occurrence]:
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


def named_today(person) -> int:
    """How many occurrences they have named since midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Identification.objects.filter(person=person, withdrawn_at=None, created__gte=midnight).count()


# --- one's own --------------------------------------------------------------------------------------------


def drafts(person) -> QuerySet[Observation]:
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


def uploads(person) -> QuerySet[Observation]:
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


def _standing_consents() -> Prefetch:
    return Prefetch("consents", Consent.objects.filter(superseded_at=None), to_attr="standing")
