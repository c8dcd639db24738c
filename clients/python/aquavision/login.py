"""Which site, and as whom: the environment's AQUAVISION_URL and AQUAVISION_TOKEN, else what `aquavision login` kept."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from typer import get_app_dir

HERE = ("localhost", "127.0.0.1", "::1")


class NotLoggedIn(Exception):
    """Nobody has said which site."""

    def __init__(self) -> None:
        super().__init__("Which site? Run: aquavision login. Or set AQUAVISION_URL and AQUAVISION_TOKEN.")


@dataclass(frozen=True)
class Login:
    """`url` without a slash at its end; an empty `token` is nobody, who may look."""

    url: str
    token: str = ""

    @property
    def in_the_open(self) -> bool:
        """Whether the token would travel unencrypted beyond this machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in HERE


def address(text: str) -> str:
    """The address of a site as it is kept. Raises ValueError with a sentence."""
    text = text.strip()
    if "://" not in text:
        host = text.partition("/")[0].partition(":")[0]
        text = f"{'http' if host in HERE else 'https'}://{text}"
    text = text.rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("Write the address of the site's home, like https://fish.example.")
    return text.removesuffix("/api/v1")


def secret(text: str) -> str:
    """A token as it is kept. Raises ValueError with a sentence."""
    text = text.strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("A token is one word, like aqua_…: copy it from the site's page You.")
    return text


def file() -> Path:
    """Where a login is kept."""
    return Path(get_app_dir("aquavision")) / "login.json"


def keep(login: Login) -> Path:
    """Keep it for this person of this machine alone; the file."""
    path = file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    # Nobody may read it at any moment, so it is made with its mode.
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(login), out)
    new.replace(path)
    return path


def find() -> Login:
    """Raises NotLoggedIn. A kept token goes to the address that it was kept with, and to no other."""
    kept = _kept()
    url = os.environ.get("AQUAVISION_URL", "")
    url = address(url) if url else kept.url
    if not url:
        raise NotLoggedIn
    token = os.environ.get("AQUAVISION_TOKEN", "") or (kept.token if url == kept.url else "")
    return Login(url, secret(token))


def _kept() -> Login:
    try:
        said = json.loads(file().read_text(encoding="utf-8"))
        return Login(str(said["url"]), str(said["token"]))
    except FileNotFoundError:
        return Login("")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file()} is damaged. Run: aquavision login") from error
