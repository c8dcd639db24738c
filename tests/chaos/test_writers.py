"""Eight people have their say over HTTP while a collection is imported: nobody is turned away or forgotten."""

import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

import drawings
from tests.end_to_end.site import Site

pytestmark = pytest.mark.long

WRITERS = 8
SIGHTINGS = 12
LABELS = ["brown_trout", "rainbow_trout", "brook_trout", "salmo", "salmonidae"]
PASSWORD = "a trout in the reeds"
SLOWEST_P99 = 0.5  # seconds, on SQLite

PEOPLE = f"""
import json
from accounts import actions as accounts
from accounts.models import Role, User
from tests import universe

alice = accounts.sign_up(email="alice@example.org", password=None, display_name="Alice")
sightings = [universe.sighting(alice, seed=number, latitude=47.2, longitude=11.4) for number in range({SIGHTINGS})]
people = []
for number in range({WRITERS}):
    who = accounts.sign_up(
        email=f"writer{{number}}@example.org", password="{PASSWORD}", display_name=f"Writer {{number}}"
    )
    secret = accounts.make_token(user=who, name="chaos", by=who).secret
    people.append({{"id": str(who.pk), "email": who.email, "token": secret}})
admin = User.objects.get(role=Role.ADMIN)
print(json.dumps({{
    "people": people,
    "occurrences": [str(each.occurrences.get().pk) for each in sightings],
    "admin": accounts.make_token(user=admin, name="chaos", by=admin).secret,
}}))
"""
IMPORT = """
from accounts.models import Role, User
from jobs.actions import enqueue

admin = User.objects.get(role=Role.ADMIN)
job = enqueue(
    kind="import",
    by=admin,
    arguments={{
        "path": {path!r}, "source": "Drawn for this", "by": str(admin.pk), "license": "CC0-1.0",
        "consents": ["show"],
    }},
)
print(job.pk)
"""


@dataclass
class Writer:
    """One person at one client, by token or signed in as a browser does."""

    site: str
    id: str
    email: str
    token: str
    signs_in: bool
    seed: int
    standing: dict[str, tuple[str, str]] = field(default_factory=dict)  # occurrence: (identification, label)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.http = requests.Session()
        self.random = random.Random(self.seed)

    def open(self) -> None:
        if not self.signs_in:
            self.http.headers["Authorization"] = f"Token {self.token}"
            return
        address = f"{self.site}/accounts/login/"
        self.http.get(address, timeout=30)
        form = {
            "login": self.email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.http.cookies["csrftoken"],
        }
        answer = self.http.post(address, form, timeout=30, allow_redirects=False)
        assert answer.status_code == 302, answer.text[:500]
        self.http.headers["X-CSRFToken"] = self.http.cookies["csrftoken"]

    def send(self, path: str, body: dict | None = None) -> requests.Response | None:
        started = time.monotonic()
        try:
            answer = self.http.post(f"{self.site}/api/v1/{path}", json=body, timeout=60)
        except requests.RequestException as error:
            self.failures.append(repr(error))
            return None
        self.seconds.append(time.monotonic() - started)
        if answer.status_code >= 300:
            self.failures.append(f"{answer.status_code} {answer.text[:300]}")
            return None
        return answer

    def vote(self, occurrences: list[str]) -> None:
        """Say something, say otherwise, or take it back."""
        occurrence = self.random.choice(occurrences)
        said = self.standing.get(occurrence)
        if said and self.random.random() < 0.3:
            if self.send(f"identifications/{said[0]}/withdraw"):
                del self.standing[occurrence]
            return
        label = self.random.choice(LABELS)
        answer = self.send("identifications", {"occurrence": occurrence, "taxon": label})
        if answer is not None:
            self.standing[occurrence] = (answer.json()["id"], label)


@pytest.fixture
def collection(tmp_path, full) -> tuple[Path, int]:
    """A folder with what several people saw and said, and how many pictures it holds."""
    folder = tmp_path / "seen"
    return folder, drawings.draw(folder, "trout", photos=400 if full else 30, seed=8)


@pytest.fixture
def site(tmp_path, collection, migrated):
    site = Site(tmp_path, like=migrated, WRITES_PER_PERSON="1000000/hour")
    try:
        yield site.start()
    finally:
        site.close()


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def test_eight_writers_and_an_import(site, collection, full, record):
    folder, photos = collection
    made = json.loads(site.shell(PEOPLE))
    writers = [
        Writer(site.url, **person, signs_in=number % 2 == 1, seed=number)
        for number, person in enumerate(made["people"])
    ]
    for writer in writers:
        writer.open()
    job = site.shell(IMPORT.format(path=str(folder)))
    over = threading.Event()

    def write(writer: Writer) -> None:
        while not over.is_set():
            writer.vote(made["occurrences"])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    admin = {"Authorization": f"Token {made['admin']}"}

    def imported() -> bool:
        state = requests.get(f"{site.url}/api/v1/jobs/{job}", headers=admin, timeout=60).json()
        assert state["state"] in ("waiting", "running", "done"), state
        return state["state"] == "done"

    try:
        site.wait(imported, 900, "the import")
    finally:
        took = time.monotonic() - started
        over.set()
        for thread in threads:
            thread.join(90)

    assert [line for writer in writers for line in writer.failures] == []
    found = json.loads(site.shell("from tests.chaos.standing import report; report()"))
    assert found["differences"] == []
    assert found["verdicts"] > SIGHTINGS, "of what was imported, too"
    ids = {writer.id for writer in writers}
    kept = {key: label for key, label in found["opinions"].items() if key.split()[0] in ids}
    acknowledged = {
        f"{writer.id} {occurrence}": label
        for writer in writers
        for occurrence, (_, label) in writer.standing.items()
    }
    assert kept == acknowledged

    seconds = [each for writer in writers for each in writer.seconds]
    p99 = quantile(seconds, 0.99)
    record(
        "8 writers and an import",
        votes=len(seconds),
        p50_ms=round(1000 * quantile(seconds, 0.5)),
        p99_ms=round(1000 * p99),
        max_ms=round(1000 * max(seconds)),
        votes_per_second=round(len(seconds) / took, 1),
        photos_imported_per_second=round(photos / took, 1),
    )
    if full and not site.database.url:
        assert p99 < SLOWEST_P99
