"""A person's own draft: what is written into it, sent or set aside, and taken back."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from labeling.actions import identifications, notices, verdicts
from labeling.models import Box, Comment, DraftWords, FieldMark, Identification, Ruling, Verdict
from labeling.queries import uploads
from species import access
from species.actions import observations, occurrences, photos, published
from species.actions.edits import Stale
from species.models import Measurement, Observation, Occurrence, Photo, Purpose, State, Taxon
from species.queries import elsewhere

LENGTH = Measurement.Kind.TOTAL_LENGTH


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
    method: str = "",
    establishment_means: str = "",
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
        _measure(occurrence, length_mm, method, by)
        occurrences.say_origin(occurrence=occurrence, means=establishment_means if taxon else "", by=by)
    DraftWords.objects.filter(observation=observation).delete()
    if send:
        observations.publish(observation=observation, by=by)
    return observation


@transaction.atomic
def send(*, observation: Observation, by: User, seen: int | None = None) -> Observation:
    """Show a draft to others as it was saved. Raises as `save` does."""
    _lock(observation, by, seen)
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
    """Delete what was set aside or withdrawn earlier than `before`; how many it was: at most `most` sightings, and as
    many photos.

    Each in a transaction of its own, what was said of it included: a killed process leaves the others set aside,
    for the next time. So does what a dataset that is being frozen names. Of what published datasets hold, the
    photos stay, with all that was said. Whoever named it is told.
    """
    waiting = Observation.objects.filter(discarded_at__lt=before).exclude(state=State.KEPT)
    gone = list(waiting.order_by("discarded_at")[:most])
    alone = Photo.objects.filter(discarded_at__lt=before).order_by("discarded_at")[:most]
    for observation in gone:
        with suppress(ValidationError), transaction.atomic():
            clear_one(observation, before=before)
    for photo in alone:
        with transaction.atomic():
            held = Observation.objects.select_for_update().filter(pk=photo.observation_id).first()
            if held and Photo.objects.filter(pk=photo.pk, discarded_at__lt=before).exists():
                Box.objects.filter(photo=photo).delete()
                FieldMark.objects.filter(photo=photo).delete()
                photos.forget(photo)
    return len(gone) + len(alone)


def clear_one(observation: Observation, *, before: datetime) -> None:
    """As `clear` does with each, in the caller's transaction. Raises ValidationError where something names it still."""
    rows = Observation.objects.select_for_update(of=("self",)).select_related("observer")
    held = rows.filter(pk=observation.pk, discarded_at__lt=before).exclude(state=State.KEPT).first()
    if held is None:
        return
    if held.state == State.WITHDRAWN:
        notices.tell_who_named(observation=held)
    Comment.objects.filter(observation=held).delete()
    here = set(held.photos.values_list("pk", flat=True))
    kept = here & {pk for each in elsewhere.keepers(here) for pk in each.photos}
    if kept:
        Box.objects.filter(photo__in=here - kept).delete()
        FieldMark.objects.filter(photo__in=here - kept).delete()
        # Nobody asks for it any more, so it need not follow the tree.
        Verdict.objects.filter(occurrence__observation=held).delete()
        published.keep(held, photos=kept)
        return
    Identification.objects.filter(occurrence__observation=held).delete()
    Ruling.objects.filter(occurrence__observation=held).delete()
    for drawn in (Box, FieldMark):
        drawn.objects.filter(Q(occurrence__observation=held) | Q(photo__observation=held)).delete()
    observations.clear(observation=held, before=before)


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


def _measure(occurrence: Occurrence, length_mm: float | None, method: str, by: User) -> None:
    own = Measurement.objects.filter(occurrence=occurrence, kind=LENGTH, by=by)
    said = [] if length_mm is None else [(length_mm, method)]
    if list(own.values_list("value", "method")) == said:
        return
    own.delete()
    if length_mm is not None:
        occurrences.measure(occurrence=occurrence, kind=LENGTH, value=length_mm, method=method, by=by)
