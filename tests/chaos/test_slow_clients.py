"""Many clients of one address that hardly move, at a whole site: everybody else is answered as ever."""

import io
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests
from PIL import Image

from tests.chaos.doors import PASSWORD
from tests.chaos.furnished import furnish
from tests.end_to_end.site import Site
from tests.ml.folder import colour_photo

pytestmark = pytest.mark.long

# Photos that no compression makes shorter than what a kernel holds for a client that does not read.
NOISE = """
import io
import numpy as np
from PIL import Image
from accounts.models import User
from research.actions import datasets
from species import ingest
from species.actions import observations
from species.models import Taxon
from tests.research.building import agree

def noise(seed):
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (1100, 1400, 3), np.uint8)
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()

people = [User.objects.get(email=f"{name}@example.org") for name in ("alice", "bob")]
for number in range(16):
    taxon = Taxon.objects.get(label=["brook_trout", "brown_trout"][number % 2])
    sighting = observations.start(by=people[0])
    ingest.receive(data=noise(number), owner=people[0], observation=sighting)
    observations.publish(observation=sighting, by=people[0])
    agree(sighting, taxon, people)
print(datasets.freeze(title="Noise", by=User.objects.get(role="admin")).pk)
"""
P95 = 1.0  # seconds


@pytest.fixture(scope="module")
def site(tmp_path_factory, migrated):
    site = Site(tmp_path_factory.mktemp("site"), like=migrated, WRITES_PER_STRANGER="1000000/hour")
    try:
        site.start()
        furnish(site)
        yield site
    finally:
        site.close()


def from_address(address: str) -> requests.Session:
    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            super().init_poolmanager(*args, source_address=(address, 0), **kwargs)

    session = requests.Session()
    session.mount("http://", Adapter())
    return session


def slow(port: int, begun: bytes) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(30)
    sock.connect(("127.0.0.1", port))
    sock.sendall(begun)
    return sock


def pings(site: Site, address: str, count: int) -> list[float]:
    """Seconds that each took, every one on a connection of its own, half a second apart."""
    taken = []
    for _ in range(count):
        with from_address(address) as session:
            started = time.monotonic()
            assert session.get(f"{site.url}/ping", timeout=30).text == "pong"
            taken.append(time.monotonic() - started)
        time.sleep(0.5)
    return sorted(taken)


def test_readers_heads_and_bodies_that_hardly_move_keep_nobody_waiting(site, full, record):
    dataset = site.shell(NOISE)
    frozen = f"from research.models import Dataset; print(Dataset.objects.get(pk='{dataset}').state)"
    site.wait(lambda: site.shell(frozen) == "frozen", 120, "the dataset")
    with requests.Session() as alice:
        page = f"{site.url}/accounts/login/"
        alice.get(page, timeout=30)
        said = {"login": "alice@example.org", "password": PASSWORD}
        alice.post(page, said | {"csrfmiddlewaretoken": alice.cookies["csrftoken"]}, timeout=30)
        path = f"/datasets/{dataset}/coco.zip"
        whole = len(alice.get(site.url + path, timeout=60).content)
        cookie = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
    assert whole > 6_000_000, "longer than the kernel keeps for them"
    host = f"Host: 127.0.0.1:{site.port}\r\n"
    kinds = {
        "readers": f"GET {path} HTTP/1.1\r\n{host}Cookie: {cookie}\r\n\r\n".encode(),
        "heads": f"GET /ping HTTP/1.1\r\n{host}X-Slow: ".encode(),
        "bodies": f"POST /api/classify HTTP/1.1\r\n{host}Content-Length: 4000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode(),
    }
    count = 200 if full else 25
    figures = {"of_each": count}
    over = threading.Event()
    with ExitStack() as kept, ThreadPoolExecutor(2) as pool:
        socks = [
            (kept.enter_context(slow(site.port, begun)), kind)
            for kind, begun in kinds.items()
            for _ in range(count)
        ]

        def drip() -> None:
            """A byte now and then; who was cut off comes back."""
            while not over.wait(2):
                for place, (sock, kind) in enumerate(socks):
                    try:
                        sock.recv(1) if kind == "readers" else sock.send(b"x")
                    except OSError:
                        if not over.is_set():
                            socks[place] = kept.enter_context(slow(site.port, kinds[kind])), kind

        dripping = pool.submit(drip)
        try:
            for name, address in (("same_address", "127.0.0.1"), ("another", "127.0.0.2")):
                taken = pings(site, address, 60 if full else 5)
                figures[f"ping_p95_ms_{name}"] = round(taken[int(len(taken) * 0.95)] * 1000)
                if full:
                    assert taken[int(len(taken) * 0.95)] < P95, name
        finally:
            over.set()
        dripping.result(60)
    record("slow readers, heads and bodies", **figures)


def test_large_photos_leave_others_a_place(site, full, record):
    """Twelve anonymous clients, each with 59 megapixels in about a megabyte, without a pause."""
    file = io.BytesIO()
    small = Image.effect_noise((240, 160), 60).convert("RGB")
    small.resize((9400, 6276), Image.Resampling.BICUBIC).save(file, "WEBP", quality=60, method=0)
    large, over, seen = file.getvalue(), threading.Event(), []

    def ask() -> None:
        with requests.Session() as session:
            while not over.is_set():
                answer = session.post(f"{site.url}/api/classify", files={"file": large}, timeout=120)
                seen.append(answer.status_code)
                assert answer.status_code in (200, 503)
                over.wait(float(answer.headers.get("Retry-After", 0)))

    taken, statuses = {}, {}
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(ask) for _ in range(12)]
        try:
            while len(seen) < 3:
                time.sleep(0.1)
            for name, address in (("same_address", "127.0.0.1"), ("another", "127.0.0.2")):
                with from_address(address) as session:
                    for _ in range(20 if full else 4):
                        started = time.monotonic()
                        answer = session.post(
                            f"{site.url}/api/classify",
                            files={"file": colour_photo("brown_trout")},
                            timeout=60,
                        )
                        taken.setdefault(name, []).append(time.monotonic() - started)
                        statuses.setdefault(name, []).append(answer.status_code)
        finally:
            over.set()
        for each in asked:
            each.result(180)
    assert set(statuses["another"]) == {200} and set(statuses["same_address"]) == {200}, statuses
    assert 200 in seen, "theirs are looked at, too"
    record(
        "large photos",
        clients=12,
        answered=seen.count(200),
        refused=seen.count(503),
        **{f"others_slowest_ms_{name}": round(max(each) * 1000) for name, each in taken.items()},
    )
