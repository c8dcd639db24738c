"""One universe for every test: the same people and organisms, built through the actions.

Alice owns, Bob is a colleague (he holds a grant), Charlie is a stranger; Rita reviews, Ada is the admin.
"""

import os
import sys
import uuid
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from accounts import actions as accounts
from accounts.models import Role, User
from species.images.decoder import get_decoder
from species.models import Observation, Taxon
from tests import universe

# Models and datasets for every floor that shows them; the lower floors are also tested without them.
pytest_plugins = ["tests.ml.fixtures"] if {"research", "ml"} <= set(settings.OPTIONAL_APPS) else []


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Folder of real photos; tests that need it are skipped loudly where it is absent, unless it is required."""
    folder = Path(settings.SAMPLE_DATA)
    if not folder.is_dir():
        if os.environ.get("REQUIRE_SAMPLE_DATA"):
            pytest.fail(f"The sample photos are required here, and {folder} is no folder.")
        pytest.skip(f"SAMPLE PHOTOS ABSENT: {folder} (set AQUA_SAMPLE_DATA); nothing was tested here")
    return folder


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Every test has its own store: no test sees another's files, none touches the real ones."""
    # The development key answers this machine alone; tests come from everywhere.
    settings.SECRET_KEY = "a key of the tests' own, which no program reads here by chance"
    # A hash made slow on purpose is most of the time of a test with five people.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Redis is rolled back by nobody: counters of one test must not stop another.
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    settings.FILES = tmp_path / "files"
    settings.MODELS = tmp_path / "models"
    settings.RUNS = tmp_path / "runs"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "species.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": str(settings.FILES)},
        }
    }


@pytest.fixture
def no_decoder(monkeypatch):
    """Photos cannot be opened: the decoding program ends before it begins."""
    decoder = get_decoder()
    decoder.close()
    monkeypatch.setattr(decoder, "_program", (sys.executable, "-c", "raise SystemExit(3)"))
    yield
    decoder.close()


PASSWORD = "a trout in the reeds"


def person(name: str, role: str = Role.CONTRIBUTOR) -> User:
    return accounts.sign_up(
        email=f"{name.lower()}@example.org", password=PASSWORD, display_name=name, role=role
    )


@pytest.fixture
def alice(db) -> User:
    return person("Alice")


@pytest.fixture
def bob(db) -> User:
    return person("Bob")


@pytest.fixture
def charlie(db) -> User:
    return person("Charlie")


@pytest.fixture
def rita(db) -> User:
    return person("Rita", Role.REVIEWER)


@pytest.fixture
def ada(db) -> User:
    return person("Ada", Role.ADMIN)


@pytest.fixture
def tree(db) -> dict[str, Taxon]:
    """Label to taxon of the small tree."""
    return universe.plant_tree()


@pytest.fixture
def sighting_of_alice(alice) -> Observation:
    """Published, at an exact place that others see as a rough area, with two photos and one occurrence."""
    return universe.sighting(
        alice,
        seed="alice",
        photos=2,
        observed_at=datetime(2015, 10, 10, 14, 30),
        utc_offset=120,
        latitude=47.26812,
        longitude=11.39325,
    )


# Fixtures that lead to a database, a broker or a running site.
NEEDS_SERVICES = {"db", "transactional_db", "_django_db_helper"}
# Folders whose tests start whole sites, each of which waits for its turn of the two cores.
WHOLE_SITES = ("end_to_end", "chaos")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(config, items):
    """One file's tests stay in one process, and so do all that share the one running site.

    With ONLY_WITH_SERVICES the tests that never touch a database or a broker are left to the other run, and so
    are those marked `once`: what they find cannot depend on which of them answers.
    """
    for item in items:
        folder = Path(item.path).parent.name
        group = folder if folder in WHOLE_SITES else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
    if os.environ.get("ONLY_WITH_SERVICES"):
        left_out = [item for item in items if not differs_by_services(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def differs_by_services(item) -> bool:
    if item.get_closest_marker("once"):
        return False
    folder = Path(item.path).parent.name
    if folder == "chaos" and not os.environ.get("CHAOS"):
        # `make chaos` runs all of them on both; their short forms start a site each, and are short on neither.
        return bool(item.get_closest_marker("both"))
    whole_site = folder in WHOLE_SITES
    return whole_site or item.get_closest_marker("django_db") or NEEDS_SERVICES & set(item.fixturenames)
