"""What `ingest.py` and `serving.py` share: photos as a phone takes them, a load generator, where results go."""

from __future__ import annotations

import io
import json
import os
import random
import socket
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Before this folder, in which a module is called drawings too.
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

import drawings  # noqa: E402

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
TWELVE_MEGAPIXELS = (4032, 3024)
BOUNDARY = b"----------------------------a1b2c3d4e5f6"


def photos(count: int, seed: int = 12) -> list[bytes]:
    """Drawings of twelve megapixels, every second one stored turned, with a sensor's noise: 3 to 5 MB each."""
    rng = np.random.default_rng(seed)
    made = []
    for number, drawing in enumerate(
        drawings.fresh(photos=count, seed=seed, rotated=0.5, size=TWELVE_MEGAPIXELS)
    ):
        image = Image.open(io.BytesIO(drawing.data))
        pixels = np.asarray(image).astype(np.int16)
        pixels += np.rint(rng.normal(0, 6, (*pixels.shape[:2], 1))).astype(np.int16)
        out = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
            out, "JPEG", quality=90, exif=image.info["exif"]
        )
        made.append(out.getvalue())
        print(f"\rdrawing photos: {number + 1} of {count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return made


def sizes(data: Sequence[bytes]) -> str:
    lengths = [len(each) / 1e6 for each in data]
    return f"{len(lengths)} JPEGs of 4032 × 3024 px, {min(lengths):.1f} to {max(lengths):.1f} MB"


@dataclass(frozen=True)
class Answered:
    """One request: seconds from when it was due to its last byte, and what came."""

    seconds: float
    status: int  # 0: no answer
    retry_after: str | None
    body: bytes


def upload(photo: bytes, path: str, connection: str = "keep-alive") -> bytes:
    """The bytes of a whole request, made beforehand so that sending is all that is left to do."""
    part = b'Content-Disposition: form-data; name="image"; filename="IMG_1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = b"--" + BOUNDARY + b"\r\n" + part + photo + b"\r\n--" + BOUNDARY + b"--\r\n"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {connection}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """Sends one request after the other, on one connection for as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sock: socket.socket | None = None

    def send(self, request: bytes, due: float | None = None) -> Answered:
        started = time.perf_counter() if due is None else due
        try:
            if self._sock is None:
                self._sock = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._sock.sendall(request)
            with HTTPResponse(self._sock, method="POST") as response:
                response.begin()
                status, again, body = response.status, response.headers["Retry-After"], response.read()
                over = response.will_close
        except (OSError, HTTPException):
            status, again, body, over = 0, None, b"", True
        if over:
            self.hang_up()
        return Answered(time.perf_counter() - started, status, again, body)

    def hang_up(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def closed_loop(
    port: int, requests: Sequence[bytes], count: int, clients: int
) -> tuple[float, list[Answered]]:
    """`count` requests from so many clients, each of whom sends the next when the last is answered; seconds."""
    left = iter(range(count))
    answered: list[Answered] = []
    lock = threading.Lock()

    def work() -> None:
        client = Client(port)
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return client.hang_up()
            answered.append(client.send(requests[number % len(requests)]))

    started = time.perf_counter()
    _together([threading.Thread(target=work) for _ in range(clients)])
    return time.perf_counter() - started, answered


def open_loop(
    port: int, requests: Sequence[bytes], rate: float, seconds: float, seed: int = 1
) -> list[Answered]:
    """Requests that come at random times, `rate` a second on average, whether or not others were answered."""
    chance = random.Random(seed)
    answered: list[Answered] = []
    threads: list[threading.Thread] = []
    start = due = time.perf_counter()

    def one(number: int, due: float) -> None:
        client = Client(port)
        answered.append(client.send(requests[number % len(requests)], due))
        client.hang_up()

    while due - start < seconds:
        time.sleep(max(0.0, due - time.perf_counter()))
        threads.append(threading.Thread(target=one, args=(len(threads), due)))
        threads[-1].start()
        due += chance.expovariate(rate)
    for thread in threads:
        thread.join()
    return answered


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def load() -> str:
    """How busy the machine is, to judge a figure by."""
    return f"{os.getloadavg()[0]:.1f}"


def record(name: str, text: str) -> None:
    """Put `text` between the marks of `name` in RESULTS.md."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    old = RESULTS.read_text(encoding="utf-8")
    before, rest = old.split(start)
    RESULTS.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def as_json(answer: Answered) -> dict:
    return json.loads(answer.body)
