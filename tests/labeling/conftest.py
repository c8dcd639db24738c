import pytest

from accounts.actions import grant, source_account
from accounts.models import User
from species.access import observation_scope
from species.models import Observation, Occurrence, Photo


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
