"""Every way a photo comes into a site, as a client sees it: a file in, an answer out."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from species import ingest
from tests.universe import photo_bytes

PASSWORD = "a trout in the reeds"
TIMEOUT = 60
KEPT = "1 photo here, as drafts that only you see."
TAGS = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.S)


class Doors:
    """One visitor and one person who is signed in, at one site. `post[name](data)` is an answer."""

    def __init__(self, url: str, email: str):
        self.url = url
        self.visitor, self.person = requests.Session(), requests.Session()
        self._sign_in(email)
        self.by_name: dict[str, Callable[[bytes], requests.Response]] = {
            "/api/predict": lambda data: self._ask("/api/predict", "image", data),
            "/api/classify": lambda data: self._ask("/api/classify", "file", data),
            "/api/predict_image": lambda data: self._ask("/api/predict_image", "file", data),
            "/api/v1/predictions": lambda data: self._ask("/api/v1/predictions", "file", data),
            "home": self._home,
            "upload form": self._upload,
            "upload page": lambda data: self._send(f"/upload/photos/{uuid.uuid4()}", "file", data),
            "API": self._put,
        }

    # Those that keep what they take.
    KEEPING = ("upload form", "upload page", "API")

    def _sign_in(self, email: str) -> None:
        address = f"{self.url}/accounts/login/"
        self.person.get(address, timeout=TIMEOUT)
        said = {
            "login": email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.person.cookies["csrftoken"],
        }
        answer = self.person.post(address, said, timeout=TIMEOUT, allow_redirects=False)
        assert answer.status_code == 302, answer.text[:500]
        self.visitor.get(f"{self.url}/", timeout=TIMEOUT)

    def _ask(self, path: str, part: str, data: bytes) -> requests.Response:
        return self.visitor.post(
            self.url + path, files={part: ("IMG_1.JPG", data, "image/jpg")}, timeout=TIMEOUT
        )

    def _home(self, data: bytes) -> requests.Response:
        return self._form(self.visitor, "/", "file", data)

    def _upload(self, data: bytes) -> requests.Response:
        """What becomes of a form is said by the page that it leads to."""
        answer = self._send("/upload", "photos", data)
        if answer.is_redirect:
            return self.person.get(self.url + answer.headers["Location"], timeout=TIMEOUT)
        return answer

    def _send(self, path: str, part: str, data: bytes) -> requests.Response:
        return self._form(self.person, path, part, data)

    def _form(self, who: requests.Session, path: str, part: str, data: bytes) -> requests.Response:
        return who.post(
            self.url + path,
            {"csrfmiddlewaretoken": who.cookies["csrftoken"]},
            files={part: ("IMG_1.JPG", data, "image/jpeg")},
            timeout=TIMEOUT,
            allow_redirects=False,
        )

    def _put(self, data: bytes) -> requests.Response:
        return self.person.put(
            f"{self.url}/api/v1/photos/{uuid.uuid4()}",
            files={"file": ("IMG_1.JPG", data, "image/jpeg")},
            headers={"X-CSRFToken": self.person.cookies["csrftoken"]},
            timeout=TIMEOUT,
        )


def good_photo(seed: object) -> bytes:
    return photo_bytes(f"good {seed}", size=(1600, 1200))


def kept(answer: requests.Response) -> bool:
    """Whether the photo was taken. The page after a form is a 200 whatever it says."""
    if answer.status_code == 200 and urlsplit(answer.url).path == "/upload":
        return any(sentence in words(answer) for sentence in (KEPT, ingest.KNOWN))
    return answer.status_code in (200, 201)


def words(answer: requests.Response) -> str:
    """What a person reads of it: the page without its tags, or the strings in the JSON."""
    if answer.headers["Content-Type"].startswith("application/json"):
        return str(answer.json())
    return " ".join(TAGS.sub(" ", answer.text).split())
