"""Who may see originals and exact places, and who may change a sighting.

Everybody may be asked about, people who are not signed in too. A draft is its owner's alone, whatever
anybody was granted.
"""

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404

from accounts.models import Grant
from species.models import Observation, Occurrence, Photo
from species.queries import taxa as taxon_queries

ALL = "all"


class NotYours(Http404):
    """The id is somebody else's. Answered like an id that does not exist, so that nobody can probe for it."""


def observation_scope(id: UUID) -> str:
    return f"observation:{id}"


def taxon_scope(id: UUID) -> str:
    return f"taxon:{id}"


def may_see_exact(person, observations: Iterable[Observation]) -> set[UUID]:
    """Ids of those of `observations` whose originals and exact places `person` may see.

    At most three queries however many there are, so that lists can ask too.
    """
    observations = list(observations)
    if not _present(person):
        return set()
    own = {each.pk for each in observations if acts_for(person, each)}
    open_to_others = {each.pk for each in observations if each.published_at is not None}
    if person.is_reviewer:
        return own | open_to_others
    candidates = open_to_others - own
    scopes = set(Grant.objects.active().filter(user=person).values_list("scope", flat=True))
    if not candidates or not scopes:
        return own
    if ALL in scopes:
        return own | candidates
    granted = {id for id in candidates if observation_scope(id) in scopes}
    taxa = {scope.removeprefix("taxon:") for scope in scopes if scope.startswith("taxon:")}
    if taxa:
        granted |= _of_granted_taxa(candidates - granted, taxa)
    return own | granted


def _of_granted_taxa(observations: set[UUID], taxa: set[str]) -> set[UUID]:
    """A grant on a taxon holds for everything under it."""
    agreed = list(
        Occurrence.objects.filter(observation__in=observations, agreed_taxon__isnull=False)
        .order_by()
        .values_list("observation", "agreed_taxon")
    )
    if not agreed:
        return set()
    tree = taxon_queries.tree()
    return {
        observation
        for observation, taxon in agreed
        if str(taxon) in taxa or taxa.intersection(tree.lineage(str(taxon)))
    }


def can_see_original(person, photo: Photo) -> bool:
    return photo.observation_id in may_see_exact(person, [photo.observation])


def can_see_exact_place(person, observation: Observation) -> bool:
    return observation.pk in may_see_exact(person, [observation])


def can_edit(person, observation: Observation) -> bool:
    """The owner, who imported it, and admins. No grant lets anybody change another's sighting."""
    return _present(person) and (person.is_admin or acts_for(person, observation))


def _present(person) -> bool:
    return person is not None and person.is_authenticated and person.is_active


def acts_for(person, observation: Observation) -> bool:
    """Whose it is; for an import, whose owner cannot log in, the person who ran it."""
    if observation.observer_id == person.pk:
        return True
    return observation.batch_id is not None and observation.batch.operator_id == person.pk
