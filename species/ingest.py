"""The one way in for photos, whichever door they come through: page, API or command."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError

from accounts.models import Licence
from species import stored_files
from species.access import NotYours
from species.actions import allowances, photos
from species.images.decode import Prepared
from species.images.decoder import get_decoder
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import ImportBatch, Observation, Photo, State

__all__ = ["ImageRefused", "NotYours", "Received", "base_name", "of_the_day", "read", "receive"]


@dataclass(frozen=True)
class Received:
    """`created` is False when the photo was here already; `notice` then says so to the person."""

    photo: Photo
    created: bool
    notice: str = ""


KNOWN = "You have sent this photo before. It is in the library once, where you put it then."


def read(file) -> bytes:
    """The bytes of an uploaded file. Raises ImageRefused before more than the limit is in memory."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    return data


def receive(
    *,
    data: bytes,
    owner,
    by=None,
    observation: Observation | None = None,
    id: UUID | None = None,
    file_name: str = "",
    licence: str | None = None,
    credit: str = "",
    consents: Iterable[str] | None = None,
    batch: ImportBatch | None = None,
    position: int | None = None,
    counted: bool = False,
    record: Callable[..., Photo] = photos.record,
) -> Received:
    """Take in one photo: decode it, store its files, then write its rows, all of them or none.

    Without an `observation` a draft is made, and time and place filled from EXIF; with a draft, what it does not
    say yet is filled; a published one says when and where as before. Licence and consents default to the batch's,
    else to those of the owner's account.
    The same bytes from the same owner are the same photo, and so is a retried `id`. `record` writes the rows, in
    one transaction: `photos.record`, or an action that calls it and writes what belongs to the photo beside it.
    `counted`: the bytes were taken from what the owner may add today before, and who took them gives them back.

    Raises ImageRefused (the file), ValidationError (what was said of it), UsedUp (the bytes that one person may
    add in a day), PermissionDenied, NotYours (an id or a sighting of somebody else). After any of them there is
    no row and no file.
    """
    by = by or owner
    if by != owner and (batch is None or batch.operator_id != by.pk or not owner.is_source):
        raise PermissionDenied("Nobody can share a photo in somebody else's name.")
    if observation is not None and observation.observer_id != owner.pk:
        raise NotYours("No such sighting.")
    if not data:
        raise ImageRefused("empty")
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    digest = sha256(data).hexdigest()
    known = _known(id=id, owner=owner, digest=digest)
    if known is not None and not Photo.objects.kept().filter(pk=known.pk).exists():
        # Discarded a moment ago, and sent anew: not that one again, with whatever it lay among.
        photos.forget(known)
        known = None
    if known is not None:
        return Received(known, False, KNOWN)
    if observation is not None and observation.state != State.DRAFT:
        # Asked here too, before any work: `photos.record` asks when it holds the sighting.
        if batch is not None:
            raise ValidationError(photos.PUBLISHED)
        if observation.occurrences.count() > 1:
            raise ValidationError(photos.SEVERAL)
    licence = _licence(licence, owner, batch)
    given = photos.consents_for(owner=owner, licence=licence, batch=batch, said=consents)
    with _of_the_day(owner, 0 if batch or counted else len(data)) as kept:
        prepared = get_decoder().prepare(data)
        photo = Photo(
            id=id or uuid4(),
            owner=owner,
            sha256=digest,
            phash=prepared.phash,
            media_type=prepared.media_type,
            file_name=base_name(file_name),
            file_size=len(data),
            width=prepared.width,
            height=prepared.height,
            water=prepared.water,
            licence=licence,
            credit=(credit or (batch.credit if batch else "")).strip()[:300],
            metadata=_metadata(prepared),
            drawn=prepared.drawn,
            batch=batch,
        )
        try:
            stored_files.store(photo, data, prepared.renditions)
            record(
                photo=photo,
                prepared=prepared,
                by=by,
                observation=observation,
                consents=given,
                position=position,
            )
        except IntegrityError:
            # Another request was quicker: with this photo, or with another one under this id.
            _clear(photo)
            known = _known(id=id, owner=owner, digest=digest)
            if known is None:
                raise
            return Received(known, False, KNOWN)
        except BaseException:
            _clear(photo)
            raise
        stored_files.confirm(photo, data, prepared.renditions)
        kept.append(photo)
        return Received(photo, True)


def of_the_day(owner, size: int) -> dict[str, Any]:
    """So many bytes of those that a person may add in a day, as `allowances.take` wants them."""
    limit = settings.UPLOAD_BYTES_PER_DAY
    sentence = f"One person may add {allowances.in_words(limit)} a day, and this would be more."
    return {
        "who": f"person {owner.pk}",
        "size": size,
        "span": allowances.DAY,
        "limit": limit,
        "sentence": sentence,
    }


@contextmanager
def _of_the_day(owner, size: int) -> Iterator[list[Photo]]:
    """Counts the bytes against what the owner may add today, unless nothing comes to be kept. Raises UsedUp.

    Taken before the work and not after: many requests at once must not all find room. A collection that is
    imported is not counted: whoever runs the site sends it.
    """
    allowance = of_the_day(owner, size)
    if size:
        allowances.take(**allowance)
    kept: list[Photo] = []
    try:
        yield kept
    finally:
        if size and not kept:
            with suppress(DatabaseError):
                allowances.give_back(who=allowance["who"], size=size, span=allowance["span"])


def _known(*, id: UUID | None, owner, digest: str) -> Photo | None:
    """The owner's photo of this id or of these bytes."""
    if id is not None:
        same_id = Photo.objects.select_related("observation").filter(pk=id).first()
        if same_id is not None:
            if same_id.owner_id != owner.pk:
                raise NotYours("No such photo.")
            if same_id.sha256 != digest:
                raise ValidationError({"id": "Another photo of yours has this id already."})
            return same_id
    return Photo.objects.select_related("observation").filter(owner=owner, sha256=digest).first()


def _licence(licence: str | None, owner, batch: ImportBatch | None) -> str:
    if batch is not None:
        return (licence or batch.licence).strip()[:64]
    if licence is not None and licence not in Licence.values:
        raise ValidationError({"licence": f"Choose one of: {', '.join(Licence.values)}."})
    return licence or owner.licence


def base_name(file_name: str) -> str:
    """Browsers send paths now and then, and PostgreSQL refuses NUL in a text."""
    return file_name.replace("\0", "").replace("\\", "/").rsplit("/", 1)[-1][:200]


def _metadata(prepared: Prepared) -> dict:
    said = {key: value for key, value in asdict(prepared.exif).items() if value is not None}
    if prepared.exif.satellite_time is not None:
        said["satellite_time"] = prepared.exif.satellite_time.replace(tzinfo=UTC)
    return {
        key: value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else value
        for key, value in said.items()
    }


def _clear(photo: Photo) -> None:
    """Take back the files of a photo that got no row; a row of the same id and content owns them."""
    owned = Photo.objects.filter(pk=photo.pk, sha256=photo.sha256).exists()
    stored_files.remove([photo], renditions=not owned)
