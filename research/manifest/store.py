"""Manifests in the default storage: written once, and read only if they are what was frozen."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.urls import reverse

from jobs.outcomes import Permanent
from look.site import site
from research.manifest import citation
from research.manifest.spool import Rows
from research.models import Dataset


class Unreadable(Permanent):
    """The stored manifest is gone, or is not the one that was frozen."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: UTF-8 JSON, sorted keys, no spaces, without `dataset`."""
    hashed = {key: value for key, value in content.items() if key != "dataset"}
    return json.dumps(
        hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def content_hash(content: Mapping[str, Any]) -> str:
    """Of the bytes of `canonical`, which are not all made at once."""
    digest = hashlib.sha256()
    hashed = {key: value for key, value in content.items() if key != "dataset"}
    for piece in _pieces(hashed, indent=None, separators=(",", ":")):
        digest.update(piece.encode())
    return digest.hexdigest()


def _pieces(content: Mapping[str, Any], *, indent: int | None, separators: tuple[str, str]) -> Iterator[str]:
    """What `json.dumps` makes of it, with sorted keys, an entry of a long list at a time."""
    encoder = json.JSONEncoder(
        sort_keys=True, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
    )
    lines = [f"\n{' ' * depth}" if indent else "" for depth in range(3)]
    yield "{"
    for number, (key, value) in enumerate(sorted(content.items())):
        yield f"{',' if number else ''}{lines[1]}{json.dumps(key, ensure_ascii=False)}{separators[1]}"
        if not isinstance(value, list | Rows) or not len(value):
            yield encoder.encode(list(value) if isinstance(value, Rows) else value).replace("\n", lines[1])
            continue
        for at, entry in enumerate(value):
            yield f"{',' if at else '['}{lines[2]}{encoder.encode(entry).replace(chr(10), lines[2])}"
        yield f"{lines[1]}]"
    yield f"{lines[0]}}}"


def about(dataset: Dataset, digest: str) -> dict[str, Any]:
    """The part outside the hash: what this copy of the content is called, and how to cite it."""
    named = reference(dataset, digest)
    return {
        "id": str(dataset.pk),
        "title": dataset.title,
        "version": dataset.version,
        "note": dataset.note,
        "author": named["author"],
        "publisher": site()["title"],
        "date": dataset.created.astimezone(UTC).date().isoformat(),
        "content_hash": digest,
        "address": f"{settings.PUBLIC_URL}{reverse('dataset', args=[dataset.pk])}"
        if settings.PUBLIC_URL
        else "",
        "citation": citation.citation(**named),
    }


def reference(dataset: Dataset, digest: str) -> dict[str, Any]:
    """What a citation is made of."""
    return {
        "author": str(dataset.created_by),
        "year": dataset.created.astimezone(UTC).year,
        "title": dataset.title,
        "version": dataset.version,
        "query": dataset.query,
        "digest": digest,
    }


def write(dataset: Dataset, content: dict[str, Any]) -> str:
    """Store the manifest of a dataset; its hash. Lists may be `spool.Rows`."""
    digest = content_hash(content)
    whole = content | {"dataset": about(dataset, digest)}
    with tempfile.TemporaryFile() as file:
        for piece in _pieces(whole, indent=1, separators=(",", ": ")):
            file.write(piece.encode())
        file.seek(0)
        default_storage.save(dataset.manifest_name_of(digest), File(file))
    return digest


def read(dataset: Dataset) -> dict[str, Any]:
    """A frozen dataset's manifest. Raises Unreadable unless it is there and is what the row's hash names."""
    try:
        with default_storage.open(dataset.manifest_name) as file:
            content = json.load(file)
    except (OSError, ValueError, SuspiciousFileOperation) as error:
        raise Unreadable(f"The manifest of {dataset} cannot be read.") from error
    if not isinstance(content, dict) or content_hash(content) != dataset.content_hash:
        raise Unreadable(f"The manifest of {dataset} is not the one that was frozen.")
    return content
