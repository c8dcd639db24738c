from pathlib import Path

import pytest

from accounts.actions import grant, source_account
from accounts.models import User
from species.access import observation_scope
from species.models import Observation, Occurrence, Photo
from tests.labeling.imports.collecting import COLUMNS
from tests.universe import photo_bytes


@pytest.fixture
def occurrence(sighting_of_alice: Observation, tree) -> Occurrence:
    """The one organism in Alice's published sighting."""
    return Occurrence.objects.select_related("observation").get(observation=sighting_of_alice)


@pytest.fixture
def photo(occurrence: Occurrence) -> Photo:
    """The first of its photos."""
    return occurrence.photos.order_by("position").first()


@pytest.fixture
def source(db) -> User:
    return source_account(name="fish pass cameras")


@pytest.fixture
def colleague(bob, ada, sighting_of_alice) -> User:
    """Bob, with a grant on Alice's sighting."""
    scope = observation_scope(sighting_of_alice.pk)
    grant(user=bob, scope=scope, purpose="to measure it", by=ada)
    return bob


@pytest.fixture
def folder(tmp_path, tree) -> Path:
    """Two sightings: three photos of a brown trout, one of a rainbow trout."""
    folder = tmp_path / "cameras"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(photo_bytes(f"camera {number}"))
    rows = [
        "0.jpg,A,Salmo trutta,2015-04-13T16:52:29,470",
        "1.jpg,A,Salmo trutta,2015-04-13T16:52:29,470",
        "2.jpg,B,Oncorhynchus mykiss,2015-04-14T01:00:00+02:00,",
        "3.jpg,A,Salmo trutta,2015-04-13T16:52:29,470",
    ]
    (folder / "observations.csv").write_text("\n".join([COLUMNS, *rows]))
    return folder
