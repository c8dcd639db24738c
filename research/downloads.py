"""What a person gets who asks for a dataset's files: a stream, or the reason why not."""

import base64
import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from research.exports import Format, file_name
from research.exports.archive import Damaged
from research.exports.readme import whole
from research.manifest import store
from research.manifest.changes import changes
from research.models import Dataset
from research.queries import fates

# Bytes of an archive whose sha256 is said unasked. Of a larger one every photo would be read before the first byte is
# sent: whoever wants that asks for it (`Want-Repr-Digest`).
HASHED = 64 * 1024 * 1024


@dataclass
class NotAvailable(Exception):
    """`status` is the HTTP status, `why` a sentence."""

    status: int
    why: str

    def __str__(self) -> str:
        return self.why


def manifest_file(dataset: Dataset) -> HttpResponse:
    """The manifest as JSON. Raises NotAvailable."""
    data = whole(_read(dataset))
    response = HttpResponse(data, content_type="application/json")
    response["Repr-Digest"] = digest([data])
    return response


def export(request: HttpRequest, dataset: Dataset, format: Format, pictures: bool = True) -> HttpResponseBase:
    """The archive, made while it is sent; `pictures`: with the photos in it. Raises NotAvailable.

    A part that `Range` asks for is made alone, so that a download that broke off goes on where it was (RFC 9110, 14).
    """
    content = _read(dataset)
    archive = format.archive(content, pictures)
    # The dataset, for whoever keeps a copy, and these very bytes of it.
    tag = f'"{dataset.content_hash}-{archive.tag}"'
    try:
        part = asked(request, archive.size, tag)
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{archive.size}"})
    first, last = part or (0, archive.size - 1)
    response = StreamingHttpResponse(archive.read(first, last), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file_name(content, format, pictures)}"'
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = last - first + 1
    wanted = "sha-256" in request.headers.get("Want-Repr-Digest", "")
    if wanted or (part is None and archive.size <= HASHED):
        # What is damaged breaks off where it is, as it does without this.
        with suppress(Damaged):
            response["Repr-Digest"] = digest(archive.read())
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{archive.size}"
    return response


def digest(pieces: Iterable[bytes]) -> str:
    """The sha256 of a whole file, as the header has it (RFC 9530)."""
    said = hashlib.sha256()
    for piece in pieces:
        said.update(piece)
    return f"sha-256=:{base64.b64encode(said.digest()).decode()}:"


def changed(dataset: Dataset, since: Dataset) -> dict[str, Any]:
    """What changed from `since` to `dataset`: see `research.manifest.changes`. Raises NotAvailable."""
    return changes(_read(since), _read(dataset), fates=fates.fates, accepted=fates.accepted)


RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)


def asked(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """First and last byte of the one part that is asked for; None for the whole, also where several are asked for, or
    one of another content. Raises ValueError for a part that is not there.
    """
    said = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or said is None or request.headers.get("If-Range", tag) != tag:
        return None
    begins, ends, tail = (None if each is None else int(each) for each in said.groups())
    if begins is None:
        first, last = max(0, size - (tail or 0)), size - 1
    else:
        first, last = begins, size - 1 if ends is None else min(ends, size - 1)
        if ends is not None and ends < begins:
            return None
    if first > last:
        raise ValueError("There is no such part.")
    return first, last


def _read(dataset: Dataset) -> dict:
    if dataset.state == Dataset.State.RETIRED:
        raise NotAvailable(410, f"{dataset} was taken back: {dataset.retired_reason}")
    if dataset.state != Dataset.State.FROZEN:
        raise NotAvailable(409, f"{dataset} is not frozen, so there is nothing to download.")
    try:
        return store.read(dataset)
    except store.Unreadable as error:
        raise NotAvailable(503, str(error)) from error
