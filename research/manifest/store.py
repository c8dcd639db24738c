"""Manifests in the default storage: written once, and read only if they are what was frozen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from jobs.outcomes import Permanent
from research.manifest import citation
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
    return hashlib.sha256(canonical(content)).hexdigest()


def about(dataset: Dataset, digest: str) -> dict[str, Any]:
    """The part outside the hash: what this copy of the content is called, and how to cite it."""
    named = reference(dataset, digest)
    return {
        "id": str(dataset.pk),
        "title": dataset.title,
        "version": dataset.version,
        "note": dataset.note,
        "author": named["author"],
        "date": dataset.created.astimezone(UTC).date().isoformat(),
        "content_hash": digest,
        "citation": citation.citation(**named),
    }


def reference(dataset: Dataset, digest: str) -> dict[str, Any]:
    """What a citation is made of."""
    return {
        "author": str(dataset.created_by),
        "year": dataset.created.astimezone(UTC).year,
        "title": dataset.title,
        "version": dataset.version,
        "digest": digest,
    }


def write(dataset: Dataset, content: dict[str, Any]) -> str:
    """Store the manifest of a dataset; its hash."""
    digest = content_hash(content)
    whole = content | {"dataset": about(dataset, digest)}
    data = json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode()
    default_storage.save(dataset.manifest_name_of(digest), ContentFile(data))
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
