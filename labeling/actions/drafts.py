"""A person's own draft: what is written into it, sent or set aside, and taken back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from labeling.actions import identifications, verdicts
from labeling.models import Box, DraftWords, Identification
from labeling.queries import uploads
from species import access
from species.actions import observations, occurrences, photos
from species.models import Measurement, Observation, Occurrence, Photo, Purpose, State, Taxon

LENGTH = Measurement.Kind.TOTAL_LENGTH


class Stale(Exception):
    """The draft was saved somewhere else since this form was drawn. Nothing has been written."""


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
    seen: int | None = None,
) -> Observation:
    """Write what the owner says of a sighting and its photos, all of it or nothing; with `send`, show it to others.

    `described` are the fields of `observations.describe`. A name or a length makes the occurrence they are
    about; without them it loses those it had. Words that waited (`keep`) are done with. `seen` is the version
    that the owner had before them: raises Stale where it is another by now.
    Raises PermissionDenied, or ValidationError by field; then nothing has changed.
    """
    _lock(observation, by, seen)
    observations.describe(observation=observation, by=by, **described)
    observations.touch(observation)
    for photo in observation.photos.kept():
        if photo.licence != licence:
            photos.relicense(photo=photo, licence=licence, by=by)
        allow(photo=photo, consents=consents, by=by)
    occurrence = observation.occurrences.order_by("created", "id").first()
    if occurrence is None and not (taxon is None and length_mm is None):
        occurrence = occurrences.add(observation=observation, photos=observation.photos.kept(), by=by)
    if occurrence is not None:
        _identify(occurrence, taxon, confidence, by)
        _measure(occurrence, length_mm, by)
    DraftWords.objects.filter(observation=observation).delete()
    if send:
        observations.publish(observation=observation, by=by)
    return observation


@transaction.atomic
def keep(
    *,
    observation: Observation,
    by: User,
    typed: Mapping[str, list[str]] | None,
    refused: Mapping[str, list[str]] | None = None,
    elsewhere: Mapping[str, list[str]] | None = None,
    seen: int | None = None,
) -> Observation:
    """Keep a draft's form as it was typed, until it is saved. None: it says what the draft does.

    Nothing of it is applied: a form of which half is typed would say what nobody means. Raises as `save` does.
    """
    locked = _lock(observation, by, seen)
    observations.touch(observation)
    if typed is None:
        DraftWords.objects.filter(observation=locked).delete()
        return observation
    said = {"typed": dict(typed), "refused": dict(refused or {}), "elsewhere": elsewhere}
    DraftWords.objects.update_or_create(observation=locked, defaults=said | {"version": observation.version})
    return observation


def _lock(observation: Observation, by: User, seen: int | None) -> Observation:
    locked = observations.lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner fills in a sighting.")
    if locked.state != State.DRAFT:
        raise ValidationError(observations.SENT)
    if seen is not None and seen != locked.version:
        raise Stale
    return locked


@transaction.atomic
def allow(*, photo: Photo, consents: Collection[str], by: User) -> None:
    """Say of every purpose whether the photo may be used for it. Raises as `photos.say` does."""
    for purpose in Purpose.values:
        photos.say(photo=photo, purpose=purpose, granted=purpose in consents, by=by)


@transaction.atomic
def drop(*, photo: Photo, by: User) -> Photo | Observation:
    """Take one photo out of a draft; with the last one goes the draft. Answers what can be restored."""
    draft = observations.lock(Observation(pk=photo.observation_id))
    if draft.photos.kept().exclude(pk=photo.pk).exists():
        return photos.set_aside(photo=photo, by=by)
    return observations.set_aside(observation=draft, by=by)


@transaction.atomic
def take_back(*, observation: Observation, by: User) -> Observation:
    """Make a draft of one's published sighting again, with all that was said of it.

    Raises PermissionDenied; ValidationError once anybody else has answered, which is also before it can be in
    a dataset.
    """
    locked = observations.lock(observation)
    if uploads.answered().filter(pk=locked.pk).exists():
        raise ValidationError("Somebody has answered, so it stays. You can still withdraw its photos.")
    return observations.take_back(observation=observation, by=by)


def clear(*, before: datetime, most: int = 20) -> int:
    """Delete what was set aside earlier than `before`; how many it was, at most `most` drafts and photos.

    Each in a transaction of its own, its owner's words included, which nobody else has seen: a killed process
    leaves the others set aside, for the next time.
    """
    drafts = Observation.objects.filter(discarded_at__lt=before).order_by("discarded_at")[:most]
    alone = Photo.objects.filter(discarded_at__lt=before).order_by("discarded_at")[:most]
    for draft in drafts:
        with transaction.atomic():
            if Observation.objects.select_for_update().filter(pk=draft.pk, discarded_at__lt=before).exists():
                Identification.objects.filter(occurrence__observation=draft).delete()
                Box.objects.filter(occurrence__observation=draft).delete()
                Box.objects.filter(photo__observation=draft).delete()
            observations.clear(observation=draft, before=before)
    for photo in alone:
        with transaction.atomic():
            observation = Observation.objects.select_for_update().filter(pk=photo.observation_id).first()
            if observation and Photo.objects.filter(pk=photo.pk, discarded_at__lt=before).exists():
                Box.objects.filter(photo=photo).delete()
                photos.forget(photo)
    return len(drafts) + len(alone)


def _identify(occurrence: Occurrence, taxon: Taxon | None, confidence: str, by: User) -> None:
    """The name replaces the one before: nobody else has seen that."""
    own = Identification.objects.filter(occurrence=occurrence, person=by)
    before = own.filter(withdrawn_at=None).first()
    said = before and (before.taxon_id, before.confidence)
    if said == (taxon and (taxon.pk, confidence)):
        return
    own.delete()
    if taxon is None:
        verdicts.settle_held(occurrence=occurrences.lock(occurrence))
        return
    identifications.add(occurrence=occurrence, taxon=taxon, by=by, confidence=confidence)


def _measure(occurrence: Occurrence, length_mm: float | None, by: User) -> None:
    own = Measurement.objects.filter(occurrence=occurrence, kind=LENGTH, by=by)
    if list(own.values_list("value", flat=True)) == ([] if length_mm is None else [length_mm]):
        return
    own.delete()
    if length_mm is not None:
        occurrences.measure(occurrence=occurrence, kind=LENGTH, value=length_mm, by=by)
