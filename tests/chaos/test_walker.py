"""Four people write, and somebody who keeps a copy by `updated_since` misses nothing: docs/api.md says how."""

import io
import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest
import requests

from tests import universe
from tests.end_to_end.site import Site

pytestmark = pytest.mark.long

SECONDS, IN_FULL = 15, 300
SIGHTINGS = 12
LABELS = ["brown_trout", "rainbow_trout", "brook_trout", "salmo"]
LISTS = ("observations", "occurrences")

PEOPLE = f"""
import json
from accounts import actions as accounts
from accounts.models import Role, User
from species.models import Taxon
from tests import universe

alice = accounts.sign_up(email="alice@example.org", password=None, display_name="Alice")
bob = accounts.sign_up(email="bob@example.org", password=None, display_name="Bob")
rita = accounts.sign_up(email="rita@example.org", password=None, display_name="Rita", role=Role.REVIEWER)
admin = User.objects.get(role=Role.ADMIN)
sightings = [universe.sighting(alice, seed=number, latitude=47.2, longitude=11.4) for number in range({SIGHTINGS})]
print(json.dumps({{
    "tokens": {{each.display_name: accounts.make_token(user=each, name="walk", by=each).secret
               for each in (alice, bob, rita)}}
        | {{"admin": accounts.make_token(user=admin, name="walk", by=admin).secret}},
    "sightings": [str(each.pk) for each in sightings],
    "occurrences": [str(each.occurrences.get().pk) for each in sightings],
    "names": [each.label for each in Taxon.objects.filter(rank="species", synonym_of=None).order_by("label")],
}}))
"""


@dataclass
class Writer:
    """One person at one client; what is refused because of what others just did is no failure."""

    site: str
    token: str
    seed: int
    failures: list[str] = field(default_factory=list)
    did: int = 0

    def __post_init__(self):
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Token {self.token}"
        self.random = random.Random(self.seed)

    def send(self, method: str, path: str, **said) -> requests.Response | None:
        answer = self.http.request(method, f"{self.site}/api/v1/{path}", timeout=60, **said)
        if answer.status_code >= 500:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        self.did += answer.status_code < 300
        return answer if answer.status_code < 300 else None


def drafts(writer: Writer, made: dict) -> None:
    """A draft that waits, and is published later; two at a time, so that the later may come first."""
    ids = [str(uuid4()), str(uuid4())]
    for each in ids:
        file = io.BytesIO(universe.photo_bytes(each, size=(64, 32)))
        sent = writer.send("PUT", f"photos/{each}", files={"file": ("a.jpg", file, "image/jpeg")})
        if sent is not None:
            ids[ids.index(each)] = sent.json()["observation"]
    writer.random.shuffle(ids)
    for each in ids:
        time.sleep(writer.random.random() / 5)
        writer.send("POST", f"observations/{each}/publish")
        made["fresh"].append(each)


def edits(writer: Writer, made: dict) -> None:
    """Alice's own: other words, another day or place; deleted, and mostly had back."""
    at = f"observations/{writer.random.choice(made['sightings'])}"
    what = writer.random.randrange(5)
    if what == 0:
        writer.send("PUT", at, json={"note": f"Seen {writer.random.random():.6f}."})
    elif what == 1:
        writer.send("PUT", at, json={"observed_at": f"2020-0{writer.random.randint(1, 9)}-03"})
    elif what == 2:
        place = {"latitude": writer.random.uniform(46, 48), "longitude": 11.4, "place_source": "map_pin"}
        writer.send(
            "PUT", at, json=place | {"privacy": writer.random.choice(["open", "private", "generalized"])}
        )
    elif what == 3:
        if writer.send("DELETE", at) is not None and writer.random.random() < 0.8:
            writer.send("POST", f"{at}/restore")
    else:
        said = {"show": writer.random.choice(["true", "false"])}
        found = writer.send("GET", at)
        if found is not None and found.json()["photos"]:
            writer.send("PATCH", f"photos/{found.json()['photos'][0]['id']}/consents", data=said)


def rules(writer: Writer, made: dict) -> None:
    """Names and rulings, and some of them taken back."""
    here = {"occurrence": writer.random.choice(made["occurrences"]), "taxon": writer.random.choice(LABELS)}
    if writer.random.random() < 0.6:
        said = writer.send("POST", "identifications", json=here)
        kind = "identifications"
    else:
        said = writer.send("POST", "rulings", json=here | {"reason": "Seen."})
        kind = "rulings"
    if said is not None and writer.random.random() < 0.5:
        writer.send("POST", f"{kind}/{said.json()['id']}/withdraw")


