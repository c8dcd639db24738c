"""A photo that arrives piece by piece, through lines that break: begun, added to, and then taken in like any other."""

import hashlib
import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from species import ingest
from species.access import NotYours
from species.actions import allowances, photos
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import Observation, Photo, Upload

log = logging.getLogger(__name__)

FOLDER = "unfinished"
FOLDERS = (FOLDER,)
LASTS = timedelta(days=1)
MOST_PIECES = 1000
# How the bytes of a piece may be named; tus asks for the first.
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
IN_MEMORY = 1024 * 1024  # bytes of one piece
READ = 64 * 1024
UNKNOWN = "No such upload: it was never begun, ended, or is over."
MANY = f"That is one piece more than {MOST_PIECES}. Begin again, and send larger ones."


class Elsewhere(Exception):
    """409: it goes on at another byte than was said."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"It goes on at byte {offset}. Ask where (HEAD), and send what comes from there.")
        self.offset = offset


class TooLong(Exception):
    """413: more than was said when it began."""


class OtherPiece(Exception):
    """460, as tus has it: the piece is not what its checksum says. Nothing of it was kept."""


class Refused(Exception):
    """400: all of it arrived, and it was not taken."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.refusal)
        self.code, self.sentence = upload.refused, upload.refusal


@dataclass(frozen=True)
class Checksum:
    """What a client says that a piece has."""

    algorithm: str
    digest: bytes


@transaction.atomic
def begin(
    *, by: User, id: UUID, length: int, said: dict[str, Any], file_name: str = "", digest: str = ""
) -> Upload:
    """Make room for a photo of `length` bytes; the same id again is the same one. `said`: as `ingest.receive` has it.

    Raises ImageRefused, ValidationError, NotYours, UsedUp.
    """
    if length < 1:
        raise ImageRefused("empty")
    if length > MAX_BYTES:
        raise ImageRefused("too_large")
    known = Upload.objects.filter(pk=id).first()
    if known is not None:
        if known.owner_id != by.pk:
            raise NotYours(UNKNOWN)
        if (known.length, known.digest) != (length, digest):
            raise ValidationError({"id": "Another upload of yours has this id already."})
        return known
    if Photo.objects.filter(pk=id).exclude(owner=by).exists():
        raise NotYours("No such photo.")
    _observation(said, by)
    allowances.take(**ingest.of_the_day(by, length))
    return Upload.objects.create(
        id=id,
        owner=by,
        length=length,
        said=said,
        file_name=ingest.base_name(file_name),
        digest=digest,
        expires=timezone.now() + LASTS,
    )


def standing(*, id: UUID | str, by: User) -> Upload:
    """Raises Http404 for one of somebody else, and for one that is over."""
    upload = Upload.objects.filter(pk=id, owner=by, expires__gt=timezone.now()).first()
    if upload is None:
        raise Http404(UNKNOWN)
    return upload


def add(*, upload: Upload, by: User, offset: int, body: IO[bytes], checksum: Checksum | None) -> Upload:
    """Take what comes at `offset`. With the last of it, it becomes a photo, once; whatever is refused then ends it.

    Raises Elsewhere, TooLong, OtherPiece, Refused, ValidationError; DecoderFailed, after which the last piece may be
    sent again.
    """
    if upload.owner_id != by.pk:
        raise NotYours(UNKNOWN)
    if upload.state == Upload.State.REFUSED:
        raise Refused(upload)
    if offset != upload.offset:
        raise Elsewhere(upload.offset)
    if upload.state == Upload.State.DONE:
        return upload
    with _spooled(body, upload.length - offset, checksum) as (piece, size):
        if offset + size == upload.length:
            return _finish(upload, _whole(upload, piece), by)
        return _keep(upload, piece, size)


def end(*, upload: Upload, by: User) -> None:
    """Forget it, and what arrived of it. A photo that it became stays."""
    if upload.owner_id != by.pk:
        raise NotYours(UNKNOWN)
    _forget(upload)


def forget_old() -> None:
    """What was not sent to its end within the day goes."""
    for upload in Upload.objects.filter(expires__lte=timezone.now())[:1000]:
        _forget(upload)
    # Pieces that lost a race, or whose process was killed before the row knew of them.
    for name in _stored():
        if not is_expected(name) and _age(name) > LASTS:
            _delete([name])


def forget_of(person: User) -> None:
    """Of somebody who leaves, at once."""
    for upload in Upload.objects.filter(owner=person):
        _forget(upload)


def files_expected(folder: str) -> Iterator[str]:
    """Sorted, as what is in the store is."""
    rows = Upload.objects.values_list("pieces", flat=True)
    yield from sorted(name for pieces in rows for name in pieces)


def is_expected(name: str) -> bool:
    try:
        upload = Upload.objects.filter(pk=UUID(name.rpartition("/")[2][:36])).first()
    except ValueError:
        return False
    return upload is not None and name in upload.pieces


