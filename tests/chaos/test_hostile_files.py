"""Files made to break decoders, through every door of a real site: each is refused in words or safely taken,
and nobody else notices.
"""

import functools
import hashlib
import html
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from species import fetching
from species.images.decode import SIZES
from species.images.decoder import Decoder
from species.images.refusals import MESSAGES, ImageRefused
from species.images.sniff import sniff
from tests.chaos.doors import Doors, good_photo, kept, words
from tests.chaos.furnished import furnish
from tests.end_to_end.site import Site
from tests.species.images import hostile
from tests.species.images.hostile import HARMLESS

pytestmark = [pytest.mark.once, pytest.mark.long]

AT_ONCE = 2.0  # seconds until the next good photo is answered; a decoding child starts in a tenth of one
LONGEST = 15.0  # seconds of any refusal: the work that 60 million pixels are worth, and the way there
MOST_MEMORY = 1_000_000  # kB of a web or worker process at its largest
ROWS = """
import json
from species.models import Observation, Photo

print(json.dumps({
    "photos": [[str(pk), sha256] for pk, sha256 in Photo.objects.values_list("pk", "sha256")],
    "observations": Observation.objects.count(),
    "without_photo": Observation.objects.filter(photos=None).count(),
}))
"""
IMPORT = """
from accounts.models import User
from jobs.actions import enqueue

admin = User.objects.get(role="admin")
job = enqueue(kind="import", by=admin, arguments={{
    "path": {path!r}, "source": "A stranger", "by": str(admin.pk), "license": "CC0-1.0", "consents": ["show"],
}})
print(job.pk)
"""
JOB = """
import json
from jobs.models import Job

job = Job.objects.get(pk="{}")
print(json.dumps([job.state, job.message, job.error]))
"""


