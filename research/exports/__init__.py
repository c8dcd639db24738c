"""Datasets written in formats. Exporters read the manifest and the stored renditions, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from research.exports import coco, csv_zip

Write = Callable[[dict[str, Any]], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    name: str
    title: str
    says: str
    write: Write


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "csv",
            "CSV and images",
            "One row per photo and per organism, with side, licence and credit, and every image.",
            csv_zip.write,
        ),
        Format(
            "coco",
            "COCO and images",
            "annotations.json as pycocotools reads it, whole and one file per side, and every image.",
            coco.write,
        ),
    )
}


def file_name(manifest: dict[str, Any], format: Format) -> str:
    """What the download is called: title, version, the hash's first digits and the format."""
    about = manifest["dataset"]
    plain = "".join(c if c.isalnum() and c.isascii() else " " for c in about["title"])
    words = "-".join(plain.lower().split())
    return f"{words or 'dataset'}-v{about['version']}-{about['content_hash'][:8]}-{format.name}.zip"