@contextmanager
def _spooled(body: IO[bytes], most: int, checksum: Checksum | None) -> Iterator[tuple[IO[bytes], int]]:
    """The piece, in memory if it is short, and its size. Raises TooLong, OtherPiece."""
    said = CHECKSUMS[checksum.algorithm]() if checksum else None
    size = 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=_folder()) as piece:
        while data := body.read(min(READ, most + 1 - size)):
            size += len(data)
            if size > most:
                raise TooLong(f"That is more than the {most} bytes that are missing.")
            piece.write(data)
            if said is not None:
                said.update(data)
        if said is not None and checksum is not None and said.digest() != checksum.digest:
            raise OtherPiece(
                "These are other bytes than their checksum says. Nothing of them was kept: send them again."
            )
        piece.seek(0)
        yield piece, size


def _folder() -> str | None:
    folder = settings.FILE_UPLOAD_TEMP_DIR
    return str(folder) if folder.is_dir() else None


def _keep(upload: Upload, piece: IO[bytes], size: int) -> Upload:
    if not size:
        return upload
    if len(upload.pieces) >= MOST_PIECES:
        raise ValidationError(MANY)
    # No two attempts share a name: of two at one byte the row knows that of the first.
    name = f"{FOLDER}/{upload.pk}-{upload.offset}-{secrets.token_hex(4)}"
    default_storage.save(name, File(piece))
    before, upload.offset, upload.pieces = upload.offset, upload.offset + size, [*upload.pieces, name]
    rows = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING, offset=before)
    if not rows.update(offset=upload.offset, pieces=upload.pieces):
        _delete([name])
        upload.refresh_from_db()
        raise Elsewhere(upload.offset)
    return upload


def _whole(upload: Upload, last: IO[bytes]) -> bytes:
    found = bytearray()
    for name in upload.pieces:
        with default_storage.open(name) as file:
            found += file.read()
    return bytes(found + last.read())


def _finish(upload: Upload, data: bytes, by: User) -> Upload:
    def record(**fields: Any) -> Photo:
        # In one transaction: what becomes a photo is not ended, refused or given back by others meanwhile.
        with transaction.atomic():
            photo = photos.record(**fields)
            if not _settle(upload, state=Upload.State.DONE, offset=upload.length, photo=photo):
                raise Http404(UNKNOWN)
            return photo

    try:
        if upload.digest and hashlib.sha256(data).hexdigest() != upload.digest:
            raise ImageRefused(
                "digest_mismatch", "These are other bytes than the digest says. Send them anew."
            )
        received = ingest.receive(
            data=data,
            owner=by,
            id=upload.pk,
            file_name=upload.file_name,
            counted=True,
            record=record,
            **upload.said | _observation(upload.said, by),
        )
    except (ImageRefused, ValidationError, NotYours, PermissionDenied) as error:
        _refuse(upload, error)
    else:
        # It was in the library before: nothing was added, so nothing is counted.
        if not received.created and _settle(
            upload, state=Upload.State.DONE, offset=upload.length, photo=received.photo
        ):
            _give_back(upload)
    return _let_pieces_go(upload)


def _refuse(upload: Upload, error: Exception) -> NoReturn:
    code = error.code if isinstance(error, ImageRefused) else "refused"
    sentence = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    if _settle(upload, state=Upload.State.REFUSED, refused=code, refusal=sentence):
        _give_back(upload)
    raise Refused(_let_pieces_go(upload)) from error


def _settle(upload: Upload, **fields: Any) -> bool:
    """Whether it was this that settled what becomes of it."""
    return bool(Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING).update(**fields))


def _let_pieces_go(upload: Upload) -> Upload:
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist:
        # Its owner ended it meanwhile.
        raise Http404(UNKNOWN) from None
    pieces = upload.pieces
    Upload.objects.filter(pk=upload.pk).update(pieces=[])
    _delete(pieces)
    return upload


def _forget(upload: Upload) -> None:
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            return
        if row.state == Upload.State.RECEIVING:
            _give_back(row)
        row.delete()
    _delete(row.pieces)


def _give_back(upload: Upload) -> None:
    said = ingest.of_the_day(upload.owner, upload.length)
    allowances.give_back(who=said["who"], size=said["size"], span=said["span"], taken=upload.created)


def _observation(said: dict[str, Any], by: User) -> dict[str, Any]:
    """The sighting that is named. Raises NotYours."""
    if "observation" not in said:
        return {}
    found = Observation.objects.filter(pk=said["observation"], observer=by).first()
    if found is None:
        raise NotYours("No such sighting of yours.")
    return {"observation": found}


def _stored() -> list[str]:
    try:
        # Not `exists`: an object store has no folders, so there it would never be asked what is in one.
        return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    except FileNotFoundError:
        return []


def _age(name: str) -> timedelta:
    try:
        return timezone.now() - default_storage.get_modified_time(name)
    except FileNotFoundError:
        return timedelta(0)


def _delete(names: list[str]) -> None:
    for name in names:
        try:
            default_storage.delete(name)
        # Every store has errors of its own, and the usual reason is that another process was quicker.
        except Exception as error:
            log.info("%s was passed over while pieces were forgotten: %s", name, error)
