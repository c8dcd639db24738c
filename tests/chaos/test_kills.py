"""kill -9 of everything that works, in the middle of it: all is finished, once, and nothing is left behind."""

import random
import time
from collections import Counter

import pytest

from tests.chaos import ledger, rounds
from tests.chaos.clients import Downloader, Uploader
from tests.chaos.victims import Family
from tests.end_to_end.site import Site

pytestmark = pytest.mark.long

SEED = 20150710
# Where to strike: what must be under way, who dies, and how long into it (seconds, at random up to so many).
STRIKES = {
    ("import", "worker"): 1.5,
    ("import", "decoder of worker"): 1.5,
    ("import", "web worker"): 1.5,
    ("freeze", "worker"): 0.3,
    ("freeze", "web master"): 0.3,
    ("train", "worker"): 5.0,
    ("train", "trainer"): 5.0,
    ("train", "web worker"): 5.0,
    ("suggest", "worker"): 0.3,
    ("suggest", "decoder of worker"): 0.3,
    ("suggest", "web master"): 0.3,
    ("upload", "web worker"): 0.2,
    ("upload", "web master"): 0.2,
    ("upload", "decoder of web worker"): 0.2,
    ("export", "web worker"): 0.5,
    ("export", "web master"): 0.5,
}
# Each of the four dies, and each of five works is cut off.
FEW = (
    ("import", "worker"),
    ("import", "decoder of worker"),
    ("train", "trainer"),
    ("train", "worker"),
    ("suggest", "worker"),
    ("export", "web master"),
    ("upload", "web worker"),
)
POLL = 0.02
ROUND_SECONDS = 600
IDLE_SECONDS = 60


class Killer:
    """Strikes each of the planned (what, whom) once, when it is under way; in no order but the dice's."""

    def __init__(self, site: Site, family: Family, clients: dict, seed: int) -> None:
        self.site, self.family, self.clients = site, family, clients
        self.dice = random.Random(seed)
        self.struck: Counter[tuple[str, str]] = Counter()
        self.last = 0.0

    def under_way(self) -> set[str]:
        return ledger.running(self.site) | {name for name, each in self.clients.items() if each.busy.is_set()}

    def strike(self, planned: list[tuple[str, str]]) -> None:
        """One look at the site, and one of the planned strikes if its moment is there."""
        now = self.under_way()
        ready = [each for each in planned if each[0] in now]
        if not ready:
            time.sleep(POLL)
            return
        what, whom = self.dice.choice(ready)
        time.sleep(self.dice.uniform(0, STRIKES[what, whom]))
        victims = self.family.look().get(whom, [])
        if what in self.under_way() and victims and self.dice.choice(victims).kill():
            self.last = time.monotonic()
            self.struck[what, whom] += 1
            planned.remove((what, whom))


def play(site: Site, killer: Killer, planned: list[tuple[str, str]]) -> float:
    """Until this round's jobs are over and the strikes too, or nothing is left to strike at; seconds until idle.

    What could not be struck stays in `planned`.
    """
    deadline = time.monotonic() + ROUND_SECONDS
    while not ledger.is_idle(site):
        if planned:
            killer.strike(planned)
        else:
            killer.family.look()
            time.sleep(0.2)
        assert time.monotonic() < deadline, (ledger.unfinished(site), site.out[-4000:])
    quiet = time.monotonic() - killer.last
    # Uploads and downloads go on all the time.
    deadline = time.monotonic() + 20
    while any(what in killer.clients for what, _ in planned) and time.monotonic() < deadline:
        killer.strike([each for each in planned if each[0] in killer.clients])
        planned[:] = [each for each in planned if each[0] not in killer.clients]
    return quiet


def deal(strikes: list[tuple[str, str]], count: int) -> list[list[tuple[str, str]]]:
    """So many hands with about the same number of each strike."""
    hands: list[list[tuple[str, str]]] = [[] for _ in range(count)]
    for number, strike in enumerate(sorted(strikes)):
        hands[number % count].append(strike)
    return hands


@pytest.mark.timeout(7200)
def test_whatever_is_killed_everything_is_finished_once(tmp_path, full, record, migrated):
    photos, count = (24, 14) if full else (24, 1)
    strikes = [each for _ in range(7) for each in STRIKES][:100] if full else list(FEW)
    hands = deal(strikes, count)
    folders = [
        rounds.collection(tmp_path / f"camera {number}", photos, number) for number in range(count + 3)
    ]
    site = Site(
        tmp_path, like=migrated, DRAWINGS="0", TRAIN_OPTIONS=rounds.QUICK, WRITES_PER_PERSON="100000/hour"
    )
    family = Family(site)
    try:
        site.start()
        token = rounds.begin(site, folders[0], before=rounds.ACCOUNT)
        clients = {"upload": Uploader(site.url, token, SEED), "export": Downloader(site.url, token)}
        for client in clients.values():
            client.start()
        killer = Killer(site, family, clients, SEED)
        left: list[tuple[str, str]] = []
        quiet = []
        played = 0
        # Some works are over before their moment comes; their strikes wait for another round.
        while played < count or (full and left and played < len(folders)):
            if played:
                rounds.begin(site, folders[played])
            left += hands[played] if played < count else []
            quiet.append(play(site, killer, left))
            played += 1
        for client in clients.values():
            client.end()
        check(site, family, clients, played, photos)
    finally:
        site.close()
    assert family.left() == [], "processes that outlived the site"
    assert site.processes() == []
    kills = sum(killer.struck.values())
    assert kills >= (100 if full else 5), killer.struck
    if full:
        assert max(quiet) <= IDLE_SECONDS, quiet
    tell(record, killer, clients, quiet, played)


def check(site: Site, family: Family, clients: dict, played: int, photos: int) -> None:
    assert family.orphans() == []
    found = rounds.counts(site)
    total = played * photos
    assert found["jobs"] == {"done": found["jobs"]["done"]}, found["troubles"]
    for what in ("photos", "files", "sightings", "occurrences", "verified", "opinions", "suggestions"):
        assert found[what] == total, (what, found)
    assert found["drafts"] == found["without a suggestion"] == found["unfinished runs"] == 0, found
    assert found["datasets"] == [[version, "frozen"] for version in range(1, played + 1)]
    assert found["models"] == list(range(1, played + 1)) and found["runs"] == played
    assert found["live"] == 1
    assert [client.faults for client in clients.values()] == [[], []]
    # What was acknowledged is there, and what was sent twice is there once.
    assert found["uploads"] == clients["upload"].acknowledged
    assert clients["upload"].acknowledged and clients["export"].whole
    assert ledger.is_sound(site)
    site.manage("fsck", "--deep")
    site.manage("fsck", "--mend", "--grace", "0")


def tell(record, killer: Killer, clients: dict, quiet: list[float], played: int) -> None:
    by_what, by_whom = Counter(), Counter()
    for (what, whom), times in killer.struck.items():
        by_what[what] += times
        by_whom[whom] += times
    record(
        "kill -9",
        kills=sum(killer.struck.values()),
        rounds=played,
        during=", ".join(f"{what} {times}" for what, times in sorted(by_what.items())),
        of=", ".join(f"{whom} {times}" for whom, times in sorted(by_whom.items())),
        idle_after_the_last_kill_s="/".join(f"{seconds:.0f}" for seconds in sorted(quiet)),
        uploads_kept=len(clients["upload"].acknowledged),
        downloads_whole=clients["export"].whole,
        requests_asked_again=sum(client.again for client in clients.values()),
    )