class Shelf:
    """Hands out files under addresses, as any other site would."""

    def __init__(self) -> None:
        shelf = self
        self.files: dict[str, bytes] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                data = shelf.files[self.path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lend(self, data: bytes) -> str:
        path = f"/{hashlib.sha256(data).hexdigest()}.jpg"
        self.files[path] = data
        return f"http://{self.host}{path}"


@pytest.fixture(scope="module")
def shelf():
    shelf = Shelf()
    yield shelf
    shelf.server.shutdown()


@pytest.fixture(scope="module")
def site(tmp_path_factory, shelf, migrated):
    """What uploads are spooled to is a folder of its own, so that what stays in it is seen."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "tmp").mkdir()
    site = Site(
        folder,
        like=migrated,
        DRAWINGS="0",
        TMPDIR=str(folder / "tmp"),
        URL_FETCH_ALLOW=shelf.host,
        WRITES_PER_PERSON="1000000/hour",
    )
    try:
        furnish(site.start())
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def doors(site, shelf):
    doors = Doors(site.url, "alice@example.org")
    for path in ("/api/classify", "/api/predict_url", "/"):
        doors.by_name[f"{path}?url="] = functools.partial(follow, doors, path, shelf)
    for send in doors.by_name.values():
        assert kept(send(good_photo("first"))), "the door works at all"
    return doors


def follow(doors: Doors, path: str, shelf: Shelf, data: bytes) -> requests.Response:
    return doors.visitor.get(doors.url + path, params={"url": shelf.lend(data)}, timeout=60)


class Watch:
    """What has to be as it was once everything is over, but for what was taken."""

    def __init__(self, site: Site):
        self.site = site
        self.before = self._processes()
        self.rows = json.loads(site.shell(ROWS))
        self.files, self.spooled = set(self._files()), self._spooled()

    def _processes(self) -> dict[int, bytes]:
        """All but the decoding children, which come and go."""
        found = {pid: command(pid) for pid in self.site.processes()}
        return {pid: what for pid, what in found.items() if what and b"decoding_child" not in what}

    def _spooled(self) -> set[Path]:
        return set((self.site.var.parent / "tmp").rglob("*"))

    def _files(self) -> list[str]:
        store = self.site.var / "files"
        return sorted(path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file())

    def check(self, taken: set[str]) -> dict[str, int]:
        """That the photos of these sha256 are here, whole, and nothing else; the most memory used, in kB."""
        assert self._processes() == self.before, self.site.out[-4000:]
        children = [pid for pid in self.site.processes() if b"decoding_child" in command(pid)]
        assert len(children) <= len(self.before)
        assert self._spooled() <= self.spooled
        rows = json.loads(self.site.shell(ROWS))
        assert rows["without_photo"] == 0
        new = [row for row in rows["photos"] if row not in self.rows["photos"]]
        assert {sha256 for _, sha256 in new} == taken
        expected = {f"renditions/{id[:2]}/{id}/{size}.jpg" for id, _ in new for size in SIZES}
        files = {name for name in self._files() if not name.startswith("held/")} - self.files
        originals = {name for name in files if name.startswith("originals/")}
        assert {name.rsplit("/", 1)[-1] for name in originals} <= taken
        assert len(files - originals) == len(expected) == len(SIZES) * len(new), files - originals
        self.site.manage("fsck")
        most = {pid: peak(pid) for pid in self.before}
        assert max(most.values()) < MOST_MEMORY, most
        return most


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def peak(pid: int) -> int:
    """The most memory a process has used, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


TIFF = "This is a TIFF or a camera's raw file. Save it as a JPEG and send that."


def judged(answer: requests.Response, name: str, door: str) -> bool:
    """Whether a file was taken. Asserts that it was, or was refused in a sentence that we wrote."""
    if kept(answer):
        return True
    if door != "upload form" or answer.status_code != 200:
        assert 400 <= answer.status_code < 500, (name, door, answer.status_code, answer.text[:500])
    said = html.unescape(words(answer))
    sentences = (*MESSAGES.values(), TIFF, fetching.MESSAGES["too_large"])
    assert any(sentence in said for sentence in sentences), (name, door, said[-500:])
    return False


def through(doors: Doors, files: dict[str, bytes], plan: list[tuple[str, str]]) -> tuple[set[str], dict]:
    """Every (file, door) of the plan, and a good photo after each: sha256 of what was kept, and seconds."""
    taken: set[str] = set()
    slowest = {"answer": (0.0, ""), "next": (0.0, "")}
    verdicts: dict[str, set[bool]] = {}
    for number, (name, door) in enumerate(plan):
        started = time.monotonic()
        answer = doors.by_name[door](files[name])
        between = time.monotonic()
        if judged(answer, name, door):
            verdicts.setdefault(name, set()).add(True)
            if door in doors.KEEPING:
                taken.add(hashlib.sha256(files[name]).hexdigest())
        else:
            verdicts.setdefault(name, set()).add(False)
        again = doors.by_name["/api/predict"](good_photo(number % 7))
        assert again.status_code == 200, (name, door, again.text)
        after = time.monotonic()
        for what, seconds in (("answer", between - started), ("next", after - between)):
            slowest[what] = max(slowest[what], (seconds, f"{name} through {door}"))
    # A file is what it is, whichever way it comes, unless it is about as much work as is granted.
    assert {name for name, said in verdicts.items() if len(said) > 1} <= hostile.SLOW
    return taken, slowest


def figures(slowest: dict) -> dict[str, str]:
    return {
        f"slowest {what}": f"{1000 * seconds:.0f} ms ({where})" for what, (seconds, where) in slowest.items()
    }


def test_every_hostile_sample_through_every_door(site, doors, sample_data, full, record):
    files = hostile.samples(sample_data)
    names, ways = sorted(files), list(doors.by_name)
    if full:
        plan = [(name, door) for name in names for door in ways]
    else:
        # Each through one door, and one of each kind through all.
        kinds = sorted({kind(files[name]): name for name in names}.values())
        plan = [(name, ways[number % len(ways)]) for number, name in enumerate(names)]
        plan += [(name, door) for name in kinds for door in ways]
    watch = Watch(site)
    taken, slowest = through(doors, files, plan)
    harmless = {hashlib.sha256(files[name]).hexdigest() for name in HARMLESS}
    assert taken == harmless if full else taken <= harmless
    most = watch.check(taken)
    record("hostile samples", requests=len(plan), **figures(slowest), most_memory_kb=max(most.values()))
    if full:
        assert slowest["answer"][0] < AT_ONCE and slowest["next"][0] < AT_ONCE, slowest


def kind(data: bytes) -> str:
    try:
        return sniff(data)
    except ImageRefused as reason:
        return reason.code


def test_files_built_to_be_worse(site, doors, sample_data, full, record):
    files = hostile.boxes_that_lie(sample_data)
    files |= {name: make() for name, make in hostile.CRAFTED.items() if full or name not in hostile.SLOW}
    ways = list(doors.by_name)
    plan = [(name, ways[number % len(ways)]) for number, name in enumerate(sorted(files))]
    if full:
        # Megabytes that take seconds: through one door of each sort.
        few = ("/api/predict", "home", "API", "/api/classify?url=")
        plan = [(name, door) for name in sorted(files) for door in (few if name in hostile.SLOW else ways)]
    watch = Watch(site)
    taken, slowest = through(doors, files, plan)
    most = watch.check(taken)
    record(
        "files built to be worse", requests=len(plan), **figures(slowest), most_memory_kb=max(most.values())
    )
    if full:
        assert slowest["answer"][0] < LONGEST and slowest["next"][0] < AT_ONCE, slowest


def test_damage_by_dice_through_the_doors(site, doors, sample_data, full, record):
    count = 2000 if full else 60
    seed = 3
    damaged = list(hostile.damaged(hostile.sound(sample_data), count, seed))
    files = {f"{seed}-{number}": data for number, data in enumerate(damaged)}
    ways = list(doors.by_name)
    plan = [(name, ways[number % len(ways)]) for number, name in enumerate(files)]
    watch = Watch(site)
    taken, slowest = through(doors, files, plan)
    watch.check(taken)
    record("files damaged by dice", requests=len(plan), taken=len(taken), **figures(slowest))
    if full:
        assert slowest["answer"][0] < LONGEST and slowest["next"][0] < AT_ONCE, slowest


def test_damage_by_dice_in_the_decoder(sample_data, full, record):
    """Many more than could come through doors: each ends in a photo or a reason, and costs a child at most."""
    decoder = Decoder()
    good, answers, children, slowest = good_photo("control"), Counter(), set(), 0.0
    expected = decoder.prepare(good)
    for data in hostile.damaged(hostile.sound(sample_data), 10_000 if full else 150, seed=11):
        started = time.monotonic()
        try:
            decoder.prepare(data)
            answers["taken"] += 1
        except ImageRefused as reason:
            answers[reason.code] += 1
        slowest = max(slowest, time.monotonic() - started)
        if decoder._child is not None:
            children.add(decoder._child.process.pid)
    assert decoder.prepare(good) == expected
    decoder.close()
    record(
        "files damaged by dice, decoder alone", **answers, children=len(children), slowest_s=round(slowest, 1)
    )
    if full:
        assert slowest < LONGEST


def told(site: Site, job: str) -> list[str]:
    """State, message and error of a job."""
    return json.loads(site.shell(JOB.format(job)))


def test_a_hostile_collection_is_imported_as_far_as_it_holds_photos(
    site, sample_data, tmp_path, full, record
):
    files = hostile.samples(sample_data)
    if full:
        files |= {name: make() for name, make in hostile.CRAFTED.items()}
    for number, (name, data) in enumerate(files.items()):
        folder = tmp_path / "stranger" / ("Salmo trutta" if number % 2 else "Oncorhynchus mykiss")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    good = {f"good {number}.jpg": good_photo(f"imported {number}") for number in range(3)}
    for name, data in good.items():
        (tmp_path / "stranger" / "Salmo trutta" / name).write_bytes(data)
    watch = Watch(site)
    started = time.monotonic()
    job = site.shell(IMPORT.format(path=str(tmp_path / "stranger")))

    site.wait(lambda: told(site, job)[0] in ("done", "failed"), 600, "the import")
    took = time.monotonic() - started
    state, message, error = told(site, job)
    assert (state, error) == ("done", ""), message
    rows = json.loads(site.shell(ROWS))
    sha256s = [sha256 for id, sha256 in rows["photos"] if [id, sha256] not in watch.rows["photos"]]
    expected = {hashlib.sha256(data).hexdigest() for data in good.values()}
    expected |= {hashlib.sha256(files[name]).hexdigest() for name in HARMLESS}
    assert expected <= set(sha256s) if full else expected == set(sha256s)
    assert f"{len(sha256s)} photos new" in message and "rows skipped" in message
    watch.check(set(sha256s))
    record(
        "a hostile collection imported",
        files=len(files) + len(good),
        taken=len(sha256s),
        seconds=round(took, 1),
    )
