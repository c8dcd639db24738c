"""The files of photos in the default storage: originals by content, renditions by photo.

A row is written after its files and deleted before them, so a killed process can leave a file without a row
(`manage.py fsck` finds it) and never a row without its files.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from jobs.models import Job
from species.images.decode import SIZES
from species.models import Photo

log = logging.getLogger(__name__)

FOLDERS = ("originals", "renditions")
BATCH = 2000  # rows read at once
SOON = timedelta(minutes=1)  # long before then the next sweep has made a job of what changed


def files_expected(folder: str) -> Iterator[str]:
    """The storage names in one of FOLDERS that rows refer to, sorted."""
    if folder == "originals":
        yield from (Photo(sha256=sha256).original_name for sha256 in _contents())
        return
    rows, last = Photo.objects.order_by("pk").only("id", "sha256", "rendered_as"), None
    # A few at a time: whoever walks through the files beside it takes hours, and would hold a snapshot as long.
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        last = batch[-1].pk
        for photo in batch:
            yield from sorted(_renditions(photo))


def _renditions(photo: Photo) -> list[str]:
    """Of the whole of it, and of what others see in its place where that is something else."""
    kinds = ["", photo.rendered_as] if photo.rendered_as else [""]
    return [photo.rendition_name(size, kind) for kind in kinds for size in SIZES]


def _contents() -> Iterator[str]:
    """The sha256 of every original, sorted, each once."""
    found, last = Photo.objects.order_by("sha256").values_list("sha256", flat=True).distinct(), ""
    while batch := list(found.filter(sha256__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1]


def is_expected(name: str) -> bool:
    """Does a row refer to this name now?"""
    folder, last = name.split("/")[0], name.split("/")[-1]
    if folder == "originals":
        photos = Photo.objects.filter(sha256=last)
    else:
        try:
            photos = Photo.objects.filter(pk=UUID(last[:36]))
        except ValueError:
            return False
    return any(name in (each.original_name, *_renditions(each)) for each in photos)


def unfinished() -> Iterator[str]:
    """A sentence where what others see of photos is not made, and no job makes it."""
    waiting = Photo.objects.to_be_rendered().filter(observation__updated__lt=timezone.now() - SOON).count()
    if waiting and not Job.objects.filter(kind="render").unfinished().exists():
        yield f"{waiting} photos wait for the pictures that others may see of them, and no job makes them."


def damaged() -> Iterator[str]:
    """A sentence for each original that is not the one it is named after. Reads them all."""
    for sha256 in _contents():
        name = Photo(sha256=sha256).original_name
        try:
            with default_storage.open(name) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            continue
        if found != sha256:
            yield f"{name} holds other bytes than were stored there."


def store(photo: Photo, original: bytes, renditions: Mapping[int, bytes]) -> None:
    """Write all files of a photo that has no row yet; the same names again are the same content.

    The original is written also where somebody else has stored it: an upload that is quicker because the
    file is known here would tell that it is.
    """
    _write(photo.original_name, original)
    for size, data in renditions.items():
        _write(photo.rendition_name(size), data)


def store_rendered(photo: Photo, shown_as: str, renditions: Mapping[int, bytes]) -> None:
    """Write what others see in the place of the whole photo, beside it."""
    for size, data in renditions.items():
        _write(photo.rendition_name(size, shown_as), data)


def remove_rendered(photo: Photo, shown_as: str) -> None:
    for size in SIZES:
        with _logged(photo):
            default_storage.delete(photo.rendition_name(size, shown_as))


def confirm(photo: Photo, original: bytes, renditions: Mapping[int, bytes]) -> None:
    """After the row is in: put back what an erasure of another's copy, or `fsck --mend`, took meanwhile."""
    if not default_storage.exists(photo.original_name):
        _write(photo.original_name, original)
    for size, data in renditions.items():
        if not default_storage.exists(photo.rendition_name(size)):
            _write(photo.rendition_name(size), data)


def remove(photos: Iterable[Photo], *, renditions: bool = True) -> None:
    """Remove the files of photos whose rows are gone. A failure is logged: fsck finds the file again."""
    for photo in photos:
        if renditions:
            for name in _renditions(photo):
                with _logged(photo):
                    default_storage.delete(name)
        with _logged(photo):
            _remove_original(photo)


@contextmanager
def _logged(photo: Photo) -> Iterator[None]:
    try:
        yield
    # Every store has errors of its own, and none may hide why the files are taken back.
    except Exception as error:
        log.warning("a file of %s was left behind: %s", photo, error)


def _remove_original(photo: Photo) -> None:
    owners = Photo.objects.filter(sha256=photo.sha256)
    if owners.exists() or not default_storage.exists(photo.original_name):
        return
    with default_storage.open(photo.original_name) as file:
        original = file.read()
    default_storage.delete(photo.original_name)
    # Somebody may have sent the same bytes between the question and the deletion. Their row is in either
    # before this second look, or after it and then `confirm` misses the file.
    if owners.exists():
        _write(photo.original_name, original)


def _write(name: str, data: bytes) -> None:
    # Replaces: `save` would pick another name on a storage that does not overwrite.
    saved = default_storage.save(name, ContentFile(data))
    if saved != name:
        default_storage.delete(saved)
        raise RuntimeError(f"The storage put {name} at {saved}; it must overwrite.")
