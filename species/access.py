"""Who may see originals and exact places, and who may change a sighting.

Everybody may be asked about, people who are not signed in too. A draft is its owner's alone, whatever
anybody was granted and whatever their role. Nobody's own word widens what a grant on a taxon lets them see.
"""

from collections.abc import Iterable
from typing import Any, TypeGuard
from uuid import UUID

from django.http import Http404

from accounts.models import Grant, User, Viewer
from species.models import Observation, Occurrence, Photo
from species.queries import taxa as taxon_queries

ALL = "all"


class NotYours(Http404):
    """The id is somebody else's. Answered like an id that does not exist, so that nobody can probe for it."""


def observation_scope(id: UUID) -> str:
    return f"observation:{id}"


def may_see_exact(person: Viewer, observations: Iterable[Observation]) -> set[UUID]:
    """Ids of those of `observations` whose originals and exact places `person` may see.

    At most four queries however many there are, so that lists can ask too.
    """
    observations = [each for each in observations if each.discarded_at is None]
    if not _present(person):
        return set()
    own = {each.pk for each in observations if acts_for(person, each)}
    open_to_others = {each.pk for each in observations if each.published_at is not None}
    if person.is_reviewer:
        return own | open_to_others
    candidates = open_to_others - own
    if not candidates:
        return own
    scopes = set(Grant.objects.active().filter(user=person).values_list("scope", flat=True))
    if not scopes:
        return own
    if ALL in scopes:
        return own | candidates
    granted = {id for id in candidates if observation_scope(id) in scopes}
    taxa = {scope.removeprefix("taxon:") for scope in scopes if scope.startswith("taxon:")}
    if taxa:
        granted |= _of_granted_taxa(person, candidates - granted, taxa)
    return own | granted


def _of_granted_taxa(person: User, observations: set[UUID], taxa: set[str]) -> set[UUID]:
    """A grant on a taxon holds for everything under it, once others agree that it is there."""
    agreed = list(
        Occurrence.objects.filter(observation__in=observations, agreed_taxon__isnull=False)
        .order_by()
        .values_list("observation", "observation__observer", "agreed_taxon", "agreement")
    )
    if not agreed:
        return set()
    tree = taxon_queries.tree()
    inside = [row for row in agreed if str(row[2]) in taxa or taxa.intersection(tree.lineage(str(row[2])))]
    heard = _established({id for *_, agreement in inside for id in _people(agreement)}) - {str(person.pk)}
    return {
        observation
        for observation, observer, _, agreement in inside
        if _holds(agreement or {}, str(person.pk), str(observer), heard)
    }


def _people(agreement: dict[str, Any] | None) -> list[str]:
    return [*agreement["agreeing"], *agreement["disagreeing"]] if agreement else []


def _established(people: set[str]) -> set[str]:
    if not people:
        return set()
    return {str(id) for id in User.objects.established().filter(pk__in=people).values_list("pk", flat=True)}


def _holds(agreement: dict[str, Any], person: str, observer: str, heard: set[str]) -> bool:
    """Whether a name was ruled by another, or stands by the bar of docs/consensus.md with `heard` people alone: two of
    them, one not the observer, and more than two thirds of those who agree or disagree.
    """
    if agreement.get("ruled"):
        return bool(agreement["ruled_by"] != person)
    agreeing = heard.intersection(agreement.get("agreeing", ()))
    against = heard.intersection(agreement.get("disagreeing", ()))
    return len(agreeing) >= 2 and bool(agreeing - {observer}) and len(agreeing) > 2 * len(against)


def can_see_original(person: Viewer, photo: Photo) -> bool:
    return photo.observation_id in may_see_exact(person, [photo.observation])


def can_see_exact_place(person: Viewer, observation: Observation) -> bool:
    return observation.pk in may_see_exact(person, [observation])


def can_edit(person: Viewer, observation: Observation) -> bool:
    """The owner and who imported it; admins once it is published. No grant lets anybody change another's."""
    if not _present(person) or observation.discarded_at is not None:
        return False
    return acts_for(person, observation) or (person.is_admin and observation.published_at is not None)


def can_add_organism(person: Viewer, observation: Observation) -> bool:
    """Whoever sees it and speaks for themselves: what is on a photo is for all to say. A draft is its owner's."""
    if can_edit(person, observation):
        return True
    if not _present(person) or person.is_source or observation.discarded_at is not None:
        return False
    return Observation.objects.visible_to(person).filter(pk=observation.pk).exists()


def _present(person: Viewer) -> TypeGuard[User]:
    return person is not None and person.is_authenticated and person.is_active


def acts_for(person: User, observation: Observation) -> bool:
    """Whose it is; for an import, whose owner cannot log in, the person who ran it."""
    if observation.observer_id == person.pk:
        return True
    return observation.batch is not None and observation.batch.operator_id == person.pk
