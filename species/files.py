"""The files of photos in the default storage: originals by content, renditions by photo.

A row is written after its files and deleted before them, so a killed process can leave a file without a row
(found by name and swept later) and never a row without its files.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from species.imaging import SIZES
from species.models import Photo

log = logging.getLogger(__name__)


def store(photo: Photo, original: bytes, renditions: Mapping[int, bytes]) -> None:
    """Write all files of a photo that has no row yet; the same names again are the same content.

    The original is written also where somebody else has stored it: an upload that is quicker because the
    file is known here would tell that it is.
    """
    _write(photo.original_name, original)
    for size, data in renditions.items():
        _write(photo.rendition_name(size), data)


def confirm(photo: Photo, original: bytes) -> None:
    """After the row is in: put the original back if an erasure of another's copy took it meanwhile."""
    if not default_storage.exists(photo.original_name):
        _write(photo.original_name, original)


def remove(photos: Iterable[Photo], *, renditions: bool = True) -> None:
    """Remove the files of photos whose rows are gone. A failure is logged: the sweep finds the file again."""
    for photo in photos:
        if renditions:
            for size in SIZES:
                with _logged(photo):
                    default_storage.delete(photo.rendition_name(size))
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
