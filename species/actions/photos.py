"""Every write about images: rows here, files in `species.stored_files`, decoding in `species.ingest`."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from accounts.models import Licence
from species import stored_files
from species.access import NotYours
from species.actions import observations
from species.images.decode import Prepared
from species.images.exif import Exif
from species.models import Consent, ImportBatch, Observation, Photo, Purpose, State

# Shown here, used nowhere else: what a photo without a licence can still be allowed.
WITHOUT_LICENCE = frozenset({Purpose.SHOW})


@transaction.atomic
def open_batch(
    *,
    source,
    licence: str,
    by,
    credit: str = "",
    consents: Iterable[str] = (),
    id: UUID | None = None,
) -> ImportBatch:
    """One import: `by` answers for the licence and the consents of everything it brings from `source`."""
    if not source.is_source:
        raise ValidationError({"source": "Imports belong to a source account."})
    purposes = sorted(set(consents))
    _check_purposes(purposes)
    if not licence.strip():
        raise ValidationError({"licence": "Say under which licence the photos come (an SPDX id)."})
    return ImportBatch.objects.create(
        **({"id": id} if id else {}),
        source=source,
        operator=by,
        licence=licence.strip(),
        credit=credit.strip(),
        consents=purposes,
    )


@transaction.atomic
def record(
    *,
    photo: Photo,
    prepared: Prepared,
    by,
    observation: Observation | None,
    consents: Iterable[str],
    position: int | None,
) -> Photo:
    """Write the row of a photo whose files are stored, with its draft and consents. For `ingest.receive`."""
    if observation is None:
        draft = Observation.objects.create(observer=photo.owner, batch=photo.batch)
    else:
        draft = observations.lock(observation)
        if draft.state != State.DRAFT:
            raise ValidationError(PUBLISHED)
    fields = exif_fields(prepared.exif, draft)
    if fields:
        observations.describe(observation=draft, by=by, **fields)
    if position is None:
        last = Photo.objects.filter(observation=draft).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    photo.observation, photo.position = draft, position
    photo.save(force_insert=True)
    given = set(consents)
    Consent.objects.bulk_create(
        Consent(photo=photo, purpose=purpose, granted=purpose in given, by=by) for purpose in Purpose.values
    )
    return photo


PUBLISHED = "This sighting is published: what people named must stay what it shows. Start a new one."


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


@transaction.atomic
def say(*, photo: Photo, purpose: str, granted: bool, by) -> Consent:
    """Allow or no longer allow one use of a photo. What was said before stays on record.

    The owner (for an import, who ran it) says both; an admin can only say no in their place.
    """
    _check_purposes([purpose])
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
    return Consent.objects.create(photo=locked, purpose=purpose, granted=granted, by=by)


@transaction.atomic
def relicense(*, photo: Photo, licence: str, by) -> Photo:
    """Choose another licence. Without one, research and training are no longer allowed either."""
    if licence not in Licence.values:
        raise ValidationError({"licence": f"Choose one of: {', '.join(Licence.values)}."})
    locked = _lock(photo)
    if not _owns(by, locked) or locked.batch_id is not None:
        raise PermissionDenied("Only who took it chooses the licence of a photo.")
    locked.licence = licence
    locked.save(update_fields=["licence"])
    if licence == Licence.NONE:
        for purpose in Purpose.values:
            if purpose not in WITHOUT_LICENCE:
                say(photo=locked, purpose=purpose, granted=False, by=by)
    photo.licence = licence
    return photo


@transaction.atomic
def erase(*, photo: Photo, by) -> None:
    """Delete a photo and its files for good; the original only if nobody else has sent the same.

    Raises ValidationError while something that must not change, a frozen dataset or a drawn box, names it.
    """
    observations.lock(Observation(pk=photo.observation_id))
    locked = _lock(photo)
    if not (_owns(by, locked) or _answers_for(by, locked)):
        raise PermissionDenied("Only its owner erases a photo.")
    try:
        # A savepoint, so that a refused deletion leaves the caller's transaction usable.
        with transaction.atomic():
            Photo.objects.get(pk=locked.pk).delete()
    except ProtectedError as error:
        kinds = sorted({each._meta.verbose_name for each in error.protected_objects})
        raise ValidationError(
            f"The photo is part of something that is kept as it is ({', '.join(kinds)}). "
            "Withdraw what it may be used for instead; only you and reviewers see it then."
        ) from error
    transaction.on_commit(lambda: stored_files.remove([locked]))


def _lock(photo: Photo) -> Photo:
    """Raises NotYours where it was erased meanwhile."""
    found = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if found is None:
        raise NotYours("No such photo.")
    return found


def _owns(person, photo: Photo) -> bool:
    return photo.owner_id == person.pk or (
        photo.batch_id is not None and photo.batch.operator_id == person.pk
    )


def _answers_for(person, photo: Photo) -> bool:
    """An admin, for what is published: a draft is its owner's alone."""
    return person.is_admin and photo.observation.state == State.PUBLISHED


def _check_purposes(purposes: Iterable[str]) -> None:
    unknown = set(purposes) - set(Purpose.values)
    if unknown:
        raise ValidationError(
            {"consents": f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(Purpose.values)}."}
        )


def consents_for(*, owner, licence: str, batch: ImportBatch | None, said: Iterable[str] | None) -> set[str]:
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
    _check_purposes(given)
    return given & WITHOUT_LICENCE if licence == Licence.NONE else given
