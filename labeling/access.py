"""Who may have a say about what. Everybody may be asked about, people who are not signed in too."""

from typing import TypeGuard
from uuid import UUID

from accounts.models import User, Viewer
from labeling.models import Comment
from species import access
from species.models import Observation, Occurrence, Photo, State


def can_identify(person: Viewer, occurrence: Occurrence) -> bool:
    """Whoever sees it; a draft is seen by its owner alone. Source accounts speak through imports only."""
    return can_comment(person, occurrence.observation)


def can_comment(person: Viewer, observation: Observation) -> bool:
    """Likewise."""
    return _present(person) and (observation.shown or _visible(person, observation.pk))


def can_moderate(person: Viewer, comment: Comment) -> bool:
    """Reviewers, of what others wrote, on published sightings that they neither own nor brought in by an import."""
    return _may_review(person, comment.observation) and comment.person_id != person.pk


def can_read(person: Viewer, comment: Comment) -> bool:
    """Of who sees its sighting: what is hidden is read by who wrote it and by reviewers."""
    own = person is not None and comment.person_id == person.pk
    return comment.hidden_at is None or own or (_present(person) and person.is_reviewer)


def can_rule(person: Viewer, occurrence: Occurrence) -> bool:
    """Reviewers, on published sightings that they neither own nor brought in by an import."""
    return _may_review(person, occurrence.observation)


def _may_review(person: Viewer, observation: Observation) -> TypeGuard[User]:
    return (
        _present(person)
        and person.is_reviewer
        and observation.state == State.PUBLISHED
        and not access.acts_for(person, observation)
    )


def can_flag(person: Viewer, photo: Photo) -> bool:
    return _present(person) and Photo.objects.visible_to(person).filter(pk=photo.pk).exists()


def can_report(person: Viewer) -> TypeGuard[User]:
    """Whoever takes part here."""
    return _present(person)


def can_draw(person: Viewer, occurrence: Occurrence) -> bool:
    return can_identify(person, occurrence)


def _present(person: Viewer) -> TypeGuard[User]:
    return (
        person is not None
        and person.is_authenticated
        and person.is_active
        and not (person.is_source or person.is_suspended)
    )


def _visible(person: Viewer, observation_id: UUID) -> bool:
    return Observation.objects.visible_to(person).filter(pk=observation_id).exists()
