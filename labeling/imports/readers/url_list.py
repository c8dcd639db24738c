"""A list of addresses per class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labeling.imports.collection import BadLine, IncomingPhoto, IncomingSighting, Row, Unreadable
from labeling.imports.readers.lines import csv_lines

LISTS = (".txt", ".csv")


def listed(path: Path) -> Iterator[Row]:
    """One sighting per address; its class is the name of the file."""
    for number, cells in csv_lines(path):
        where = f"{path.name} line {number}"
        if isinstance(cells, BadLine):
            yield where, cells
            continue
        url = cells[0].strip() if cells else ""
        if url and not url.startswith("#") and url.lower() != "url":
            photo = IncomingPhoto(where, url, url=url)
            yield where, IncomingSighting(url, path.stem, photos=[photo])


def is_list(path: Path) -> bool:
    """Whether the first line that says anything is an address: a README is no list."""
    try:
        lines = csv_lines(path)
        words = (
            cells[0].strip().lower() for _, cells in lines if not isinstance(cells, BadLine) and any(cells)
        )
        first = next((word for word in words if word and word != "url" and not word.startswith("#")), "")
    except Unreadable:
        return False
    return first.startswith(("http://", "https://"))
