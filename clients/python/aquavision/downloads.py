"""Files of a site, whole or not at all: a download that broke off goes on where it was, if the site can."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from aquavision.answers import Broken, Refused, read

if TYPE_CHECKING:
    from aquavision.site import Site

PIECE = 1 << 20
# Bytes that are there, and how many there will be; None where the site does not say.
Progress = Callable[[int, "int | None"], None]
Check = Callable[[Path], None]


def quiet(there: int, whole: int | None) -> None:
    """Nobody watches."""


def dataset(site: Site, id: str, format: str, folder: Path, *, progress: Progress = quiet) -> Path:
    """A frozen dataset in a format, or its "manifest", whose hash is computed and compared. See `fetch`."""
    if format == "manifest":
        content_hash = str(site.get(f"datasets/{id}")["content_hash"])
        # Named by its content, so that a file of this name is this one.
        target = folder / f"manifest-{content_hash[:16]}.json"
        return fetch(
            site, f"datasets/{id}/manifest", target, progress=progress, check=_has_hash(content_hash)
        )
    return fetch(
        site,
        f"datasets/{id}/exports/{format}",
        folder,
        progress=progress,
        check=_opens,
        stem=f"{id}-{format}",
    )


def fetch(
    site: Site,
    path: str,
    to: Path,
    *,
    sha256: str = "",
    check: Check | None = None,
    stem: str = "download",
    progress: Progress = quiet,
) -> Path:
    """A file of the site at `to`; where that is a folder, in it, under the name the site gives. The file.

    Until it is whole it lies beside that as `….part`; again, a call goes on from there where the site answers ranges
    and has the same file still, and begins anew where not. Compared are `sha256`, and the digest that the site states
    (Repr-Digest, RFC 9530). Raises Refused, and Unreachable; what is there of it stays for the next call.
    """
    into = to if to.is_dir() else to.parent
    into.mkdir(parents=True, exist_ok=True)
    part = _Part(into / f".{to.name if to != into else stem}.part")

    def once() -> str:
        with site.stream(path, part.asked()) as answer:
            if answer.status_code == 416:
                part.forget()
                raise Broken("The site has another file by now.")
            if answer.status_code not in (200, 206):
                answer.read()
                read(answer)
                raise Broken(f"The answer is {answer.status_code}.")
            part.receive(answer, progress)
            stated = sha256 or _stated(answer)
            name = _name(answer, stem)
        try:
            if stated and part.sha256() != stated:
                raise Broken("What came is not what the site says it sent.")
            (check or _any)(part.path)
        except Broken:
            part.forget()
            raise
        return name

    name = site.patience.insist(once)
    target = to / name if to.is_dir() else to
    os.replace(part.path, target)
    part.forget()
    return target


class _Part:
    """What came of a file, and by which tag the site knows it."""

    def __init__(self, path: Path) -> None:
        self.path, self._tag = path, path.with_name(f"{path.name}.tag")

    def asked(self) -> dict[str, str]:
        """Headers: the rest only, if it is of the same file. Packed on its way, bytes could not be counted."""
        headers = {"Accept-Encoding": "identity"}
        if self._tag.exists() and (there := self._size()):
            headers |= {"Range": f"bytes={there}-", "If-Range": self._tag.read_text(encoding="latin-1")}
        return headers

    def receive(self, answer: httpx.Response, progress: Progress) -> None:
        length = answer.headers.get("content-length", "")
        there = self._size() if answer.status_code == 206 else 0
        if answer.status_code == 206:
            if not answer.headers.get("content-range", "").startswith(f"bytes {there}-"):
                self.forget()
                raise Broken("The site sent another part than the one that was asked for.")
        else:
            self.forget()
            tag = answer.headers.get("etag", "")
            # A weak one says that it means the same, not that it is the same bytes; of what was packed in spite of
            # us, other bytes are counted than lie here.
            if tag.startswith('"') and "content-encoding" not in answer.headers:
                self._tag.write_text(tag, encoding="latin-1")
        whole = there + int(length) if length.isdecimal() else None
        with self.path.open("ab") as out:
            # As they come: in pieces of one size, the last of them would be lost where it breaks off.
            for piece in answer.iter_bytes():
                out.write(piece)
                there += len(piece)
                progress(there, whole)
        # Cut inside the header, an answer is whole but for its length and its body.
        if whole is None and not there:
            raise Broken("Nothing came.")

    def sha256(self) -> str:
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        return digest.hexdigest()

    def forget(self) -> None:
        for each in (self.path, self._tag):
            each.unlink(missing_ok=True)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


def content_hash(manifest: dict[str, Any]) -> str:
    """The sha256 that a dataset is known by: of its manifest without `dataset` (the site's docs/manifest.md)."""
    content = {name: each for name, each in manifest.items() if name != "dataset"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _has_hash(expected: str) -> Check:
    def check(path: Path) -> None:
        try:
            found = content_hash(json.loads(path.read_bytes()))
        except ValueError as error:
            raise Broken("The manifest is no whole JSON.") from error
        if found != expected:
            raise Refused(200, f"This manifest is not {expected[:16]}…, but {found[:16]}….", "another_hash")

    return check


def _opens(path: Path) -> None:
    """The list of what a zip holds stands at its end, so half a zip has none; a picture missing at the site cuts it."""
    try:
        zipfile.ZipFile(path).close()
    except zipfile.BadZipFile as error:
        raise Broken("The archive broke off before its end.") from error


def _any(path: Path) -> None:
    """Whatever came is right."""


def _stated(answer: httpx.Response) -> str:
    """The sha256 of the whole file, in hexadecimal, where the answer says it."""
    found = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", answer.headers.get("repr-digest", ""))
    try:
        return base64.b64decode(found[1]).hex() if found else ""
    except binascii.Error:
        return ""


def _name(answer: httpx.Response, stem: str) -> str:
    found = re.search(r'filename="?([^";]+)', answer.headers.get("content-disposition", ""))
    # A name is no path, whatever the site says.
    name = Path(found[1].replace("\\", "/")).name if found else ""
    return name if name.strip(". ") else stem
