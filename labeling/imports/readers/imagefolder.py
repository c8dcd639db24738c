"""A Hugging Face imagefolder: `metadata.jsonl` in the folder or in one for each side, a line per photo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labeling.imports.collection import BadLine, Row, Unreadable
from labeling.imports.readers.labelled import Organism, fractions, photo

LINES = "metadata.jsonl"


def tables(folder: Path) -> list[Path]:
    """Its metadata files; empty: it is no imagefolder."""
    return sorted(path for path in (folder / LINES, *folder.glob(f"*/{LINES}")) if path.is_file())


def rows(folder: Path) -> Iterator[Row]:
    """Raises Unreadable, at whichever file that shows."""
    for path in tables(folder):
        below = path.parent.relative_to(folder)
        try:
            with path.open(encoding="utf-8-sig") as file:
                for number, text in enumerate(file, start=1):
                    if text.strip():
                        yield _row(folder, below, (below / f"{LINES} line {number}").as_posix(), text)
        except OSError as error:
            raise Unreadable(f"{LINES} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise Unreadable(f"{LINES} is not written in UTF-8.") from error


def _row(folder: Path, below: Path, where: str, text: str) -> Row:
    try:
        said = json.loads(text)
        if not isinstance(said, dict) or not isinstance(said.get("file_name"), str):
            raise BadLine("Names no file_name.")
        return where, photo(
            folder.resolve(),
            where,
            (below / said["file_name"]).as_posix(),
            _organisms(said),
            group=str(said.get("observation_id") or ""),
            licence=str(said.get("licence") or said.get("license") or ""),
        )
    except (ValueError, RecursionError):
        return where, BadLine("Is no line of JSON.")
    except BadLine as problem:
        return where, problem


def _organisms(said: dict[str, Any]) -> list[Organism]:
    """`label` where a photo shows one kind; `objects` has a box for each organism, `boxed` whether anybody drew it."""
    label = said.get("label") or said.get("text") or ""
    objects = said.get("objects") or {}
    boxes = objects.get("bbox", []) if isinstance(objects, dict) else []
    drawn = objects.get("boxed", [True] * len(boxes)) if boxes else []
    if not isinstance(label, str) or not isinstance(boxes, list) or not isinstance(drawn, list):
        raise BadLine("Says its label or its boxes otherwise than an imagefolder does.")
    if len(boxes) != 1 or drawn != [True] or not label:
        return [Organism(label)] * max(1, len(boxes)) if label or len(boxes) > 1 else []
    if "width" not in said or "height" not in said:
        raise BadLine("Has a box in pixels, and does not say how many the photo has.")
    return [Organism(label, fractions(boxes[0], said["width"], said["height"]))]
