"""Every write about images: rows here, files in `species.stored_files`, decoding in `species.ingest`."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from accounts.models import Licence, User
from species import clocks, stored_files
from species.access import NotYours, can_edit
from species.actions import deletions, edits, listing, observations, surroundings, visibility
from species.images.decode import Prepared
from species.images.exif import Exif
from species.models import (
    Consent,
    Deletion,
    ImportBatch,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Purpose,
    State,
    Surroundings,
)
from species.places.sequences import Shot, group

# Shown here, used nowhere else: what a photo without a licence can still be allowed.
WITHOUT_LICENCE = frozenset({Purpose.SHOW})


@transaction.atomic
def record(
    *,
    photo: Photo,
    prepared: Prepared,
    by: User,
    observation: Observation | None,
    consents: Iterable[str],
    position: int | None,
) -> Photo:
    """Write the row of a photo whose files are stored, with its draft and consents. For `ingest.receive`."""
    if observation is None:
        fields = exif_fields(prepared.exif, Observation())
        draft = observations.start(by=by, observer=photo.owner, batch=photo.batch, **fields)
    else:
        draft = observations.lock(observation)
        if draft.state == State.PUBLISHED:
            return _add(photo, draft, by, set(consents))
        observations.describe(observation=draft, by=by, **exif_fields(prepared.exif, draft))
        observations.touch(draft)
    _save(photo, draft, position, by, set(consents))
    if draft.surroundings_shown != Surroundings.WHOLE:
        # Now, so that they are made by the time it is sent.
        surroundings.settle(draft)
    listing.touch(draft)
    return photo


def _add(photo: Photo, locked: Observation, by: User, consents: set[str]) -> Photo:
    """One more photo of what a published sighting shows. Its metadata change nothing that was said of it."""
    if photo.batch_id is not None or not can_edit(by, locked):
        raise ValidationError(PUBLISHED)
    organisms = list(locked.occurrences.values_list("pk", flat=True))
    if len(organisms) > 1:
        raise ValidationError(SEVERAL)
    appears = Purpose.SHOW in consents and not locked.photos.shown().exists()
    with edits.act(locked, by):
        _save(photo, locked, None, by, consents)
        OccurrencePhoto.objects.bulk_create(
            OccurrencePhoto(occurrence_id=pk, photo=photo) for pk in organisms
        )
    if appears:
        listing.list_last(locked)
    visibility.settle(locked)
    return photo


def _save(photo: Photo, draft: Observation, position: int | None, by: User, given: set[str]) -> None:
    if position is None:
        last = Photo.objects.filter(observation=draft).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    photo.observation, photo.position = draft, position
    photo.save(force_insert=True)
    Consent.objects.bulk_create(
        Consent(photo=photo, purpose=purpose, granted=purpose in given, by=by) for purpose in Purpose.values
    )


PUBLISHED = "This sighting is published: what people named must stay what it shows. Start a new one."
SEVERAL = (
    "This sighting shows several, and a photo that is added must show one. Make it a sighting of its own."
)


def exif_fields(exif: Exif, draft: Observation) -> dict[str, Any]:
    """What a photo's metadata can add to a sighting that does not say it yet."""
    fields: dict[str, Any] = {}
    if exif.local_date is not None and draft.local_date is None:
        # Without an offset the clock on the wall may be ahead of UTC by 14 hours; a day ahead is a wrong clock.
        latest = timezone.now().replace(tzinfo=None) + timedelta(days=1)
        wall = exif.observed_at or datetime.combine(exif.local_date, time.min)
        if wall - timedelta(minutes=exif.utc_offset or 0) < latest:
            when = exif.observed_at or exif.local_date
            fields |= {"observed_at": when, "utc_offset": exif.utc_offset, "time_source": exif.time_source}
    if settings.PLACES and exif.latitude is not None and draft.latitude is None:
        fields |= {
            "latitude": exif.latitude,
            "longitude": exif.longitude,
            "uncertainty_m": exif.accuracy_m,
            "place_source": exif.place_source,
        }
    return fields


def own_fields(photo: Photo) -> dict[str, Any]:
    """The same of a photo that is here: what its metadata, as they were kept, say to a sighting of its own."""
    said = photo.metadata
    moment, day = said.get("observed_at"), said.get("local_date")
    exif = Exif(
        observed_at=datetime.fromisoformat(moment) if moment else None,
        utc_offset=said.get("utc_offset"),
        local_date=date.fromisoformat(day) if day else None,
        time_source=said.get("time_source"),
        latitude=said.get("latitude"),
        longitude=said.get("longitude"),
        place_source=said.get("place_source"),
        accuracy_m=said.get("accuracy_m"),
    )
    return exif_fields(exif, Observation())


