"""A site's API: `get`, `put` and `post` of whatever it has, and what people do most in one call."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from aquavision import downloads, login
from aquavision.answers import Refused, read
from aquavision.asking import Patience

# Seconds: of a photo that is decoded on a busy machine, the answer takes longest.
TIMEOUT = httpx.Timeout(120, connect=20)
# A photo: its path, or its bytes.
Photo = Path | str | bytes


class Site:
    """One site, as one person. Without `url` and `token`: as `aquavision login` or the environment says.

    Everything raises `Refused` where the site says no, and `Unreachable` where no whole answer came. Paths are those
    below `/api/v1/`, or whole addresses that the site gave. `rows` walks a list to its end.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, patience: Patience | None = None
    ) -> None:
        said = login.find() if url is None else login.Login(login.address(url), login.secret(token or ""))
        self.url, self.patience = said.url, patience or Patience()
        # The same file sent by two people is two photos: an id that somebody else has is refused.
        self._ids = uuid5(NAMESPACE_URL, f"{said.url} {hashlib.sha256(said.token.encode()).hexdigest()}")
        headers = {"Authorization": f"Token {said.token}"} if said.token else {}
        self._client = httpx.Client(
            base_url=f"{said.url}/api/v1/", headers=headers | {"Accept": "application/json"}, timeout=TIMEOUT
        )

    def __enter__(self) -> Site:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._ask("GET", path, params=_said(params) or None)

    def put(self, path: str, **fields: Any) -> Any:
        """PUT of JSON. None is sent: it takes a value away."""
        return self._ask("PUT", path, json=fields)

    def post(self, path: str, *, again: bool = False, **fields: Any) -> Any:
        """POST of JSON. `again`: to do it twice is as good as once, so it may be sent anew where no answer came."""
        return self._ask("POST", path, again=again, **({"json": fields} if fields else {}))

    def rows(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page, as they are asked for."""
        page = self.get(path, **params)
        while True:
            yield from page["results"]
            if page["next"] is None:
                return
            # Only where it goes on: its host may be another's, which must not hear the token.
            page = self.get(f"{path}?{httpx.URL(page['next']).query.decode()}")

    def photo_id(self, photo: Photo) -> str:
        """The id under which this account sends these bytes, from whichever machine: so no photo is sent twice."""
        return str(uuid5(self._ids, hashlib.sha256(_bytes(photo)).hexdigest()))

    def find_photo(self, photo: Photo) -> dict[str, Any] | None:
        """What the site has under that id, without sending the photo."""
        try:
            return dict(self.get(f"photos/{self.photo_id(photo)}"))
        except Refused as refused:
            if refused.status != 404:
                raise
        return None

    def upload_photo(
        self,
        photo: Photo,
        *,
        name: str = "photo",
        observation: str | UUID | None = None,
        licence: str | None = None,
        credit: str | None = None,
        consents: Sequence[str] | None = None,
        position: int | None = None,
    ) -> dict[str, Any]:
        """Send a photo; sent again it is the same one. `observation`: a sighting of one's own; without it a draft is
        made, whose id the answer has. `notice` is a sentence where the site had the photo already.
        """
        if consents is not None and not consents:
            raise ValueError("Name at least one consent. Without consents nobody sees a photo.")
        name = photo.name if isinstance(photo, Path) else Path(photo).name if isinstance(photo, str) else name
        data = _bytes(photo)
        fields = _said(
            {
                "observation": str(observation) if observation else None,
                "licence": licence,
                "credit": credit,
                "consents": consents,
                "position": position,
            }
        )
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        said: dict[str, Any] = {"data": fields, "files": {"file": (name, data)}}
        # Other bytes than these are not kept, and are sent again.
        said["headers"] = {"Repr-Digest": f"sha-256=:{digest}:"}
        return dict(self._ask("PUT", f"photos/{self.photo_id(data)}", **said))

    def describe(self, observation: str | UUID, **fields: Any) -> dict[str, Any]:
        """Say when and where a sighting was, or what of it is told: what a PUT of it takes. The sighting."""
        return dict(self.put(f"observations/{observation}", **fields))

    def publish(self, observation: str | UUID) -> dict[str, Any]:
        """Show a draft to others; again is no error. The sighting, with its `occurrences`."""
        return dict(self.post(f"observations/{observation}/publish", again=True))

    def identify(self, occurrence: str | UUID, taxon: str, **said: Any) -> dict[str, Any]:
        """Say what an organism is, by the label of a taxon; what the same person said before is taken back."""
        return dict(self.post("identifications", again=True, occurrence=str(occurrence), taxon=taxon, **said))

    def predict(self, photo: Photo, **said: Any) -> dict[str, Any]:
        """What the live model says of a photo, which is forgotten: `taxon` and `predictions`, best first.

        `top_k`, `latitude`, `longitude`, `observed_on`: as the site's docs/api.md has them.
        """
        files = {"file": ("photo", _bytes(photo))}
        return dict(self._ask("POST", "predictions", data=_said(said), files=files))

    def download(self, path: str, to: Path | str, **how: Any) -> Path:
        """A file of the site: see `downloads.fetch`."""
        return downloads.fetch(self, path, Path(to), **how)

    def download_dataset(
        self, dataset: str | UUID, format: str = "csv", to: Path | str = ".", **how: Any
    ) -> Path:
        """A frozen dataset as "csv", "coco" or "manifest", into the folder `to`: the file. See `downloads`."""
        return downloads.dataset(self, str(dataset), format, Path(to), **how)

    def stream(self, path: str, headers: dict[str, str]) -> AbstractContextManager[httpx.Response]:
        """An answer before its body came, asked for once."""
        return self._client.stream("GET", self._own(path), headers=headers)

    def page(self, observation: str | UUID) -> str:
        """Where people look at a sighting."""
        return f"{self.url}/sightings/{observation}"

    def _ask(self, method: str, path: str, *, again: bool = True, **parts: Any) -> Any:
        address = self._own(path)

        def once() -> Any:
            return read(self._client.request(method, address, **parts))

        return self.patience.insist(once, again=again)

    def _own(self, path: str) -> str:
        if "://" in path.partition("?")[0] and not path.startswith(f"{self.url}/"):
            raise ValueError(f"{path} is not of {self.url}, and would hear its token.")
        return path


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in fields.items() if each is not None}


def _bytes(photo: Photo) -> bytes:
    return photo if isinstance(photo, bytes) else Path(photo).read_bytes()
