"""One sighting with everything its page shows."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import (
    Prefetch,
    Q,
    QuerySet,
)

from accounts.models import Viewer
from labeling.models import Box, Identification, Pass, Region, Ruling, Suggestion, Verdict
from species import access
from species.models import (
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
)
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

Said = TypeVar("Said", Identification, Pass)

# --- one sighting -----------------------------------------------------------------------------------------


def observation_of(id: UUID, person: Viewer) -> Observation | None:
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
    cannot_tell: dict[UUID, list[Pass]]
    rulings: dict[UUID, list[Ruling]]
    suggestions: dict[UUID, list[Suggestion]]
    frames: dict[UUID, list[tuple[UUID, Box | Region]]]
    tree: Tree
    exact: bool


def observation_page(observation: Observation, person: Viewer) -> ObservationPage:
    exact = access.can_see_exact_place(person, observation)
    seen = observation.photos.all() if exact else observation.photos.visible_to(person)
    photos = list(seen.order_by("position", "created", "id"))
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
        cannot_tell=_grouped(Pass.objects.standing().filter(occurrence__in=ids, kind=Pass.Kind.CANNOT_TELL)),
        rulings=_rulings(ids, identifications),
        suggestions=_suggestions(photos),
        frames=_frames(ids, photos),
        tree=taxon_queries.tree(),
        exact=exact,
    )


def _grouped(rows: QuerySet[Said]) -> dict[UUID, list[Said]]:
    found: dict[UUID, list[Said]] = {}
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
    rows: list[Box | Region] = [*boxes.order_by("created", "id"), *regions.order_by("created", "id")]
    for row in rows:
        chosen[row.photo_id, row.occurrence_id] = row
    found: dict[UUID, list[tuple[UUID, Box | Region]]] = {}
    for (photo, occurrence), row in chosen.items():
        found.setdefault(photo, []).append((occurrence, row))
    return found