@transaction.atomic
def say(*, photo: Photo, purpose: str, granted: bool, by: User) -> Consent:
    """Allow or no longer allow one use of a photo. What was said before stays on record.

    The owner (for an import, who ran it) says both; an admin can only say no in their place.
    """
    check_purposes([purpose])
    sighting = observations.lock(Observation(pk=photo.observation_id))
    locked = _lock(photo)
    if not _owns(by, locked) and (granted or not _answers_for(by, locked)):
        raise PermissionDenied("Only its owner says what a photo may be used for.")
    if granted and locked.licence == Licence.NONE and purpose not in WITHOUT_LICENCE:
        raise ValidationError({purpose: "A photo without a licence is used nowhere else. Choose one first."})
    standing = Consent.objects.filter(photo=locked, purpose=purpose, superseded_at=None).first()
    if standing is not None:
        if standing.granted == granted:
            return standing
        standing.superseded_at = timezone.now()
        standing.save(update_fields=["superseded_at"])
    others_shown = sighting.photos.shown().exclude(pk=locked.pk)
    appears = purpose == Purpose.SHOW and granted and sighting.state == State.PUBLISHED
    said = Consent.objects.create(photo=locked, purpose=purpose, granted=granted, by=by)
    listing.touch(sighting)
    if appears and not others_shown.exists():
        listing.list_last(sighting)
    elif appears:
        seen = OccurrencePhoto.objects.filter(photo__in=others_shown).values("occurrence")
        hidden = sighting.occurrences.filter(photos=locked).exclude(pk__in=seen)
        if ids := list(hidden.values_list("pk", flat=True)):
            Occurrence.objects.filter(pk__in=ids).update(listed_at=listing.next_moment())
    if purpose == Purpose.SHOW:
        visibility.settle(sighting)
    return said


@transaction.atomic
def relicense(*, photo: Photo, licence: str, by: User) -> Photo:
    """Choose another licence. Without one, research and training are no longer allowed either."""
    if licence not in Licence.values:
        raise ValidationError({"licence": f"Choose one of: {', '.join(Licence.values)}."})
    sighting = observations.lock(Observation(pk=photo.observation_id))
    locked = _lock(photo)
    if not _owns(by, locked) or locked.batch_id is not None:
        raise PermissionDenied("Only who took it chooses the licence of a photo.")
    with edits.act(sighting, by):
        locked.licence = licence
        locked.save(update_fields=["licence"])
        listing.touch(sighting)
    if licence == Licence.NONE:
        for purpose in Purpose.values:
            if purpose not in WITHOUT_LICENCE:
                say(photo=locked, purpose=purpose, granted=False, by=by)
    photo.licence = licence
    return photo


@transaction.atomic
def set_aside(*, photo: Photo, by: User) -> Photo:
    """Take a photo out of a draft that has others; for `observations.GRACE` it can be restored."""
    draft = observations.lock(Observation(pk=photo.observation_id))
    locked = _lock(photo)
    if not _owns(by, locked):
        raise PermissionDenied("Only its owner takes a photo out of a draft.")
    if draft.state != State.DRAFT:
        raise ValidationError(observations.SENT)
    locked.discarded_at = timezone.now()
    locked.save(update_fields=["discarded_at"])
    return locked


@transaction.atomic
def restore(*, photo: Photo, by: User) -> Photo:
    """Undo `set_aside`. Raises NotYours once it is gone.

    Where the draft was sent meanwhile, the photo comes back in a draft of its own.
    """
    found = Photo.objects.filter(pk=photo.pk).first()
    if found is None or not _owns(by, found):
        raise NotYours("No such photo.")
    observations.restore(observation=Observation(pk=found.observation_id), by=by)
    Photo.objects.filter(pk=photo.pk).update(discarded_at=None)
    return found


@transaction.atomic
def forget(photo: Photo) -> None:
    """Delete a photo that was set aside, alone or with its draft, and its files; others on the draft stay.

    Raises ValidationError where it was restored, or where something still names it.
    """
    Observation.objects.select_for_update().filter(pk=photo.observation_id).first()
    found = Photo.objects.select_related("observation").filter(pk=photo.pk).first()
    if found is None:
        return
    if found.observation.state == State.KEPT:
        raise ValidationError(
            "You deleted this photo, and a published dataset holds it: it cannot come back."
        )
    if Photo.objects.kept().filter(pk=photo.pk).exists():
        raise ValidationError("This photo was restored.")
    try:
        with transaction.atomic():
            found.delete()
    except ProtectedError as error:
        raise ValidationError("This photo is being discarded. Send it again in a minute.") from error
    transaction.on_commit(lambda: stored_files.remove([photo]))


