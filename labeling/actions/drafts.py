"""A person's own draft, saved as they left it or sent: everything that was filled in, or nothing."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from labeling.actions import identifications
from labeling.models import Box, Identification
from species import access
from species.actions import observations, occurrences, photos
from species.models import Measurement, Observation, Occurrence, Photo, Purpose, State, Taxon


@transaction.atomic
def save(
    *,
    observation: Observation,
    by: User,
    described: dict[str, Any],
    licence: str,
    consents: Collection[str],
    taxon: Taxon | None = None,
    confidence: str = Identification.Confidence.LIKELY,
    length_mm: float | None = None,
    send: bool = False,
) -> Observation:
    """Write what the owner says of a sighting and its photos; with `send`, show it to others.

    `described` are the fields of `observations.describe`. A name or a length makes the occurrence they are
    about. Raises PermissionDenied, or ValidationError by field; then nothing has changed.
    """
    if not access.can_edit(by, observation):
        raise PermissionDenied("Only its owner fills in a sighting.")
    observations.describe(observation=observation, by=by, **described)
    for photo in observation.photos.all():
        if photo.licence != licence:
            photos.relicense(photo=photo, licence=licence, by=by)
        allow(photo=photo, consents=consents, by=by)
    if taxon is not None or length_mm is not None:
        occurrence = _occurrence(observation, by)
        if taxon is not None:
            _identify(occurrence, taxon, confidence, by)
        if length_mm is not None:
            kind = Measurement.Kind.TOTAL_LENGTH
            occurrences.measure(occurrence=occurrence, kind=kind, value=length_mm, by=by)
    if send:
        observations.publish(observation=observation, by=by)
    return observation


@transaction.atomic
def allow(*, photo: Photo, consents: Collection[str], by: User) -> None:
    """Say of every purpose whether the photo may be used for it. Raises as `photos.say` does."""
    for purpose in Purpose.values:
        photos.say(photo=photo, purpose=purpose, granted=purpose in consents, by=by)


@transaction.atomic
def discard(*, observation: Observation, by: User) -> None:
    """Take a draft back with everything on it, its owner's own words included: nobody else has seen them.

    Raises PermissionDenied; ValidationError once it is published.
    """
    locked = observations.lock(observation)
    if locked.state == State.DRAFT and access.can_edit(by, locked):
        Identification.objects.filter(occurrence__observation=locked).delete()
        Box.objects.filter(occurrence__observation=locked).delete()
    observations.discard(observation=observation, by=by)


@transaction.atomic
def drop(*, photo: Photo, by: User) -> None:
    """Take one photo out of a draft for good; with the last one goes the draft."""
    observation = observations.lock(Observation(pk=photo.observation_id))
    if observation.state != State.DRAFT:
        raise ValidationError("This sighting is published. Its photos can be erased one by one.")
    if observation.photos.exclude(pk=photo.pk).exists():
        photos.erase(photo=photo, by=by)
    else:
        discard(observation=observation, by=by)


def _occurrence(observation: Observation, by: User) -> Occurrence:
    first = observation.occurrences.order_by("created", "id").first()
    return first or occurrences.add(observation=observation, photos=observation.photos.all(), by=by)


def _identify(occurrence: Occurrence, taxon: Taxon, confidence: str, by: User) -> None:
    """Unless just that stands already: a draft is saved often, and each opinion stays on record."""
    standing = Identification.objects.filter(occurrence=occurrence, person=by, withdrawn_at=None).first()
    if standing is None or (standing.taxon_id, standing.confidence) != (taxon.pk, confidence):
        identifications.add(occurrence=occurrence, taxon=taxon, by=by, confidence=confidence)
