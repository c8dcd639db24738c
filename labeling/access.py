"""Who may have a say about what. Everybody may be asked about, people who are not signed in too."""

from typing import TypeGuard
from uuid import UUID

from accounts.models import User, Viewer
from species import access
from species.models import Observation, Occurrence, Photo, State


def can_identify(person: Viewer, occurrence: Occurrence) -> bool:
    """Whoever sees it; a draft is seen by its owner alone. Source accounts speak through imports only."""
    seen = occurrence.observation.shown
    return _present(person) and (seen or _visible(person, occurrence.observation_id))


def can_rule(person: Viewer, occurrence: Occurrence) -> bool:
    """Reviewers, on published sightings that they neither own nor brought in by an import."""
    observation = occurrence.observation
    return (
        _present(person)
        and person.is_reviewer
        and observation.state == State.PUBLISHED
        and not access.acts_for(person, observation)
    )


def can_flag(person: Viewer, photo: Photo) -> bool:
    return _present(person) and Photo.objects.visible_to(person).filter(pk=photo.pk).exists()


def can_draw(person: Viewer, occurrence: Occurrence) -> bool:
    return can_identify(person, occurrence)


def _present(person: Viewer) -> TypeGuard[User]:
    return person is not None and person.is_authenticated and person.is_active and not person.is_source


def _visible(person: Viewer, observation_id: UUID) -> bool:
    return Observation.objects.visible_to(person).filter(pk=observation_id).exists()
