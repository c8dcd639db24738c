import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction

from accounts.models import User
from labeling.actions import all_boxed, boxes
from research.exports import FORMATS
from research.manifest import store
from species.actions import photos
from tests.research import golden
from tests.research.building import freeze

Files = dict[str, bytes]


def unpacked(pieces: Iterator[bytes]) -> Files:
    zipped = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    return {name: zipped.read(name) for name in zipped.namelist()}


@pytest.fixture
def from_golden(db):
    """A manifest with two licences, boxes, dropped photos and foreign names."""
    with transaction.atomic():
        golden.plant()
    return store.read(freeze(User.objects.get(email="rosa@example.org")))


@pytest.fixture
def boxed(library, alice, bob, rosa):
    """The manifest of a library of which three photos are boxed, and two of them wholly, as somebody says."""
    for organism in library[:3]:
        for photo in organism.photos.all():
            for person in (alice, bob):
                boxes.draw(occurrence=organism, photo=photo, x=0.25, y=0.2, width=0.5, height=0.5, by=person)
    for organism in library[1:3]:
        all_boxed.add(photo=organism.photos.get(), by=bob)
    photos.say(photo=library[4].photos.get(), purpose="train", granted=False, by=alice)
    return store.read(freeze(rosa))


@pytest.fixture
def written() -> Callable[..., Files]:
    def write(manifest: dict, format: str, **options) -> Files:
        return unpacked(FORMATS[format].write(manifest, **options))

    return write


def changed(files: Files, name: str, old: str, new: str) -> Files:
    """With the first `old` in one file made `new`; it has to be there."""
    text = files[name].decode()
    assert old in text, (name, old)
    return files | {name: text.replace(old, new, 1).encode()}