@transaction.atomic
def join(*, photos: Iterable[Photo], by: User) -> set[UUID]:
    """Put photos of one encounter (`species.places.sequences`) into one draft each; the ids of all their drafts.

    Only drafts that nobody has said anything of are joined, into the one of the earliest photo, whose time and
    place it keeps. What stands in one draft already stays together.
    """
    ids = {each.observation_id for each in photos}
    drafts = {
        each.pk: each
        for each in Observation.objects.drafts_of(by).select_for_update().filter(pk__in=ids).order_by("pk")
    }
    untouched = [each.pk for each in drafts.values() if each.version == 0 and not each.occurrences.exists()]
    members: dict[UUID, list[Photo]] = {}
    for photo in Photo.objects.filter(observation__in=untouched).order_by("position", "created", "id"):
        members.setdefault(photo.observation_id, []).append(photo)
    for first, *others in group({pk: [_shot(each) for each in found] for pk, found in members.items()}):
        if not others:
            continue
        together = sorted((each for pk in (first, *others) for each in members[pk]), key=taken)
        for position, photo in enumerate(together):
            photo.observation, photo.position = drafts[first], position
            photo.save(update_fields=["observation", "position"])
        Observation.objects.filter(pk__in=others).delete()
        for pk in others:
            del drafts[pk]
    return set(drafts)


def _shot(photo: Photo) -> Shot:
    """What its metadata say; a person's words about the draft are not asked."""
    said, moment = photo.metadata, None
    if "observed_at" in said and said.get("utc_offset") is not None:
        moment = datetime.fromisoformat(said["observed_at"]).replace(tzinfo=clocks.zone(said["utc_offset"]))
    elif "satellite_time" in said:
        moment = datetime.fromisoformat(said["satellite_time"])
    elif "observed_at" in said:
        moment = datetime.fromisoformat(said["observed_at"])
    return Shot(moment, said.get("latitude"), said.get("longitude"))


def taken(photo: Photo) -> tuple[Any, ...]:
    """Sorts photos of one sighting: those that say when in order, before them those that do not."""
    return (photo.metadata.get("observed_at", ""), photo.position, photo.created, photo.pk)


@transaction.atomic
def erase(*, photo: Photo, by: User) -> None:
    """Delete a photo and its files for good; the original only if nobody else has sent the same.

    Raises ValidationError while something that must not change, a frozen dataset or a drawn box, names it.
    """
    sighting = observations.lock(Observation(pk=photo.observation_id), kept=True)
    locked = _lock(photo)
    if not (_owns(by, locked) or _answers_for(by, locked)):
        raise PermissionDenied("Only its owner erases a photo.")
    try:
        # A savepoint, so that a refused deletion leaves the caller's transaction usable.
        with transaction.atomic():
            Photo.objects.get(pk=locked.pk).delete()
            if locked.shown:
                deletions.note(gone=[(Deletion.Kind.PHOTO, locked.pk)])
    except ProtectedError as error:
        kinds = sorted({str(each._meta.verbose_name) for each in error.protected_objects})
        raise ValidationError(
            f"The photo is part of something that is kept as it is ({', '.join(kinds)}). "
            "Withdraw what it may be used for instead; only you and reviewers see it then."
        ) from error
    listing.touch(sighting)
    visibility.settle(sighting)
    if sighting.state == State.KEPT and not sighting.photos.exists():
        # Nothing rests on it any more: what was said of it goes with the next that is cleared away.
        Observation.objects.filter(pk=sighting.pk).update(state=State.WITHDRAWN)
    transaction.on_commit(lambda: stored_files.remove([locked]))


def _lock(photo: Photo) -> Photo:
    """Raises NotYours where it was erased meanwhile."""
    found = Photo.objects.select_for_update().filter(pk=photo.pk, discarded_at=None).first()
    if found is None:
        raise NotYours("No such photo.")
    return found


def _owns(person: User, photo: Photo) -> bool:
    return photo.owner_id == person.pk or (photo.batch is not None and photo.batch.operator_id == person.pk)


def _answers_for(person: User, photo: Photo) -> bool:
    """An admin, for what is published or was: a draft is its owner's alone."""
    return person.is_admin and photo.observation.state in (State.PUBLISHED, State.KEPT)


def check_purposes(purposes: Iterable[str]) -> None:
    unknown = set(purposes) - set(Purpose.values)
    if unknown:
        raise ValidationError(
            {"consents": f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(Purpose.values)}."}
        )


def consents_for(
    *, owner: User, licence: str, batch: ImportBatch | None, said: Iterable[str] | None
) -> set[str]:
    """The purposes a new photo is allowed for: what is said now, else the batch's, else the account's."""
    if said is not None:
        given = set(said)
    elif batch is not None:
        given = set(batch.consents)
    else:
        defaults = {
            Purpose.SHOW: owner.consents_to_show,
            Purpose.RESEARCH: owner.consents_to_research,
            Purpose.TRAIN: owner.consents_to_train,
        }
        given = {purpose for purpose, granted in defaults.items() if granted}
    check_purposes(given)
    return given & WITHOUT_LICENCE if licence == Licence.NONE else given
