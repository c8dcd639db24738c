"""Programs of people that go on whatever becomes of the site: they ask until they are answered."""

import hashlib
import io
import random
import threading
import time
import uuid
import zipfile

import requests

from tests.universe import photo_bytes

FORMATS = ("coco", "csv")
TIMEOUT = 30
PAUSE = 0.5  # seconds
# Bytes and seconds between two reads of a download: slow enough to be cut off in the middle.
PIECE, BREATH = 64 * 1024, 0.02


class Client(threading.Thread):
    """Does `once` until told to end; `busy` while it waits for an answer."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.busy = threading.Event()
        self.faults: list[str] = []
        self.again = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.once()
            except Exception as error:
                self.faults.append(repr(error))
                return
            self._over.wait(PAUSE)

    def end(self) -> None:
        self._over.set()
        self.join(TIMEOUT * 2)
        assert not self.is_alive()

    def insist(self, ask):
        """Until the site answers with something else than "come back": the answer of `ask`."""
        while True:
            self.busy.set()
            try:
                answer = ask()
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                pass
            finally:
                self.busy.clear()
            self.again += 1
            time.sleep(PAUSE)


class Uploader(Client):
    """Sends new photos under ids of its own; `acknowledged` is id to sha256 of what the site said it has."""

    def __init__(self, url: str, token: str, seed: int) -> None:
        super().__init__(url, token)
        self.dice = random.Random(seed)
        self.acknowledged: dict[str, str] = {}

    def once(self) -> None:
        data = photo_bytes(self.dice.random(), (1200, 900))
        name = f"{self.url}/api/v1/photos/{uuid.UUID(int=self.dice.getrandbits(128), version=4)}"
        answer = self.insist(
            lambda: self.session.put(name, files={"file": ("IMG_1.JPG", data, "image/jpeg")}, timeout=TIMEOUT)
        )
        if answer.status_code not in (200, 201):
            raise AssertionError(f"{answer.status_code} {answer.text[:300]}")
        self.acknowledged[name.rpartition("/")[2]] = hashlib.sha256(data).hexdigest()


class Downloader(Client):
    """Takes the newest dataset away in every format, slowly; `whole` counts what came to its end."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.whole = 0

    def once(self) -> None:
        datasets = self.insist(lambda: self.session.get(f"{self.url}/api/v1/datasets", timeout=TIMEOUT))
        frozen = [each for each in datasets.json()["results"] if each["state"] == "frozen"]
        if not frozen:
            return
        format = FORMATS[self.whole % len(FORMATS)]
        address = f"{self.url}/api/v1/datasets/{frozen[-1]['id']}/exports/{format}"
        answer = self.insist(lambda: self._read(address))
        if answer.status_code != 200:
            raise AssertionError(f"{answer.status_code} {answer.text[:300]}")
        with zipfile.ZipFile(io.BytesIO(answer.whole)) as archive:
            assert archive.testzip() is None
        self.whole += 1

    def _read(self, address: str) -> requests.Response:
        answer = self.session.get(address, stream=True, timeout=TIMEOUT)
        pieces = []
        for piece in answer.iter_content(PIECE):
            pieces.append(piece)
            time.sleep(BREATH)
        answer.whole = b"".join(pieces)
        return answer
