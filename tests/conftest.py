"""One universe for every test: the same people and organisms, built through the actions.

Alice owns, Bob is a colleague (he holds a grant), Charlie is a stranger; Rita reviews, Ada is the admin.
"""

import gc
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
pytest_plugins = ["tests.databases", "tests.browsers"]
# No Django there, and reading it costs each process ten seconds: torch is imported.
collect_ignore = ["ml/vision"] if os.environ.get("ONLY_WITH_SERVICES") else []
if {"research", "ml"} <= set(settings.OPTIONAL_APPS):
    pytest_plugins.append("tests.ml.fixtures")


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
def own_folder(settings, tmp_path, monkeypatch):
    """Every test has its own store: no test sees another's files, none touches the real ones."""
    # No test pulls the plug; to wait for the disk, eight times a photo, is for sites that really run.
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    # The development key answers this machine alone; tests come from everywhere.
    settings.SECRET_KEY = "a key of the tests' own, which no program reads here by chance"
    # A hash made slow on purpose is most of the time of a test with five people.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Redis is rolled back by nobody: counters of one test must not stop another.
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    settings.FILES = tmp_path / "files"
    settings.MODELS = tmp_path / "models"
    settings.RUNS = tmp_path / "runs"
    settings.WATERS = tmp_path / "waters"
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
# Folders whose tests start whole sites.
WHOLE_SITES = ("end_to_end", "chaos")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(config, items):
    """One file's tests stay in one process, and so do all that share the one running site, or the machine's peace.

    Those marked `long` wait for `make chaos`. With ONLY_WITH_SERVICES the tests that never touch a database or a
    broker are left to the other run, and so are those marked `once`: what they find cannot depend on which of them
    answers.
    """
    for item in items:
        folder = Path(item.path).parent.name
        # Of chaos each site has its turn alone; what shares the site of end_to_end waits for it once.
        together = folder == "chaos" or (folder == "end_to_end" and "site" in item.fixturenames)
        item.add_marker(pytest.mark.xdist_group(folder if together else str(item.path)))
    asked_for = os.environ.get("CHAOS") or any("tests/chaos" in each for each in config.args)
    left_out = {
        item
        for item in items
        if (item.get_closest_marker("long") and not asked_for)
        or (os.environ.get("ONLY_WITH_SERVICES") and not differs_by_services(item))
    }
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(specname="pytest_collection_modifyitems", trylast=True)  # after pytest-django's order
def pytest_whole_sites_first(items):
    """They take minutes, and ask no database of the suite: at the end they would be all that one core still does."""
    items.sort(key=lambda item: Path(item.path).parent.name not in WHOLE_SITES or asks_a_database(item))


def asks_a_database(item) -> bool:
    return bool(item.get_closest_marker("django_db") or NEEDS_SERVICES & set(item.fixturenames))


def pytest_collection_finish():
    """What was imported stays: torch and its friends are a million objects, which every full collection would visit."""
    gc.collect()
    gc.freeze()


def differs_by_services(item) -> bool:
    if item.get_closest_marker("once"):
        return False
    folder = Path(item.path).parent.name
    if folder == "chaos" and not os.environ.get("CHAOS"):
        # `make chaos` runs all of them on both; their short forms start a site each, and are short on neither.
        return bool(item.get_closest_marker("both"))
    whole_site = folder in WHOLE_SITES
    return whole_site or asks_a_database(item)
