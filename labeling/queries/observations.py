"""One sighting with everything its page shows."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts.models import User, Viewer
from labeling.models import Comment, FieldMark, Identification, Pass, Routing, Ruling, Suggestion, Verdict
from labeling.queries import threads
from labeling.queries.boxes import Frame, frames_on
from labeling.queries.comments import comments_on
from labeling.queries.field_marks import is_pointed_at, on_photos
from labeling.queries.identifications import as_votes
from species import access
from species.models import (
    Edit,
    Observation,
    Occurrence,
    Photo,
    TaxaVersion,
)
from species.places import geoprivacy
from species.queries import edits
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

SAID = (Pass.Kind.CANNOT_TELL, Pass.Kind.BAD_PHOTO, Pass.Kind.SEVERAL)
MOST_EDITS = 50  # on a page; the API has all

# --- one sighting -----------------------------------------------------------------------------------------


def observation_of(id: UUID, person: Viewer) -> Observation | None:
    """The sighting, if `person` may see it: by what is shown, or by a grant. Its last edits are its `history`."""
    rows = Observation.objects.select_related("observer", "place", "batch", "trip").filter(pk=id)
    found = _with_history(rows.visible_to(person))
    if found is not None:
        return found
    hidden = _with_history(rows.published())
    return hidden if hidden is not None and access.can_see_exact_place(person, hidden) else None


def _history(observation: Observation) -> list[Edit]:
    """As `observation_of` brought it along; asked for where the sighting came another way."""
    known: list[Edit] | None = getattr(observation, "history", None)
    return known if known is not None else list(edits.history(observation).reverse()[:MOST_EDITS])


def _with_history(rows: QuerySet[Observation]) -> Observation | None:
    """One query for it and its edits, the newest first: a row for each. With `tree_version`."""
    columns = {
        name: f"edits__{name}" for name in ("id", "before", "after", "created", "by", "by__display_name")
    }
    said = {f"edit_{name}": F(path) for name, path in columns.items()}
    version = Subquery(TaxaVersion.objects.order_by("id").values("version")[:1])
    joined: list[Any] = list(
        rows.annotate(**said, tree_version=version).order_by("-edits__created", "-edits__id")[:MOST_EDITS]
    )
    if not joined:
        return None
    joined[0].history = [
        Edit(
            id=each.edit_id,
            observation=joined[0],
            before=each.edit_before,
            after=each.edit_after,
            created=each.edit_created,
            by=User(id=each.edit_by, display_name=each.edit_by__display_name),
        )
        for each in joined
        if each.edit_id
    ]
    found: Observation = joined[0]
    return found


@dataclass
class ObservationPage:
    """Everything a sighting's page is made of, read in a number of queries that its size does not change.

    `edits`: the newest first; `level` rules its place now.
    `seen_on`: which organism on which photo; `measured`: kind and value; `passed`: how many people said
    of each, by kind of Pass, that they can't name it, with `own_pass` that of who asks: its id and kind.
    """

    observation: Observation
    photos: list[Photo]
    occurrences: list[Occurrence]
    verdicts: dict[UUID, Verdict]
    identifications: dict[UUID, list[Identification]]
    seen_on: set[tuple[UUID, UUID]]
    measured: list[tuple[str, float]]
    passed: dict[UUID, dict[str, int]]
    own_pass: dict[UUID, tuple[UUID, str]]
    rulings: dict[UUID, list[Ruling]]
    suggestions: dict[UUID, list[Suggestion]]
    comments: list[Comment]
    frames: list[Frame]
    field_marks: list[FieldMark]
    tree: Tree
    exact: bool
    edits: list[Edit]
    level: str


def observation_page(observation: Observation, person: Viewer) -> ObservationPage:
    exact = access.can_see_exact_place(person, observation)
    seen = observation.photos.all() if exact else observation.photos.visible_to(person)
    # A row for each organism on a photo, and for each measurement of an organism.
    links: list[Any] = list(
        seen.annotate(shows=F("occurrence_photos__occurrence"), pointed_at=is_pointed_at()).order_by(
            "position", "created", "id"
        )
    )
    rows = list(_occurrences(observation, person))
    photos = list({each.pk: each for each in links}.values())
    occurrences = list({each.pk: each for each in rows}.values())
    for each in occurrences:
        each.observation = observation
    ids = [each.pk for each in occurrences]
    identifications = _grouped(as_votes(threads.said(ids)))
    return ObservationPage(
        observation=observation,
        photos=photos,
        occurrences=occurrences,
        verdicts={each.pk: each.verdict for each in occurrences if hasattr(each, "verdict")},
        identifications=identifications,
        seen_on={(each.shows, each.pk) for each in links},
        measured=[(each.kind, each.value) for each in rows if each.kind],
        passed={
            each.pk: {kind.value: getattr(each, f"said_{kind.value}") for kind in SAID}
            for each in occurrences
        },
        own_pass={each.pk: (each.own_pass, each.own_kind) for each in occurrences if each.own_pass},
        rulings=_rulings(ids, identifications),
        suggestions=_suggestions(photos),
        comments=comments_on(observation),
        frames=frames_on(ids, [each.pk for each in photos]),
        field_marks=on_photos(photos),
        tree=taxon_queries.tree(getattr(observation, "tree_version", None)),
        exact=exact,
        edits=_history(observation),
        level=geoprivacy.strictest(observation.privacy, *(each.place_floor for each in occurrences)),
    )


def _occurrences(observation: Observation, person: Viewer) -> QuerySet[Any]:
    """With `said_…`, how many say so of each kind of Pass, `own_pass` and its `own_kind`, a measurement, `kind` and
    `value`, and `asked`, the reviewer who looks at it."""
    said = Pass.objects.standing().filter(occurrence=OuterRef("pk"), kind__in=SAID).order_by()
    counts: dict[str, Any] = {}
    for kind in SAID:
        people = said.filter(kind=kind).values("occurrence").annotate(count=Count("pk")).values("count")
        counts[f"said_{kind.value}"] = Coalesce(Subquery(people), 0)
    own = said.filter(person=person.pk if person else None)
    routed = Routing.objects.filter(occurrence=OuterRef("pk"), closed_at=None)
    return (
        observation.occurrences.select_related("agreed_taxon", "verdict")
        .annotate(
            **counts,
            own_pass=Subquery(own.values("pk")[:1]),
            own_kind=Subquery(own.values("kind")[:1]),
            asked=Subquery(routed.values("reviewer__display_name")[:1]),
            kind=F("measurements__kind"),
            value=F("measurements__value"),
        )
        .order_by("created", "id", "measurements__created", "measurements__id")
    )


def _grouped(rows: QuerySet[Identification]) -> dict[UUID, list[Identification]]:
    found: dict[UUID, list[Identification]] = {}
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
    found: dict[UUID, list[Ruling]] = {}
    for row in threads.ruled(about):
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