def merges(writer: Writer, made: dict) -> None:
    """One name becomes another's, and does not any more."""
    old, new = writer.random.sample(made["names"], 2)
    change = {"kind": "merge", "old": [old], "new": [new], "reason": "One species."}
    proposed = writer.send("POST", "taxon-changes", json=change)
    if proposed is None:
        return
    at = f"taxon-changes/{proposed.json()['id']}"
    if writer.send("POST", f"{at}/apply") is None:
        writer.send("DELETE", at)
        return
    for _ in range(40):
        time.sleep(0.25)
        if writer.send("POST", f"{at}/undo") is not None:
            return


class Walker:
    """Keeps a copy as docs/api.md says, knowing nothing but the answers."""

    def __init__(self, site: str) -> None:
        self.site, self.http = site, requests.Session()
        self.since: datetime | None = None
        self.copy: dict[str, dict[str, dict]] = {name: {} for name in LISTS}
        self.walks = 0

    def rows(self, name: str, query: dict) -> list[dict]:
        self.began = None
        url, found = f"{self.site}/api/v1/{name}", []
        while url:
            answer = self.http.get(url, params=query, timeout=60)
            assert answer.status_code == 200, answer.text[:300]
            self.began = self.began or parsedate_to_datetime(answer.headers["Date"])
            found += answer.json()["results"]
            url, query = answer.json()["next"], {}
        return found

    def walk(self) -> None:
        since = {} if self.since is None else {"updated_since": self.since.isoformat()}
        starts = []
        for name in LISTS:
            for row in self.rows(name, {"page_size": 7} | since):
                self.copy[name][row["id"]] = row
            starts.append(self.began)
        if self.since is not None:
            for gone in self.rows("deletions", {"gone_since": self.since.isoformat()}):
                for name in LISTS:
                    if name == f"{gone['kind']}s":
                        self.copy[name].pop(gone["id"], None)
        self.since = min(starts) - timedelta(minutes=1)
        self.walks += 1

    def whole(self) -> dict[str, dict[str, dict]]:
        """What the site shows now, from end to end."""
        return {name: {row["id"]: row for row in self.rows(name, {"page_size": 200})} for name in LISTS}


@pytest.fixture
def site(tmp_path, migrated):
    site = Site(tmp_path, like=migrated, WRITES_PER_PERSON="1000000/hour")
    try:
        yield site.start()
    finally:
        site.close()


def test_four_writers_and_a_walker_who_misses_nothing(site, full, record):
    made = json.loads(site.shell(PEOPLE)) | {"fresh": []}
    over = threading.Event()
    roles = [("Alice", edits), ("Bob", drafts), ("Rita", rules), ("admin", merges)]
    writers = [Writer(site.url, made["tokens"][name], seed) for seed, (name, _) in enumerate(roles)]

    def write(writer: Writer, act) -> None:
        while not over.is_set():
            try:
                act(writer, made)
            except requests.RequestException as error:
                writer.failures.append(repr(error))

    threads = [
        threading.Thread(target=write, args=(one, act)) for one, (_, act) in zip(writers, roles, strict=True)
    ]
    walker = Walker(site.url)
    walker.walk()
    for thread in threads:
        thread.start()
    ends = time.monotonic() + (IN_FULL if full else SECONDS)
    try:
        while time.monotonic() < ends:
            walker.walk()
    finally:
        over.set()
        for thread in threads:
            thread.join(90)
    assert [line for each in writers for line in each.failures] == []
    assert all(each.did > 3 for each in writers), [each.did for each in writers]
    admin = {"Authorization": f"Token {made['tokens']['admin']}"}

    def quiet() -> bool:
        """Nothing follows a change of names any more."""
        jobs = requests.get(
            f"{site.url}/api/v1/jobs", params={"order": "newest"}, headers=admin, timeout=60
        ).json()
        before = walker.whole()
        time.sleep(2)
        return all(each["state"] in ("done", "failed", "cancelled") for each in jobs["results"]) and (
            before == walker.whole()
        )

    site.wait(quiet, 300, "what follows to be done")
    walker.walk()
    shown = walker.whole()
    for name in LISTS:
        missed = shown[name].keys() - walker.copy[name].keys()
        kept = walker.copy[name].keys() - shown[name].keys()
        stale = [id for id, row in shown[name].items() if walker.copy[name].get(id) != row]
        assert (missed, kept, stale) == (set(), set(), []), name
    assert len(shown["observations"]) > SIGHTINGS / 2
    record(
        "4 writers and a walker",
        walks=walker.walks,
        written=sum(each.did for each in writers),
        sightings=len(shown["observations"]),
        missed=0,
    )
